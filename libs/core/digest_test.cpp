#include "core/digest.hpp"

#include <gtest/gtest.h>

namespace isobar {
namespace {

TEST(Digest, MatchesTheHashOfTheConcatenation) {
  digest64 d;
  d.update("market ");
  d.update("structure");
  EXPECT_EQ(d.value(), hash64("market structure"));
}

TEST(Digest, IsTheDocumentedFunction) {
  // XXH3 64-bit of the empty input, from the algorithm's published test vectors.
  EXPECT_EQ(to_hex(hash64("")), "2d06800538d394c2");
}

TEST(Digest, SeparatesOrderAndValue) {
  digest64 a, b;
  a.update(std::int64_t{1});
  a.update(std::int64_t{2});
  b.update(std::int64_t{2});
  b.update(std::int64_t{1});
  EXPECT_NE(a.value(), b.value());
}

}  // namespace
}  // namespace isobar
