#pragma once
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "feed-ingest/domain/checkpoint.hpp"
#include "service/checkpoint_file.hpp"

namespace isobar::feed_ingest {

/// One symbol's checkpoint on the disk: the text of to_text() in a service::checkpoint_file.
class checkpoint_file {
 public:
  enum class saving { nothing, written, failed };

  /// `folder` must exist.
  checkpoint_file(const std::filesystem::path& folder, std::string_view stem, checkpoint now)
      : file_(folder, stem), now_(std::move(now)) {}

  /// The newest that is whole; nothing when there is none. An error when those there are damaged, or of another run.
  result<std::optional<mark>, checkpoint_errc> load() const;
  /// Remembers a mark; save() writes it.
  void set(const mark& m) {
    now_.at = m;
    dirty_ = true;
  }
  /// Writes what is remembered and not yet written, at most once in `every`; what failed is tried again.
  saving save(std::chrono::milliseconds every);
  /// Why the last try failed.
  const std::string& error() const { return error_; }
  const std::filesystem::path& path() const { return file_.path(0); }

 private:
  service::checkpoint_file file_;
  checkpoint now_;
  std::chrono::steady_clock::time_point tried_{};
  std::string error_;
  bool dirty_ = false;
};

}  // namespace isobar::feed_ingest
