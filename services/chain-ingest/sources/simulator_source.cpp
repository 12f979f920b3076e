#include "chain-ingest/sources/simulator_source.hpp"

#include <algorithm>

#include "chain-ingest/sources/recording.hpp"
#include "chain-ingest/sources/waiting.hpp"
#include "wire/massive_chain.hpp"

namespace isobar::chain_ingest {

simulator_source::simulator_source(simulator_options options, std::unique_ptr<recorder> records)
    : options_(std::move(options)),
      market_(options_.market),
      next_(options_.market.start),
      records_(std::move(records)) {}

std::optional<timestamp> simulator_source::next_at() {
  const duration_ns lasts = options_.market.duration;
  if (lasts.value > 0 && next_ >= options_.market.start + lasts) return end_of_time;
  return next_;
}

source_event simulator_source::next(std::stop_token stop) {
  if (*next_at() == end_of_time) return source_ended{};
  if (!options_.pace.unpaced()) {
    const duration_ns early = options_.pace.wall_time(next_) - options_.clock();
    if (early.value > 0 && !sleep_for(std::chrono::nanoseconds(early.value), stop)) return source_ended{};
  }
  // In slices, so that the quotes between two chains (which ws-hydrator makes for itself) never pile up.
  while (market_.now() < next_ && !stop.stop_requested()) {
    discarded_.clear();
    market_.advance(std::min(next_, market_.now() + milliseconds(250)), discarded_);
  }
  if (stop.stop_requested()) return source_ended{};
  market::chain_snapshot chain = market_.snapshot();
  next_ = next_ + options_.interval;
  if (records_) record(chain);
  return chain_arrived{{std::move(chain), {}}, 0, 1, 0};
}

void simulator_source::record(const market::chain_snapshot& chain) {
  std::vector<market::raw_contract> rows;
  for (const auto& e : chain.expiries) {
    for (const auto& c : e.contracts) rows.push_back({{e.key.root, e.key.expiry, c.right, c.strike}, c.state, 0});
  }
  ++fetch_;
  const auto page = wire::to_massive_page(rows, {.underlying = options_.vendor_underlying, .spot = chain.spot});
  records_->append(begin_line(chain.ts_event, chain.symbol, fetch_, chain.spot, options_.vendor_underlying, {}), true);
  records_->append(body_line(chain.ts_event, chain.symbol, fetch_, "page", std::nullopt, page));
  records_->append(end_line(chain.ts_event, chain.symbol, fetch_));
}

}  // namespace isobar::chain_ingest
