#include "service/standby_ledger.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace isobar::service {
namespace {

const std::string a = "subject.a", b = "subject.b";

std::vector<std::string> payloads(std::vector<standby_ledger::frame> frames) {
  std::vector<std::string> out;
  for (auto& f : frames) out.push_back(std::move(f.payload));
  return out;
}

TEST(StandbyLedger, WhatTheHolderDidNotPublishIsLeftInTheOrderMade) {
  standby_ledger l({});
  for (int i = 1; i <= 4; ++i) {
    l.made(a, timestamp{i}, "a" + std::to_string(i));
    l.made(b, timestamp{i}, "b" + std::to_string(i));
    if (i <= 2) l.seen(a, timestamp{i}, "a" + std::to_string(i));
    if (i <= 3) l.seen(b, timestamp{i}, "b" + std::to_string(i));
  }
  EXPECT_TRUE(l.agrees());
  EXPECT_EQ(payloads(l.release()), (std::vector<std::string>{"a3", "a4", "b4"}));
  EXPECT_EQ(l.waiting(), 0u);
  EXPECT_EQ(l.bytes(), 0u);
}

TEST(StandbyLedger, WhatTheHolderWasFirstWithIsNotPublishedAgain) {
  standby_ledger l({});
  for (int i = 1; i <= 4; ++i) l.seen(a, timestamp{i}, "a" + std::to_string(i));
  l.made(a, timestamp{1}, "a1");
  EXPECT_TRUE(l.release().empty());
  EXPECT_TRUE(l.behind(a));
  for (int i = 2; i <= 4; ++i) EXPECT_TRUE(l.published(a, timestamp{i}, "a" + std::to_string(i)));
  EXPECT_FALSE(l.behind(a));
  EXPECT_FALSE(l.published(a, timestamp{5}, "a5"));
  EXPECT_FALSE(l.published(b, timestamp{1}, "b1"));
  EXPECT_TRUE(l.agrees());
}

TEST(StandbyLedger, FramesOfOneTimeAreToldApart) {
  standby_ledger l({});
  for (const char* plane : {"p", "q", "r"}) l.made(a, timestamp{1}, plane);
  l.seen(a, timestamp{1}, "p");
  l.seen(a, timestamp{1}, "q");
  EXPECT_EQ(payloads(l.release()), std::vector<std::string>{"r"});
}

TEST(StandbyLedger, WhatWasPublishedBeforeItListenedIsPublishedAlready) {
  standby_ledger l({});
  for (int i = 1; i <= 5; ++i) l.made(a, timestamp{i}, "a" + std::to_string(i));  // from a checkpoint, to catch up
  l.seen(a, timestamp{4}, "a4");
  EXPECT_TRUE(l.agrees());
  EXPECT_EQ(payloads(l.release()), std::vector<std::string>{"a5"});
}

TEST(StandbyLedger, FramesBeforeItsFirstAreTheHoldersAlone) {
  standby_ledger l({});
  for (int i = 1; i <= 3; ++i) l.seen(a, timestamp{i}, "a" + std::to_string(i));
  for (int i = 3; i <= 4; ++i) l.made(a, timestamp{i}, "a" + std::to_string(i));
  EXPECT_TRUE(l.agrees());
  EXPECT_EQ(payloads(l.release()), std::vector<std::string>{"a4"});
}

TEST(StandbyLedger, ComesApartWithTheFirstFrameThatOnlyOneMade) {
  standby_ledger other({});
  other.seen(a, timestamp{1}, "a1");
  other.made(a, timestamp{1}, "a1");
  other.made(a, timestamp{2}, "a2, but otherwise");
  other.seen(a, timestamp{2}, "a2");
  EXPECT_TRUE(other.agrees()) << "more of this time may follow";
  other.seen(a, timestamp{3}, "a3");
  EXPECT_FALSE(other.agrees());

  standby_ledger missing({});
  missing.made(a, timestamp{1}, "a1");
  missing.seen(a, timestamp{1}, "a1");
  missing.seen(a, timestamp{2}, "a2");
  missing.made(a, timestamp{3}, "a3");
  EXPECT_FALSE(missing.agrees());
}

TEST(StandbyLedger, RepeatsForThoseWhoAskedAreNothing) {
  standby_ledger l({});
  for (int i = 1; i <= 3; ++i) {
    l.made(a, timestamp{i}, "a" + std::to_string(i));
    l.seen(a, timestamp{i}, "a" + std::to_string(i));
  }
  l.made(a, timestamp{1}, "a1");
  l.seen(a, timestamp{2}, "a2");
  EXPECT_TRUE(l.agrees());
  EXPECT_EQ(l.waiting(), 0u);
}

TEST(StandbyLedger, WhoseFramesDoNotMeetIsGivenUpAtABound) {
  standby_ledger frames({.frames = 3, .bytes = 1000});
  for (int i = 1; i <= 4; ++i) frames.made(a, timestamp{i}, "x");
  EXPECT_FALSE(frames.agrees());
  EXPECT_EQ(frames.waiting(), 0u);
  standby_ledger bytes({.frames = 1000, .bytes = 10});
  bytes.made(a, timestamp{1}, "eleven byte");
  EXPECT_FALSE(bytes.agrees());
}

/// Wherever the holder dies and however far apart the two are, what is published is every frame, once, in order.
RC_GTEST_PROP(StandbyLedger, NoGapAndNoRepeat, ()) {
  const auto total = *rc::gen::inRange<int>(1, 60);
  struct made {
    std::string subject;
    timestamp at;
    std::string payload;
  };
  std::vector<made> all;
  std::int64_t t = 0;
  for (int i = 0; i < total; ++i) {
    t += *rc::gen::inRange<int>(0, 3);
    const bool second = *rc::gen::arbitrary<bool>();
    all.push_back({second ? b : a, timestamp{t}, std::to_string(i)});
  }
  const auto died = static_cast<std::size_t>(*rc::gen::inRange<int>(0, total + 1));
  const auto taken = static_cast<std::size_t>(*rc::gen::inRange<int>(0, total + 1));
  standby_ledger l({});
  std::vector<std::string> out;
  std::size_t by_holder = 0, by_standby = 0;
  while (by_holder < died || by_standby < taken) {
    const bool holder = by_standby >= taken || (by_holder < died && *rc::gen::arbitrary<bool>());
    const made& m = all[holder ? by_holder++ : by_standby++];
    if (holder) {
      out.push_back(m.payload);
      l.seen(m.subject, m.at, m.payload);
    } else {
      l.made(m.subject, m.at, m.payload);
    }
  }
  RC_ASSERT(l.agrees());
  for (auto& f : l.release()) out.push_back(std::move(f.payload));
  for (; by_standby < all.size(); ++by_standby) {
    const made& m = all[by_standby];
    if (!l.published(m.subject, m.at, m.payload)) out.push_back(m.payload);
  }
  std::vector<std::string> want;
  for (const made& m : all) want.push_back(m.payload);
  RC_ASSERT(out == want);
}

}  // namespace
}  // namespace isobar::service
