#pragma once
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace isobar::testing {

/// Folder of real market data (ISOBAR_SHARED, default ../shared beside the checkout). Tests that need it call
/// ISOBAR_SKIP_WITHOUT_SHARED first.
inline std::filesystem::path shared_dir() {
  if (const char* set = std::getenv("ISOBAR_SHARED"); set && *set) return set;
  return std::filesystem::path(ISOBAR_SOURCE_DIR).parent_path() / "shared";
}
/// A file or folder of real data, e.g. shared_data("options/spx-eod-2019").
inline std::filesystem::path shared_data(std::string_view relative) { return shared_dir() / "data" / relative; }

}  // namespace isobar::testing

#define ISOBAR_SKIP_WITHOUT_SHARED(relative)                              \
  if (!std::filesystem::exists(::isobar::testing::shared_data(relative))) \
  GTEST_SKIP() << "real data absent: " << ::isobar::testing::shared_data(relative) << " (set ISOBAR_SHARED)"
