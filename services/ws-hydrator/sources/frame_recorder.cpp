#include "ws-hydrator/sources/frame_recorder.hpp"

#include <algorithm>
#include <string>

namespace isobar::ws_hydrator {

frame_recorder::frame_recorder(std::filesystem::path file, std::uint64_t bytes_max)
    : file_(std::move(file)), bytes_max_(bytes_max) {
  open();
}

void frame_recorder::open() {
  std::error_code absent;
  size_ = std::filesystem::exists(file_, absent) ? std::filesystem::file_size(file_, absent) : 0;
  out_.open(file_, std::ios::binary | std::ios::app);
}

bool frame_recorder::append(std::string_view frame) {
  if (!out_.good()) return false;
  if (size_ != 0 && size_ + frame.size() + 1 > bytes_max_ / 2) {
    out_.close();
    std::error_code failed;
    std::filesystem::rename(file_, file_.string() + ".1", failed);
    if (failed) return false;
    open();
  }
  // A line break in JSON text is white space.
  std::string line(frame);
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  line.push_back('\n');
  out_.write(line.data(), static_cast<std::streamsize>(line.size()));
  out_.flush();
  size_ += line.size();
  return out_.good();
}

}  // namespace isobar::ws_hydrator
