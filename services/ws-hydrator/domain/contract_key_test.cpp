#include "ws-hydrator/domain/contract_key.hpp"

#include <gtest/gtest.h>

namespace isobar::ws_hydrator {
namespace {

market::option_id option(std::string root, std::int64_t k, market::right r) {
  return {std::move(root), date{19'675}, r, strike(k)};
}

TEST(contract_key, goes_there_and_back) {
  for (const char* root : {"A", "SPX", "SPXW", "ABCDEFGH", "ZZZZZZZZ"})
    for (const market::right r : {market::right::call, market::right::put}) {
      const market::option_id id = option(root, 6'900'500'000'000, r);
      EXPECT_EQ(id_of(key_of(id)), id);
    }
}

TEST(contract_key, tells_roots_rights_and_strikes_apart) {
  EXPECT_NE(key_of(option("SPX", 1, market::right::call)), key_of(option("SPXW", 1, market::right::call)));
  EXPECT_NE(key_of(option("SPX", 1, market::right::call)), key_of(option("SPX", 1, market::right::put)));
  EXPECT_NE(key_of(option("SPX", 1, market::right::call)), key_of(option("SPX", 2, market::right::call)));
}

TEST(contract_key, is_nothing_for_a_root_that_no_exchange_lists) {
  for (const char* root : {"", "ABCDEFGHI", "spx", "SP1", "S X"})
    EXPECT_EQ(key_of(option(root, 1, market::right::call)), contract_key{});
}

}  // namespace
}  // namespace isobar::ws_hydrator
