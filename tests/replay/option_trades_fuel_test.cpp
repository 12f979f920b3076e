// A file of option trades through feed-ingest becomes fuel of the future that is read from their index, at the live
// basis.
#include <fstream>

#include "feed-ingest/app.hpp"
#include "gamma-fuel/app_fixture.hpp"

namespace isobar {
namespace {

using namespace gamma_fuel::fixture;

std::unique_ptr<service::process> started(std::unique_ptr<service::app> app, std::vector<std::string> words,
                                          service::host_options o, const std::shared_ptr<bus::bus>& on) {
  config::schema schema("test", "test", "0");
  app->declare(schema);
  std::vector<const char*> argv{"test"};
  for (const std::string& w : words) argv.push_back(w.c_str());
  const char* const none[] = {nullptr};
  const auto parsed = schema.parse(static_cast<int>(argv.size()), argv.data(), none);
  EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().evidence);
  std::vector<std::unique_ptr<service::app>> apps;
  apps.push_back(std::move(app));
  o.grpc = "127.0.0.1:0";
  o.http = "off";
  o.mode = "replay";
  auto out = std::make_unique<service::process>(o, std::move(apps), on);
  const auto ok = out->start();
  EXPECT_TRUE(ok.has_value()) << (ok ? "" : ok.error().evidence);
  return out;
}

/// The trades of one side, as a vendor's file has them: `lots` of 25 contracts each, sorted by ticker.
std::filesystem::path trade_file(const std::filesystem::path& folder, const char* price) {
  const auto path = folder / "2026-01-06.csv";
  std::ofstream out(path);
  out << "ticker,conditions,correction,exchange,price,sip_timestamp,size\n";
  for (int i = 0; i < 4; ++i)
    out << "O:SPXW260106C05000000,209,0,312," << price << "," << (morning + seconds(1) + milliseconds(100 * i)).ns
        << ",25\n";
  out << "O:SPY260106C00500000,209,0,312,1.5," << (morning + seconds(1)).ns << ",9\n";
  return path;
}

class OptionTrades : public ::testing::TestWithParam<bool> {};

TEST_P(OptionTrades, AreFuelOfTheFuture) {
  const bool bought = GetParam();
  isobar::testing::temp_dir data;
  const std::shared_ptr<bus::bus> bus = bus::make_local_bus();
  listener levels(*bus, "isobar.level.sim.*.*");
  sources from(*bus);
  service::host_options of_gamma, of_feed;
  of_gamma.symbols = {spx()};
  of_gamma.futures = {esh6()};
  of_gamma.data_dir = (data.path() / "gamma").string();
  of_feed.futures = {spx()};
  of_feed.data_dir = (data.path() / "feed").string();
  const auto gamma =
      started(gamma_fuel::make_app(), {"--gamma-fuel.override=ESH6:option-feed=SPX", "--gamma-fuel.side-radar=false"},
              of_gamma, bus);
  from.send_epoch();
  from.send_chain(gamma_fuel::fixture::chain(morning + milliseconds(100)));
  std::vector<market::contract_index> all(18);
  for (market::contract_index i = 0; i < all.size(); ++i) all[i] = i;
  from.send_rows(morning + milliseconds(400), true, all, 12, 5'001);
  for (int i = 0; i < 12; ++i) from.send_quote(morning + milliseconds(250 * i + 10), 5'031.125 + 0.25 * (i % 2));
  // At the ask of 12.1 or the bid of 11.9 that stood.
  const auto file = trade_file(data.path(), bought ? "12.1" : "11.9");
  const auto feed = started(
      feed_ingest::make_app(),
      {"--feed-ingest.source=flat-files", "--feed-ingest.files=" + file.string(), "--feed-ingest.start-wait-ms=0"},
      of_feed, bus);
  from.options_until(end_of_time);
  from.market_until(end_of_time);
  level::v1::LevelSignals last;
  ASSERT_TRUE(eventually([&] {
    if (levels.watermark(subjects::level_signals("sim", esh6())) != end_of_time) return false;
    const auto& frames = levels.of(subjects::level_signals("sim", esh6()));
    return !frames.empty() && last.ParseFromString(frames.rbegin()->second);
  }));
  // Strike 5,000 lies at 5,030.25: the future at 5,031.25 less the index at 5,001.
  int near = 0;
  for (const auto& l : last.levels()) {
    if (std::abs(l.price_nanos() - points(5'030).value) > points(10).value) continue;
    ++near;
    EXPECT_EQ(l.fuel().volume_lots(), 100u) << l.id() << ": the trades on SPY are not of this index";
    EXPECT_EQ(l.fuel().net_dealer_gamma() < 0, bought) << l.id() << ": customers bought, dealers are short";
    EXPECT_NE(l.fuel().net_dealer_gamma(), 0) << l.id();
  }
  EXPECT_GT(near, 0);
  feed->stop();
  gamma->stop();
}

INSTANTIATE_TEST_SUITE_P(Sides, OptionTrades, ::testing::Bool());

}  // namespace
}  // namespace isobar
