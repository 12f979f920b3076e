#include "chain-ingest/sources/massive_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>

#include "chain-ingest/sources/directory_source.hpp"
#include "chain-ingest/testing/example_chain.hpp"
#include "chain-ingest/testing/vendor_rest_server.hpp"
#include "testing/temp_dir.hpp"
#include "testing/testdata.hpp"
#include "wire/cboe_eod.hpp"

namespace isobar::chain_ingest {
namespace {

using chain_ingest::testing::fault;
using chain_ingest::testing::vendor_rest_server;
using ::testing::HasSubstr;

const isobar::symbol spx = *isobar::symbol::parse("SPX");
constexpr std::int64_t unit = nanos_per_unit;

/// The time of `start` plus what has passed since it was made.
std::function<timestamp()> clock_from(timestamp start) {
  const auto began = std::chrono::steady_clock::now();
  return
      [=] { return start + duration_ns{std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count()}; };
}

class MassiveSource : public ::testing::Test {
 protected:
  explicit MassiveSource(market::raw_chain chain = testing::example_chain())
      : server_({.chain = chain, .vix = price(16 * unit)}) {
    options_.http = {.base = *parse_base_url(server_.base_url()), .timeout = std::chrono::milliseconds(3000)};
    options_.api_key = "k3y";
    options_.underlying = "I:SPX";
    options_.strike_step = strike_width(5 * unit);
    options_.expiries_max = 3;
    options_.cadence = {.period = milliseconds(20), .backoff_base = milliseconds(5), .backoff_max = milliseconds(20)};
    options_.limits.page_size = 100;
    options_.page_retry_wait = milliseconds(2);
    options_.clock = clock_from(chain.ts_event);
    options_.jitter = [] { return 0.5; };
  }

  std::unique_ptr<massive_source> open(std::unique_ptr<recorder> records = nullptr) {
    auto made = massive_source::open(options_, spx, std::move(records));
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  source_event next() { return open()->next(stop_.get_token()); }

  /// The fault hits requests whose target holds `words`, from the n-th on, `times` times.
  void on_matching(std::string words, fault f, std::size_t from = 1, std::size_t times = SIZE_MAX) {
    server_.on_request(
        [=, met = std::make_shared<std::atomic<std::size_t>>(0)](const std::string& target, std::size_t) {
          if (target.find(words) == std::string::npos) return fault{};
          const std::size_t n = ++*met;
          return n >= from && n - from < times ? f : fault{};
        });
  }
  static void expect_refused(const source_event& e, refusal why, const std::string& words) {
    const auto* refused = std::get_if<chain_refused>(&e);
    ASSERT_TRUE(refused) << e.index();
    EXPECT_EQ(to_string(refused->why), to_string(why)) << refused->evidence;
    EXPECT_THAT(refused->evidence, HasSubstr(words));
  }
  static void expect_failed(const source_event& e, const std::string& reason) {
    const auto* failed = std::get_if<fetch_failed>(&e);
    ASSERT_TRUE(failed) << e.index();
    EXPECT_EQ(failed->reason, reason) << failed->evidence;
  }

  vendor_rest_server server_;
  massive_options options_;
  std::stop_source stop_;
};

const std::string expiry_pages = "sort=strike_price";

TEST_F(MassiveSource, FetchesEveryPageOfTheWantedWindow) {
  const source_event e = next();
  const auto* arrived = std::get_if<chain_arrived>(&e);
  ASSERT_TRUE(arrived) << (std::holds_alternative<chain_refused>(e) ? std::get<chain_refused>(e).evidence
                                                                    : std::get<fetch_failed>(e).evidence);
  EXPECT_EQ(arrived->completeness, 1);
  ASSERT_EQ(arrived->chain.asked.size(), 3u);
  // 6900 and VIX 16: half-range 156, asked 234 (options-surface 1.4); four days ahead 313 and 469.
  const strike_window& near = arrived->chain.asked.begin()->second;
  EXPECT_EQ(near.half_range.value, 156 * unit);
  EXPECT_EQ(arrived->chain.asked.rbegin()->second.half_range.value, 313 * unit);
  const auto& raw = std::get<market::raw_chain>(arrived->chain.chain);
  const auto example = testing::example_chain();
  const auto wanted = std::count_if(example.contracts.begin(), example.contracts.end(), [&](const auto& c) {
    const strike_window& w = arrived->chain.asked.at(c.id.expiry);
    return c.id.strike >= w.low && c.id.strike <= w.high;
  });
  EXPECT_EQ(static_cast<std::ptrdiff_t>(raw.contracts.size()), wanted);
  EXPECT_EQ(raw.spot, example.spot);

  ingest in({.symbol = spx});
  const auto chain = in.apply(arrived->chain);
  ASSERT_TRUE(chain) << chain.error().evidence;
  EXPECT_EQ((*chain)->expiries.size(), 4u);
  for (const auto& target : server_.requests()) EXPECT_THAT(target, HasSubstr("apiKey=k3y"));
  // spot, VIX, expiries, and at 100 a page 2 + 2 + 8 pages (190, 190 and 752 contracts).
  EXPECT_GE(server_.requests().size(), 3u + 12u);
}

TEST_F(MassiveSource, FollowsNextUrlOnlyOnItsOwnHost) {
  // The server's next_url names another host; all requests came here all the same, or the pages would be missing.
  EXPECT_TRUE(std::holds_alternative<chain_arrived>(next()));
}

TEST_F(MassiveSource, WithoutVixTakesTheFallbackRange) {
  on_matching("I%3AVIX", {.status = 404});
  const source_event e = next();
  ASSERT_TRUE(std::holds_alternative<chain_arrived>(e));
  EXPECT_EQ(std::get<chain_arrived>(e).chain.asked.begin()->second.half_range.value, 207 * unit);
}

TEST_F(MassiveSource, TriesAServerErrorAgain) {
  on_matching(expiry_pages, {.status = 500}, 1, 2);
  EXPECT_TRUE(std::holds_alternative<chain_arrived>(next()));
}

TEST_F(MassiveSource, GivesUpWhenTheServerKeepsFailing) {
  on_matching(expiry_pages, {.status = 503});
  expect_failed(next(), "http_5xx");
}

TEST_F(MassiveSource, ObeysRateLimits) {
  on_matching("/v3/snapshot?", {.status = 429, .retry_after = "1"}, 1, 1);
  const auto s = open();
  expect_failed(s->next(stop_.get_token()), "http_429");
  const std::size_t before = server_.requests().size();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(std::holds_alternative<chain_arrived>(s->next(stop_.get_token())));
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(900));
  EXPECT_EQ(before, 1u);
}

TEST_F(MassiveSource, AWrongKeyIsAFailureThatIsNotRepeated) {
  options_.api_key = "wrong";
  const source_event e = next();
  expect_failed(e, "http_4xx");
  EXPECT_THAT(std::get<fetch_failed>(e).evidence, ::testing::Not(HasSubstr("wrong")));
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(MassiveSource, ATruncatedBodyIsNoAnswer) {
  on_matching(expiry_pages, {.truncate = true});
  expect_failed(next(), "closed");
}

TEST_F(MassiveSource, AHangUpIsTriedAgainOnANewConnection) {
  on_matching(expiry_pages, {.hang_up = true}, 1, 1);
  EXPECT_TRUE(std::holds_alternative<chain_arrived>(next()));
}

TEST_F(MassiveSource, WrongJsonIsMalformed) {
  on_matching(expiry_pages, {.body = R"({"status":"OK","results":[{"details":{"ticker":"O:SPXW)"});
  expect_refused(next(), refusal::malformed, "2025-12-15 page 1");
  on_matching(expiry_pages, {.body = "<html>busy</html>"});
  expect_refused(next(), refusal::malformed, "2025-12-15 page 1");
}

TEST_F(MassiveSource, AnEarlyLastPageDoesNotCoverTheWindow) {
  on_matching(expiry_pages, {.change = [](std::string body) {
                const std::size_t at = body.find(",\"next_url\"");
                return at == std::string::npos ? body : body.substr(0, at) + "}";
              }});
  expect_refused(next(), refusal::window_not_covered, "2025-12-15");
}

TEST_F(MassiveSource, APageThatIsNotThereFailsTheFetch) {
  on_matching("cursor=", {.status = 404});
  expect_failed(next(), "http_4xx");
}

TEST_F(MassiveSource, APageLeftOutIsFoundByWhatWasThereBefore) {
  const auto s = open();
  ASSERT_TRUE(std::holds_alternative<chain_arrived>(s->next(stop_.get_token())));
  auto thinner = testing::example_chain();
  std::erase_if(thinner.contracts,
                [](const auto& c) { return c.id.strike == strike(6905 * unit) && c.id.root == "SPXW"; });
  server_.set_data({.chain = thinner, .vix = price(16 * unit)});
  expect_refused(s->next(stop_.get_token()), refusal::vanished, "O:SPXW251215C06905000");
}

TEST_F(MassiveSource, ARepeatedPageIsRefused) {
  // The second page of each expiry is its first one again.
  auto first = std::make_shared<std::string>();
  server_.on_request([=](const std::string& target, std::size_t) {
    if (target.find(expiry_pages) != std::string::npos) {
      return fault{.change = [=](std::string body) { return *first = body; }};
    }
    if (target.find("cursor=") == std::string::npos) return fault{};
    return fault{.change = [=](std::string) { return *first; }};
  });
  expect_refused(next(), refusal::repeated_page, "2025-12-15 page 2: ");
}

TEST_F(MassiveSource, ACircleOfNextUrlsEnds) {
  server_.on_request([](const std::string& target, std::size_t) {
    if (target.find("expiration_date.gte") != std::string::npos || target.find("ticker=") != std::string::npos)
      return fault{};
    return fault{.change = [](std::string body) {
      const std::size_t at = body.find(",\"next_url\"");
      return body.substr(0, at == std::string::npos ? body.size() - 1 : at) +
             R"(,"next_url":"https://x/v3/snapshot/options/I:SPX?cursor=0"})";
    }};
  });
  expect_refused(next(), refusal::repeated_page, "2025-12-15 page 2: ");
  EXPECT_LT(server_.requests().size(), 20u);
}

TEST_F(MassiveSource, ASlowDripIsCutOffByTheTimeOfTheWholeRequest) {
  options_.http.timeout = std::chrono::milliseconds(150);
  options_.page_retries = 0;
  on_matching(expiry_pages, {.drip = true});
  const auto began = std::chrono::steady_clock::now();
  expect_failed(next(), "timeout");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

TEST_F(MassiveSource, ABodyAboveTheLimitIsRefused) {
  options_.http.body_bytes_max = 4096;
  const source_event e = next();
  expect_failed(e, "too_large");
}

TEST_F(MassiveSource, NobodyAtTheOtherEndIsAFailure) {
  options_.http.base.port = "1";
  options_.page_retries = 0;
  expect_failed(next(), "connect");
}

TEST_F(MassiveSource, AStopBreaksOffARequestUnderWay) {
  options_.http.timeout = std::chrono::milliseconds(20'000);
  on_matching("/v3/snapshot?", {.delay = std::chrono::milliseconds(15'000)});
  const auto s = open();
  auto ended = std::async(std::launch::async, [&] { return s->next(stop_.get_token()); });
  while (server_.requests().empty()) std::this_thread::yield();
  stop_.request_stop();
  ASSERT_EQ(ended.wait_for(std::chrono::seconds(3)), std::future_status::ready);
  EXPECT_TRUE(std::holds_alternative<source_ended>(ended.get()));
}

TEST_F(MassiveSource, WhatIsRecordedReplaysToTheSameChain) {
  const isobar::testing::temp_dir folder;
  auto records = recorder::open({.folder = folder.path()}, spx, options_.clock());
  ASSERT_TRUE(records);
  const auto live = open(std::move(*records));
  const source_event first = live->next(stop_.get_token());
  on_matching("cursor=", {.status = 404}, 3);
  const source_event second = live->next(stop_.get_token());
  ASSERT_TRUE(std::holds_alternative<fetch_failed>(second));
  server_.on_request([](const std::string&, std::size_t) { return fault{}; });
  const source_event third = live->next(stop_.get_token());
  ASSERT_TRUE(std::holds_alternative<chain_arrived>(third));

  auto replay = directory_source::open({.paths = {folder.path().string()}, .limits = options_.limits}, spx);
  ASSERT_TRUE(replay) << replay.error().evidence;
  EXPECT_EQ((*replay)->chains(), 2u);
  const auto chain_of = [](const source_event& e) {
    ingest in({.symbol = spx});
    return *in.apply(std::get<chain_arrived>(e).chain).value();
  };
  const source_event again = (*replay)->next(stop_.get_token());
  EXPECT_EQ(chain_of(again), chain_of(first));
  expect_refused((*replay)->next(stop_.get_token()), refusal::missing_page, "a fetch has no end");
  EXPECT_EQ(chain_of((*replay)->next(stop_.get_token())), chain_of(third));
  EXPECT_EQ((*replay)->next_at(), end_of_time);
}

/// The real chain of 2019-04-25, served as the vendor would.
class MassiveSourceRealChain : public MassiveSource {
 protected:
  static market::raw_chain real() {
    const auto bytes = wire::read_file(isobar::testing::shared_data("options/spx-eod-2019/SPX_20190425.csv"));
    if (!bytes) return testing::example_chain();
    return wire::parse_cboe_eod(*bytes, "SPX_20190425.csv")->front();
  }
  MassiveSourceRealChain() : MassiveSource(real()) {}
};

TEST_F(MassiveSourceRealChain, EqualsTheFileInsideItsWindows) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/spx-eod-2019");
  options_.expiries_max = 6;
  options_.clock = clock_from(*parse_iso_timestamp("2019-04-25T19:00:00Z"));
  const source_event e = next();
  ASSERT_TRUE(std::holds_alternative<chain_arrived>(e));
  auto& arrived = std::get<chain_arrived>(e);
  EXPECT_EQ(arrived.chain.asked.size(), 6u);
  auto fetched = std::get<market::raw_chain>(arrived.chain.chain).contracts;
  auto file = real().contracts;
  std::erase_if(file, [&](const auto& c) {
    const auto w = arrived.chain.asked.find(c.id.expiry);
    return w == arrived.chain.asked.end() || c.id.strike < w->second.low || c.id.strike > w->second.high;
  });
  const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
  std::sort(file.begin(), file.end(), by_id);
  std::sort(fetched.begin(), fetched.end(), by_id);
  ASSERT_EQ(fetched.size(), file.size());
  for (std::size_t i = 0; i < file.size(); ++i) {
    ASSERT_EQ(fetched[i].id, file[i].id);
    ASSERT_EQ(fetched[i].state, file[i].state);
  }
}

TEST(BaseUrl, IsSchemeHostAndPort) {
  EXPECT_EQ(parse_base_url("https://api.massive.com")->port, "443");
  EXPECT_EQ(parse_base_url("http://127.0.0.1:8080/")->port, "8080");
  EXPECT_FALSE(parse_base_url("http://127.0.0.1:8080")->tls);
  for (const char* bad : {"", "api.massive.com", "ftp://x", "https://", "https://x/y", "https://x:0", "https://x:99999",
                          "https://u@x", "http://:80"}) {
    EXPECT_FALSE(parse_base_url(bad)) << bad;
  }
}

TEST(TargetOf, KeepsPathAndQueryAlone) {
  EXPECT_EQ(target_of("https://api.polygon.io/v3/x?cursor=a%3D"), "/v3/x?cursor=a%3D");
  EXPECT_EQ(target_of("/v3/x"), "/v3/x");
  for (const char* bad : {"", "https://host", "v3/x", "https://host/a b", "https://host/a\r\nX: y"})
    EXPECT_FALSE(target_of(bad)) << bad;
}

}  // namespace
}  // namespace isobar::chain_ingest
