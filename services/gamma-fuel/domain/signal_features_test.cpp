#include "gamma-fuel/domain/signal_features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "gamma-fuel/domain/level_kinds.hpp"

namespace isobar::gamma_fuel {
namespace {

TEST(SignalFeatures, AreNamedOnceTypedAndDefined) {
  const std::set<std::string_view> types{"bool", "int64", "double", "category"};
  std::set<std::string_view> names;
  for (const signal_feature& f : signal_features()) {
    EXPECT_TRUE(names.insert(f.name).second) << f.name;
    EXPECT_TRUE(std::all_of(f.name.begin(), f.name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
    })) << f.name;
    EXPECT_TRUE(types.contains(f.type)) << f.name;
    EXPECT_FALSE(f.field.empty() || f.unit.empty() || f.definition.empty()) << f.name;
    EXPECT_TRUE(f.values.empty() || f.type == "category") << f.name;
  }
  EXPECT_GT(names.size(), 50U);
}

TEST(SignalFeatures, ListEveryKindOfLevel) {
  const auto kinds = std::find_if(signal_features().begin(), signal_features().end(),
                                  [](const signal_feature& f) { return f.name == "level_kind"; });
  std::string listed;
  for (const std::string_view k : single_level_kinds) listed += std::string(k) + '|';
  for (const std::string_view k : {round_kind, strike_kind}) listed += std::string(k) + '|';
  EXPECT_EQ(kinds->values, listed + std::string(user_kind));
}

}  // namespace
}  // namespace isobar::gamma_fuel
