#include "gamma-fuel/domain/level_universe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/archive.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + 0.5)); }
const timestamp ten = market::new_york_time(*make_date(2024, 3, 5), seconds(36'000));

class LevelUniverse : public ::testing::Test {
 protected:
  LevelUniverse() {
    profile_.reference = points(5'102);
    walls_ = &profile_.models[0].walls;
  }
  std::vector<market::watched_level> levels() {
    universe_.build(ten, profile_, session_);
    return universe_.last().levels;
  }
  std::vector<std::string> ids() {
    std::vector<std::string> all;
    for (const auto& l : levels()) all.push_back(l.id);
    return all;
  }
  std::optional<price> find(std::string_view id) {
    for (const auto& l : levels()) {
      if (l.id == id) return l.price;
    }
    return std::nullopt;
  }
  void use(const gamma_config& c) { universe_ = level_universe(c); }

  gamma_config config_;
  level_universe universe_{config_};
  session_tracker session_{config_};
  gex_profile profile_;
  walls* walls_;
};

// futures-medium 15.5 in the symbol's own points (E = 5454.2): 5 points of SPY are 50 of ES, a dollar is ten points.
// The corrected set has its rounds by floor, so 5400 is outside (5404.2 .. 5504.2) and 5500 inside.
TEST_F(LevelUniverse, AfterASingleTradeOfTheGoldenCase) {
  session_.trade({.ts_event = ten, .price = points(5'454.25), .size = 1});
  profile_.reference = points(5'454.25);
  ASSERT_TRUE(universe_.add({"hot", points(5'505)}));
  EXPECT_THAT(ids(), ::testing::ElementsAre("ROUND_5410", "ROUND_5420", "ROUND_5430", "ROUND_5440", "ROUND_5450",
                                            "ROUND_5460", "ROUND_5470", "ROUND_5480", "ROUND_5490", "ROUND_5500",
                                            "SESSION_HIGH", "SESSION_LOW", "VWAP", "hot"));
  EXPECT_EQ(find("VWAP"), points(5'454.25));
  EXPECT_EQ(find("hot"), points(5'505));
}

TEST_F(LevelUniverse, WallsWithinReachFlipAnywhereAllOnTheTick) {
  walls_->call_wall = points(5'150.1);
  walls_->put_wall = points(5'040);
  walls_->absolute_max = points(5'052);
  walls_->zero_gamma = points(4'800.125);
  EXPECT_EQ(find("CALL_WALL"), points(5'150));
  EXPECT_FALSE(find("PUT_WALL")) << "62 points away";
  EXPECT_EQ(find("GAMMA_WALL"), points(5'052));
  EXPECT_EQ(find("GAMMA_FLIP"), points(4'800.25));
}

TEST_F(LevelUniverse, ReadsTheChosenModel) {
  profile_.models[1].walls.call_wall = points(5'110);
  EXPECT_FALSE(find("CALL_WALL"));
  config_.radar_model = sign_model::puts_positive;
  use(config_);
  EXPECT_EQ(find("CALL_WALL"), points(5'110));
}

TEST_F(LevelUniverse, StrikesThatHaveOptions) {
  profile_.grid.resize(4);
  for (int i = 0; i < 4; ++i) profile_.grid[static_cast<std::size_t>(i)].strike = points(5'100 + 2.5 * i);
  profile_.grid[0].call_interest = quantity(0);
  profile_.grid[1].put = 1;
  profile_.grid[3].volume_gamma = 1;
  EXPECT_TRUE(find("STRIKE_5100"));
  EXPECT_TRUE(find("STRIKE_5102.5"));
  EXPECT_FALSE(find("STRIKE_5105"));
  EXPECT_TRUE(find("STRIKE_5107.5"));
  EXPECT_TRUE(find("ROUND_5100")) << "one price, two levels";
}

TEST_F(LevelUniverse, IsGivenWhenItChanged) {
  const auto first = universe_.build(ten, profile_, session_);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->effective, ten);
  EXPECT_FALSE(universe_.build(ten + seconds(1), profile_, session_));
  universe_.add({"mine", points(5'101)});
  const auto second = universe_.build(ten + seconds(2), profile_, session_);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->effective, ten + seconds(2));
  EXPECT_TRUE(std::is_sorted(second->levels.begin(), second->levels.end(),
                             [](const auto& a, const auto& b) { return a.id < b.id; }));
}

TEST_F(LevelUniverse, WithoutAMarketThereAreTheUsersAlone) {
  profile_.reference = market::no_price;
  walls_->call_wall = points(5'100);
  universe_.add({"mine", points(1)});
  EXPECT_THAT(ids(), ::testing::ElementsAre("mine"));
}

TEST_F(LevelUniverse, RefusesUserLevelsThatCannotBe) {
  config_.levels.user_levels_max = 2;
  use(config_);
  EXPECT_TRUE(universe_.add({"a", points(1)}));
  EXPECT_FALSE(universe_.add({"a", points(2)}));
  EXPECT_FALSE(universe_.add({"VWAP", points(2)}));
  EXPECT_FALSE(universe_.add({"ROUND_7", points(2)}));
  EXPECT_FALSE(universe_.add({"", points(2)}));
  EXPECT_TRUE(universe_.add({"b", points(2)}));
  EXPECT_FALSE(universe_.add({"c", points(3)}));
  EXPECT_TRUE(universe_.remove("a"));
  EXPECT_FALSE(universe_.remove("a"));
  EXPECT_TRUE(universe_.add({"c", points(3)}));
}

TEST_F(LevelUniverse, DropsTheFarthestAndTheUsersLast) {
  config_.levels.levels_max = 4;
  use(config_);
  universe_.add({"far", points(9'000)});
  EXPECT_THAT(ids(), ::testing::ElementsAre("ROUND_5090", "ROUND_5100", "ROUND_5110", "far"));
}

TEST_F(LevelUniverse, ASetIsInForceFromItsInstantOn) {
  universe_.add({"mine", points(5'101)});
  const auto at_mine = [&](timestamp t) {
    for (const auto& l : universe_.in_force(t).levels)
      if (l.id == "VWAP") return l.price;
    return price(0);
  };
  session_.trade({.ts_event = ten, .price = points(5'101), .size = 1});
  universe_.build(ten + seconds(2), profile_, session_);
  EXPECT_TRUE(universe_.in_force(ten + milliseconds(1'999)).levels.empty());
  EXPECT_EQ(at_mine(ten + seconds(2)), points(5'101));
  session_.trade({.ts_event = ten + seconds(1), .price = points(5'105), .size = 1});
  universe_.build(ten + seconds(3), profile_, session_);
  std::string bytes;
  archive_writer out(bytes);
  out(universe_);
  universe_ = level_universe(config_);
  archive_reader in(bytes);
  in(universe_);
  ASSERT_TRUE(in.finished());
  EXPECT_EQ(at_mine(ten + milliseconds(2'750)), points(5'101)) << "the one made last is not in force yet";
  EXPECT_EQ(at_mine(ten + seconds(3)), points(5'103));
}

TEST_F(LevelUniverse, RoundPricesFromTheMarketOutwards) {
  config_.levels.reach = points(50'000);
  config_.levels.round_step = points(1);
  config_.levels.levels_max = 3;
  use(config_);
  EXPECT_THAT(ids(), ::testing::ElementsAre("ROUND_5101", "ROUND_5102", "ROUND_5103"));
}

TEST_F(LevelUniverse, GoesOnFromACheckpoint) {
  universe_.add({"mine", points(5'101)});
  levels();
  std::string bytes;
  archive_writer out(bytes);
  out(universe_);
  level_universe resumed(config_);
  archive_reader in(bytes);
  in(resumed);
  ASSERT_TRUE(in.finished());
  EXPECT_EQ(resumed.last(), universe_.last());
  EXPECT_FALSE(resumed.build(ten + seconds(1), profile_, session_));
  EXPECT_FALSE(resumed.add({"mine", points(1)}));
}

}  // namespace
}  // namespace isobar::gamma_fuel
