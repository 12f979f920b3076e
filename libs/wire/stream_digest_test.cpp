#include "wire/stream_digest.hpp"

#include <gtest/gtest.h>

#include "isobar/window/v1/window.pb.h"

namespace isobar::wire {
namespace {

std::string frame(std::uint64_t sequence, bool heartbeat = false) {
  window::v1::ContractWindow window;
  window.mutable_header()->set_version(1);
  window.mutable_header()->set_producer("ws-hydrator");
  window.mutable_header()->set_quality(common::v1::QUALITY_OK);
  window.mutable_header()->set_sequence(sequence);
  window.mutable_header()->set_heartbeat(heartbeat);
  window.set_symbol("SPX");
  return window.SerializeAsString();
}

TEST(StreamDigest, DoesNotDependOnInterleavingOfSubjects) {
  stream_digest a, b;
  a.add("x.frame", frame(1));
  a.add("x.frame", frame(2));
  a.add("y.frame", frame(1));
  b.add("y.frame", frame(1));
  b.add("x.frame", frame(1));
  b.add("x.frame", frame(2));
  EXPECT_EQ(a.value(), b.value());
}

TEST(StreamDigest, DependsOnOrderWithinASubjectAndOnEveryByte) {
  stream_digest a, b, c;
  a.add("x.frame", frame(1));
  a.add("x.frame", frame(2));
  b.add("x.frame", frame(2));
  b.add("x.frame", frame(1));
  c.add("x.frame", frame(1));
  c.add("x.frame", frame(3));
  EXPECT_NE(a.value(), b.value());
  EXPECT_NE(a.value(), c.value());
}

TEST(StreamDigest, LeavesOutWhatCarriesNoData) {
  stream_digest a;
  a.add("x.frame", frame(1));
  const auto before = a.value();
  a.add("x.frame", frame(1, true));
  a.add("x.progress", frame(9));
  EXPECT_EQ(a.value(), before);
  EXPECT_EQ(a.frames(), 1u);
}

TEST(StreamDigest, CountsWhatItCannotRead) {
  stream_digest a;
  a.add("x.frame", "\x0a\xff");
  EXPECT_EQ(a.unreadable(), 1u);
  EXPECT_EQ(a.frames(), 1u);
}

}  // namespace
}  // namespace isobar::wire
