#pragma once
#include "feed-ingest/sources/source.hpp"
#include "sim/component.hpp"

namespace isobar::feed_ingest {

/// A simulated futures market, in steps of simulated time with a marker behind each.
class futures_source final : public source {
 public:
  static constexpr duration_ns step = milliseconds(50);

  explicit futures_source(sim::futures_market_config config) : market_(std::move(config)) {}

  const input_record* next() override;
  std::optional<std::string> error() const override { return std::nullopt; }
  source_progress progress() const override { return {}; }
  record_counts skipped() const override { return {}; }

  const market::instrument& instrument() const { return market_.market().instrument(); }

 private:
  const input_record* marker();

  sim::futures_component market_;
  std::vector<sim::stamped_event> events_;
  std::size_t at_ = 0;
  input_record record_;
  bool marker_due_ = false;
};

}  // namespace isobar::feed_ingest
