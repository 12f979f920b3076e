#pragma once
#include <cstdint>
#include <filesystem>

#include "service/checkpoint_store.hpp"

namespace isobar::service {

/// One worker's checkpoint on disk, two generations: "<stem>.ckpt" and, before it, "<stem>.ckpt.1". Written to a
/// temporary file, synchronised and renamed, so that a reader finds a whole one or none; a digest tells a damaged one.
/// Not thread-safe: the worker owns it.
class checkpoint_file final : public checkpoint_store {
 public:
  /// `folder` must exist.
  checkpoint_file(const std::filesystem::path& folder, std::string_view stem)
      : newest_(folder / (std::string(stem) + ".ckpt")),
        older_(newest_.string() + ".1"),
        next_(newest_.string() + ".new") {}

  std::optional<std::string> write(std::string_view content) const override;
  std::optional<isobar::result<std::string, errc>> read(int generation) const override;
  void remove() const override;
  std::string place(int generation) const override { return path(generation).string(); }
  const std::filesystem::path& path(int generation) const { return generation == 0 ? newest_ : older_; }

 private:
  std::filesystem::path newest_, older_, next_;
};

}  // namespace isobar::service
