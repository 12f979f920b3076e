#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace isobar::service {

/// One worker's checkpoint on disk, two generations: "<stem>.ckpt" and, before it, "<stem>.ckpt.1". Written to a
/// temporary file, synchronised and renamed, so that a reader finds a whole one or none; a digest tells a damaged one.
/// Not thread-safe: the worker owns it.
class checkpoint_file {
 public:
  /// What a stored checkpoint may be refused for.
  enum class errc { unreadable, damaged };

  /// `folder` must exist.
  checkpoint_file(const std::filesystem::path& folder, std::string_view stem)
      : newest_(folder / (std::string(stem) + ".ckpt")),
        older_(newest_.string() + ".1"),
        next_(newest_.string() + ".new") {}

  /// Replaces the newest, which becomes the older. The text says what failed; the generations are then as they were.
  std::optional<std::string> write(std::string_view content) const;
  /// One generation; nothing when there is no file.
  std::optional<isobar::result<std::string, errc>> read(int generation) const;
  /// Forgets both.
  void remove() const;
  const std::filesystem::path& path(int generation) const { return generation == 0 ? newest_ : older_; }

 private:
  std::filesystem::path newest_, older_, next_;
};

}  // namespace isobar::service
