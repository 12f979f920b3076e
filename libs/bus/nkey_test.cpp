#include "bus/nkey.hpp"

#include <gtest/gtest.h>

namespace isobar::bus {
namespace {

// The example pair of the NATS documentation ("NKeys", server configuration).
constexpr const char* seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
constexpr const char* user = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

TEST(NKey, DerivesThePublicKeyOfASeed) {
  const auto key = nkey_public_user(seed);
  ASSERT_TRUE(key) << key.error().evidence;
  EXPECT_EQ(*key, user);
}

TEST(NKey, RefusesWhatIsNoUserSeed) {
  std::string changed = seed;
  changed[20] = changed[20] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {std::string(), std::string("SU"), std::string(user), changed, std::string(58, '!')}) {
    const auto key = nkey_public_user(bad);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, errc::library);
    EXPECT_FALSE(bad.size() > 10 && key.error().evidence.contains(bad)) << "a secret never reaches an error text";
  }
}

}  // namespace
}  // namespace isobar::bus
