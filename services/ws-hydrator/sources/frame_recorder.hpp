#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace isobar::ws_hydrator {

/// Keeps what a feed sent: one frame a line, appended to `file`. When it passes half of `bytes_max`, it becomes
/// "<file>.1" and what that held is given up, so that the two together stay within the bound. Not thread-safe.
class frame_recorder {
 public:
  frame_recorder(std::filesystem::path file, std::uint64_t bytes_max);
  /// False when the file cannot be written: recording stops, the feed goes on.
  bool append(std::string_view frame);
  bool good() const { return out_.good(); }

 private:
  void open();
  const std::filesystem::path file_;
  const std::uint64_t bytes_max_;
  std::uint64_t size_ = 0;
  std::ofstream out_;
};

}  // namespace isobar::ws_hydrator
