#include "testing/temp_dir.hpp"

#include <stdlib.h>

#include <fstream>
#include <string>

#include "core/error.hpp"

namespace isobar::testing {

temp_dir::temp_dir(std::string_view name) {
  std::string pattern = (std::filesystem::temp_directory_path() / (std::string(name) + "-XXXXXX")).string();
  ISOBAR_ASSERT(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

temp_dir::~temp_dir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path temp_dir::write(std::string_view name, std::string_view content) const {
  const std::filesystem::path to = path_ / name;
  std::filesystem::create_directories(to.parent_path());
  std::ofstream(to, std::ios::binary) << content;
  return to;
}

}  // namespace isobar::testing
