#include "gamma-fuel/domain/gamma_engine.hpp"

#include "gamma-fuel/domain/gamma_core.hpp"

namespace isobar::gamma_fuel {

gamma_engine::gamma_engine(gamma_config c, bool live, merge_limits limits)
    : core_(std::make_unique<gamma_core>(std::move(c), live, limits)) {}
gamma_engine::~gamma_engine() = default;

contract_number gamma_engine::list(input from, timestamp at, const option_contract& c) {
  return core_->list(from, at, c);
}
contract_number gamma_engine::find(const market::option_id& id) const { return core_->find(id); }
std::vector<contract_number> gamma_engine::take_forgotten() { return core_->take_forgotten(); }
std::size_t gamma_engine::contracts_known() const { return core_->contracts_known(); }
const option_contract& gamma_engine::listed(contract_number n) const { return core_->listed(n); }
bool gamma_engine::take(input from, timestamp at, std::span<const option_event> events) {
  return core_->take(from, at, events);
}
bool gamma_engine::take(input from, timestamp at, const underlying_quote& q) {
  ++core_->counters.underlying_quotes;
  return core_->push(from, {.at = at, .what = underlying_price{q}});
}
bool gamma_engine::take(input from, timestamp at, market::quality q) {
  return core_->push(from, {.at = at, .what = q});
}
bool gamma_engine::take_volume(timestamp at, price p, std::uint64_t lots) {
  return core_->push(input::volume, {.at = at, .what = traded_volume{p, lots}});
}
bool gamma_engine::take_symbol(const underlying_quote& q) {
  ++core_->counters.symbol_quotes;
  return core_->push(input::quotes, {.at = q.ts_event, .what = symbol_price{q}});
}
bool gamma_engine::take_symbol(const underlying_trade& t) {
  ++core_->counters.symbol_trades;
  return core_->push(input::trades, {.at = t.ts_event, .what = t});
}
bool gamma_engine::take(level_states s) { return core_->take(std::move(s)); }
void gamma_engine::lose_levels(timestamp at) { core_->lose_levels(at); }
bool gamma_engine::add(user_level l) { return core_->add(std::move(l)); }
bool gamma_engine::remove(std::string_view id) { return core_->remove(id); }

void gamma_engine::watermark(input from, timestamp t) { core_->watermark(from, t); }
timestamp gamma_engine::watermark(input from) const { return core_->watermark(from); }
void gamma_engine::require(input which, bool required) { core_->require(which, required); }
void gamma_engine::advance(timestamp clock, gamma_sink& sink) { core_->advance(clock, sink); }

timestamp gamma_engine::profiles_until() const { return core_->profiles_until(); }
timestamp gamma_engine::signals_until() const { return core_->signals_until(); }
std::vector<input> gamma_engine::waited_for() const { return core_->waited_for(); }
std::size_t gamma_engine::waiting(input of) const { return core_->waiting(of); }
std::size_t gamma_engine::waiting_ticks() const { return core_->signals.waiting(); }

const gamma_config& gamma_engine::config() const { return core_->config; }
const gex_profile& gamma_engine::last_profile() const { return core_->profile; }
gex_input gamma_engine::radar_input() const { return core_->shape.radar_input(core_->profile); }
const option_board& gamma_engine::board() const { return core_->board; }
const dealer_flow& gamma_engine::flow() const { return core_->flow; }
input_quality gamma_engine::qualities() const {
  input_quality out = core_->profile.by_input;
  for (std::size_t i = 0; i < causes; ++i) out.blame(i, core_->signals.last().by_input.of(i));
  return out;
}
const level_set_input& gamma_engine::levels() const { return core_->universe.last(); }
std::span<const user_level> gamma_engine::user_levels() const { return core_->universe.user_levels(); }
const level_signal* gamma_engine::find_signal(std::string_view id) const { return core_->signals.find(id); }
std::vector<contract_flow> gamma_engine::flows_near(price level) const { return core_->flows_near(level); }
const engine_counters& gamma_engine::counters() const { return core_->counters; }

void gamma_engine::save(std::string& out) const { core_->save(out); }
bool gamma_engine::restore(std::string_view bytes) {
  auto fresh = std::make_unique<gamma_core>(core_->config, core_->live, core_->limits);
  const bool whole = fresh->restore(bytes);
  if (!whole) fresh = std::make_unique<gamma_core>(core_->config, core_->live, core_->limits);
  for (std::size_t i = 0; i < inputs; ++i)
    fresh->require(static_cast<input>(i), core_->requires_input(static_cast<input>(i)));
  core_ = std::move(fresh);
  return whole;
}

}  // namespace isobar::gamma_fuel
