#include "core/rendezvous.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace isobar {
namespace {

std::string name_of(int member) { return std::to_string(member); }

int owner(const std::string& key, const std::set<int>& members) { return *rendezvous(key, members, name_of); }

// A change of these numbers would move every symbol of every running cluster. XXH3-64 of "SPX\0" "0" and so on, by
// XXH3_64bits of Debian's libxxhash 0.8.1, called from Python.
TEST(Rendezvous, WeightsAreThoseOfEveryVersion) {
  EXPECT_EQ(to_hex(rendezvous_weight("SPX", "0")), "9ed50eb1110263c9");
  EXPECT_EQ(to_hex(rendezvous_weight("SPX", "1")), "4a5accc7f4a8bb77");
  EXPECT_EQ(to_hex(rendezvous_weight("ESH4", "2")), "c6986de7c5975a02");
  EXPECT_NE(rendezvous_weight("ab", "c"), rendezvous_weight("a", "bc"));
}

TEST(Rendezvous, NobodyHasAnythingWithoutMembers) {
  const std::set<int> none;
  EXPECT_EQ(rendezvous("SPX", none, name_of), none.end());
}

TEST(Rendezvous, SpreadsKeysEvenly) {
  std::map<int, int> keys;
  for (int i = 0; i < 10'000; ++i) ++keys[owner("S" + std::to_string(i), {0, 1, 2, 3})];
  // Binomial with mean 2,500 and deviation 43: six of them.
  for (const auto& [member, count] : keys) EXPECT_NEAR(count, 2'500, 260) << member;
}

RC_GTEST_PROP(Rendezvous, AMemberThatGoesMovesOnlyItsOwnKeys, (const std::set<int>& members, const std::string& text)) {
  RC_PRE(members.size() > 1);
  std::string key = text;
  std::erase(key, '\0');
  const int before = owner(key, members);
  for (const int gone : members) {
    std::set<int> left = members;
    left.erase(gone);
    if (gone != before) RC_ASSERT(owner(key, left) == before);
    // And back: what it had before it has again.
    left.insert(gone);
    RC_ASSERT(owner(key, left) == before);
  }
}

}  // namespace
}  // namespace isobar
