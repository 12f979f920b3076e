#include "gamma-fuel/transport/user_levels.hpp"

#include <gtest/gtest.h>

namespace isobar::gamma_fuel {
namespace {

const price tick(250'000'000);

std::string asked(const std::string& id, std::int64_t at) {
  level::v1::AddUserLevelRequest q;
  q.set_id(id);
  q.set_price_nanos(at);
  const auto level = user_level_of(q, tick);
  return level ? level->id + "@" + std::to_string(level->price.value) : level.error().evidence;
}

TEST(UserLevels, SayWhatIsMeantOrWhichFieldIsWrong) {
  EXPECT_EQ(asked("my-level.1", 4'900'250'000'000), "my-level.1@4900250000000");
  EXPECT_EQ(asked("", 4'900'250'000'000), "USER_4900.25@4900250000000");
  EXPECT_EQ(asked(std::string(33, 'a'), 4'900'000'000'000), "id: longer than 32");
  EXPECT_EQ(asked("a b", 4'900'000'000'000), "id: only letters, digits, '_', '-' and '.' are allowed");
  EXPECT_EQ(asked(std::string("a\0b", 3), 4'900'000'000'000), "id: only letters, digits, '_', '-' and '.' are allowed");
  EXPECT_EQ(asked("a", 4'900'100'000'000), "price_nanos: not a multiple of the price step 0.25");
  EXPECT_EQ(asked("a", 0), "price_nanos: not above 0");
  EXPECT_EQ(asked("a", INT64_MIN), "price_nanos: not above 0");
  EXPECT_EQ(asked("a", INT64_MAX), "price_nanos: above 10000000");
}

TEST(UserLevels, HaveFreeIdsAndRoom) {
  const std::vector<user_level> present{{"mine", price(250'000'000)}};
  const market::level_set_input in_force{{}, {{"VWAP", "VWAP", price(500'000'000)}}};
  EXPECT_TRUE(check_free({"other", tick}, present, in_force, 2));
  EXPECT_EQ(check_free({"mine", tick}, present, in_force, 2).error().code, service::query_errc::already_exists);
  EXPECT_EQ(check_free({"VWAP", tick}, present, in_force, 2).error().code, service::query_errc::already_exists);
  EXPECT_EQ(check_free({"other", tick}, present, in_force, 1).error().code, service::query_errc::resource_exhausted);
}

}  // namespace
}  // namespace isobar::gamma_fuel
