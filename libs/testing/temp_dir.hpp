#pragma once
#include <filesystem>
#include <string_view>

namespace isobar::testing {

/// A fresh folder under the system's temporary one, removed with everything in it at the end of its life.
class temp_dir {
 public:
  explicit temp_dir(std::string_view name = "isobar-test");
  ~temp_dir();
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  /// Writes a file of that name and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace isobar::testing
