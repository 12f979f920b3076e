#include "gamma-fuel/actors/given_mark.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/temp_dir.hpp"

namespace isobar::gamma_fuel {
namespace {

TEST(GivenMark, SaysWhatWasWrittenLast) {
  isobar::testing::temp_dir folder;
  const auto file = folder.path() / "given.mark";
  given_mark mark(file);
  EXPECT_FALSE(mark.read());
  given_so_far g;
  for (int i = 1; i <= 3; ++i) {
    g.sequences[1] = static_cast<std::uint64_t>(i);
    g.until[1] = timestamp{i};
    ASSERT_TRUE(mark.write(g));
  }
  EXPECT_EQ(given_mark(file).read(), g);
  mark.remove();
  EXPECT_FALSE(mark.read());
}

TEST(GivenMark, OneThatIsDamagedIsNone) {
  isobar::testing::temp_dir folder;
  const auto file = folder.path() / "given.mark";
  given_mark mark(file);
  ASSERT_TRUE(mark.write({}));
  {
    std::fstream damage(file, std::ios::in | std::ios::out | std::ios::binary);
    damage.seekp(3);
    damage.put('x');
  }
  EXPECT_FALSE(mark.read());
  std::filesystem::resize_file(file, 10);
  EXPECT_FALSE(mark.read());
}

}  // namespace
}  // namespace isobar::gamma_fuel
