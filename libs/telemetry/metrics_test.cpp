#include "telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

namespace isobar::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, SameLabelsAreTheSameSeries) {
  registry r;
  r.get_counter("isobar_decomposer_gaps_total", {{"symbol", "SPX"}}).add(2);
  r.get_counter("isobar_decomposer_gaps_total", {{"symbol", "SPX"}}).add();
  r.get_counter("isobar_decomposer_gaps_total", {{"symbol", "ES"}}).add();
  EXPECT_EQ(r.get_counter("isobar_decomposer_gaps_total", {{"symbol", "SPX"}}).value(), 3u);
  EXPECT_THAT(r.scrape(), HasSubstr("isobar_decomposer_gaps_total{symbol=\"ES\"} 1\n"));
}

TEST(Metrics, DefaultHandlesCountNowhere) {
  counter().add();
  gauge().set(1);
  histogram().observe(1);
  EXPECT_EQ(counter().value(), 0u);
}

TEST(MetricsDeathTest, RefusesWhatIsNotDeclaredNamingIt) {
  registry r;
  EXPECT_DEATH(r.get_counter("isobar_nobody_total"), "isobar_nobody_total is not declared");
  EXPECT_DEATH(r.get_gauge("isobar_bus_published_total"), "isobar_bus_published_total is declared as another kind");
  EXPECT_DEATH(r.get_counter("isobar_decomposer_gaps_total"), "isobar_decomposer_gaps_total is declared with other");
  EXPECT_DEATH(r.get_counter("isobar_decomposer_gaps_total", {{"strike", "1"}}), "other labels than \\{ strike \\}");
}

TEST(Metrics, HistogramBoundsAreInclusiveAndNotANumberIsIgnored) {
  registry r;
  auto h = r.get_histogram("isobar_decomposer_query_seconds", {{"method", "GetSurface"}});
  h.observe(1e-6);
  h.observe(1.5e-6);
  h.observe(1e9);
  h.observe(std::nan(""));
  EXPECT_EQ(h.count(), 3u);
  const auto text = r.scrape();
  EXPECT_THAT(text, HasSubstr("le=\"1e-06\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"2e-06\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("le=\"100\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 3\n"));
}

TEST(Metrics, CountsEveryObservationOfSeveralThreads) {
  registry r;
  auto h = r.get_histogram("isobar_decomposer_query_seconds", {{"method", "x"}});
  auto c = r.get_counter("isobar_bus_published_total");
  auto g = r.get_gauge("isobar_bus_pending_bytes");
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, h, c, g]() mutable {
        for (int i = 0; i < 10000; ++i) {
          h.observe(0.5);
          c.add();
          g.add(1);
        }
      });
    }
    for (int i = 0; i < 20; ++i) (void)r.scrape();
  }
  EXPECT_EQ(h.count(), 40000u);
  EXPECT_EQ(c.value(), 40000u);
  EXPECT_EQ(g.value(), 40000.0);
  EXPECT_THAT(r.scrape(), HasSubstr("isobar_decomposer_query_seconds_sum{method=\"x\"} 20000\n"));
}

TEST(Metrics, RunsUpdatesBeforeAScrapeUntilTheTokenGoes) {
  registry r;
  int runs = 0;
  auto token = r.on_scrape([&] { r.get_gauge("isobar_actors_count").set(++runs); });
  EXPECT_THAT(r.scrape(), HasSubstr("isobar_actors_count 1\n"));
  EXPECT_THAT(r.scrape(), HasSubstr("isobar_actors_count 2\n"));
  token.reset();
  EXPECT_THAT(r.scrape(), HasSubstr("isobar_actors_count 2\n"));
}

TEST(Metrics, BoundsTheSeriesOfOneMetric) {
  registry r;
  for (int i = 0; i < 5000; ++i) {
    r.get_counter("isobar_decomposer_gaps_total", {{"symbol", std::to_string(i)}}).add();
  }
  const auto text = r.scrape();
  EXPECT_THAT(text, HasSubstr("{symbol=\"4095\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("{symbol=\"4096\"}")));
  EXPECT_THAT(text, HasSubstr("{symbol=\"other\"} 904\n"));
}

TEST(Metrics, EscapesLabelValues) {
  registry r;
  r.get_gauge("isobar_build_info", {{"version", "a\"b\\c\nd"}}).set(1);
  EXPECT_THAT(r.scrape(), HasSubstr("isobar_build_info{version=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

}  // namespace
}  // namespace isobar::telemetry
