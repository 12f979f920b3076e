#pragma once
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "feed-ingest/domain/checkpoint.hpp"

namespace isobar::feed_ingest {

/// One symbol's checkpoint on the disk, replaced as a whole.
class checkpoint_file {
 public:
  checkpoint_file(std::filesystem::path path, checkpoint now) : path_(std::move(path)), now_(std::move(now)) {}

  /// Nothing when there is none; an error when it is unreadable or of another run.
  result<std::optional<mark>, checkpoint_errc> load() const;
  /// Remembers a mark; save() writes it.
  void set(const mark& m) {
    now_.at = m;
    dirty_ = true;
  }
  /// Writes what is remembered and not yet written, at most once in `every`. True when it wrote.
  bool save(std::chrono::milliseconds every);
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  checkpoint now_;
  std::chrono::steady_clock::time_point saved_{};
  bool dirty_ = false;
};

}  // namespace isobar::feed_ingest
