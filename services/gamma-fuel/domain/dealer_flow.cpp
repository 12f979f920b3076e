#include "gamma-fuel/domain/dealer_flow.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "gamma-fuel/domain/expiry_filter.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr std::int64_t slots_per_window = 300;
constexpr std::int64_t slot_min_ns = 1'000'000;

/// Which contracts of the configured set count at an instant: the exposures' rule.
expiry_filter filter_of(const gamma_config& c, timestamp t, const option_board& board) {
  static const expiry_choice today(expiry_set::zero_dte);
  expiry_filter set(c.rules == compat::literal ? today : c.expiries, t);
  if (!set.wants_nearest()) return set;
  for (const contract_number n : board.in_order()) set.see(board.row(n).contract.settles_at);
  return set;
}
bool takes(const expiry_filter& set, const option_contract& c, timestamp t) {
  return c.settles_at > t && set.takes(c.id.expiry, c.settles_at);
}

}  // namespace

dealer_flow::dealer_flow(const gamma_config& c) : config_(c) {
  config_.fuel.half_life.value = c.fuel.half_life.value > 0 ? std::max(c.fuel.half_life.value, slot_min_ns) : 0;
  width_ = c.fuel.window.value / slots_per_window;
  // Inside a slot weights grow to 2^(width / half_life): at most 2.
  if (config_.fuel.half_life.value > 0) width_ = std::min(width_, config_.fuel.half_life.value);
  width_ = std::max(slot_min_ns, width_);
}

// Literal flows have no window: all of a contract is one slot.
std::int64_t dealer_flow::slot_of(timestamp t) const { return literal() ? 0 : floor_div(t.ns, width_); }

std::int64_t dealer_flow::oldest_at(timestamp t) const {
  return literal() ? 0 : floor_div((t - config_.fuel.window).ns, width_);
}

double dealer_flow::decay(duration_ns age) const {
  if (literal() || config_.fuel.half_life.value <= 0) return 1;
  return std::exp2(-static_cast<double>(age.value) / static_cast<double>(config_.fuel.half_life.value));
}

price dealer_flow::as_symbol(strike k, const gex_profile& p) const {
  return price(std::llround(config_.scale * static_cast<double>(k.value))) + p.basis;
}

bool dealer_flow::before(contract_number a, contract_number b) const {
  const auto key = [&](contract_number n) {
    const market::option_id& id = contracts_[n].contract.id;
    return std::tie(id.expiry, id.root, id.strike, id.right);
  };
  return key(a) < key(b);
}

bool dealer_flow::restore(std::vector<std::pair<contract_number, contract_state>> traded) {
  contracts_.clear();
  seen_ = {};
  std::size_t slots = 0;
  for (auto& [n, state] : traded) {
    if (n < contracts_.size() || n >= option_board::contracts_max) return false;
    contracts_.resize(n + 1);
    contracts_[n] = std::move(state);
    slots += contracts_[n].slots.size();
  }
  const auto has_slots = [this](contract_number n) { return n < contracts_.size() && !contracts_[n].slots.empty(); };
  return slots == slots_ && std::all_of(active_.begin(), active_.end(), has_slots);
}

dealer_flow::slot* dealer_flow::slot_for(contract_number n, std::int64_t number, timestamp t) {
  if (slots_ == slots_max && oldest_at(t) > forgotten_) forget_before(oldest_at(t));
  std::vector<slot>& slots = contracts_[n].slots;
  const auto place = std::partition_point(slots.begin(), slots.end(), [&](const slot& s) { return s.number < number; });
  if (place != slots.end() && place->number == number) return &*place;
  if (slots_ == slots_max) return nullptr;
  if (slots.empty()) {
    active_.insert(std::upper_bound(active_.begin(), active_.end(), n,
                                    [this](contract_number a, contract_number b) { return before(a, b); }),
                   n);
  }
  ++slots_;
  return &*slots.insert(place, slot{.number = number});
}

int dealer_flow::trade(const option_event& e, const board_row& row) {
  if (e.contract == no_contract || e.size.value <= 0) {
    ++dropped_;
    return 0;
  }
  if (e.contract >= contracts_.size()) contracts_.resize(e.contract + 1);
  contract_state& c = contracts_[e.contract];
  if (c.slots.empty()) c.contract = row.contract;
  const int sign = literal() ? literal_customer_sign(e, c.ticks) : customer_sign(e, row.bid, row.ask, c.ticks);
  const std::int64_t number = slot_of(e.ts_event);
  slot* s = slot_for(e.contract, number, e.ts_event);
  if (s == nullptr) {
    ++dropped_;
    return sign;
  }
  if (row.gamma == 0) ++without_gamma_;
  const auto lots = static_cast<std::uint64_t>(e.size.value);
  (sign > 0 ? s->bought : sign < 0 ? s->sold : s->unsigned_lots) += lots;
  // Dealers take the other side. Decayed backwards to the slot's beginning: readings decay forwards from there.
  const double deltas = static_cast<double>(row.contract.multiplier) / (literal() ? 1 : config_.scale * config_.scale);
  const double taken = -sign * static_cast<double>(e.size.value) * row.gamma * deltas;
  s->gamma += taken / decay(literal() ? duration_ns{} : e.ts_event - timestamp{number * width_});
  seen_.valid = false;
  return sign;
}

void dealer_flow::weigh(timestamp t, std::vector<double>& weights) const {
  weights.clear();
  for (std::int64_t n = oldest_at(t); n <= slot_of(t); ++n) {
    weights.push_back(decay(literal() ? duration_ns{} : t - timestamp{n * width_}));
  }
}

contract_flow dealer_flow::sum(contract_number n, std::int64_t oldest, const std::vector<double>& weights) const {
  contract_flow f{.contract = n};
  for (const slot& s : contracts_[n].slots) {
    if (s.number < oldest) continue;
    const auto age = std::min(static_cast<std::size_t>(s.number - oldest), weights.size() - 1);
    f.dealer_gamma += s.gamma * weights[age];
    f.bought += s.bought;
    f.sold += s.sold;
    f.unsigned_lots += s.unsigned_lots;
  }
  return f;
}

void dealer_flow::forget_before(std::int64_t oldest) {
  const auto idle = [&](contract_number n) {
    std::vector<slot>& slots = contracts_[n].slots;
    const auto first =
        std::partition_point(slots.begin(), slots.end(), [&](const slot& s) { return s.number < oldest; });
    slots_ -= static_cast<std::size_t>(first - slots.begin());
    slots.erase(slots.begin(), first);
    return slots.empty();
  };
  std::erase_if(active_, idle);
  forgotten_ = oldest;
  seen_.valid = false;
}

void dealer_flow::refresh(timestamp t, const option_board& board, const gex_profile& p) {
  if (seen_.valid && seen_.t == t && seen_.basis == p.basis && seen_.basis_known == p.basis_known) return;
  forget_before(oldest_at(t));
  std::erase_if(effects_, [&](const auto& e) { return e.second.asked < t - config_.fuel.window; });
  strikes_.clear();
  weigh(t, weights_);
  const std::int64_t oldest = oldest_at(t);
  seen_ = {.t = t, .basis = p.basis, .basis_known = p.basis_known, .valid = true};
  if (!p.basis_known) return;  // nobody knows where the strikes are
  const expiry_filter set = filter_of(config_, t, board);
  for (const contract_number n : active_) {
    const option_contract& c = contracts_[n].contract;
    if (!takes(set, c, t)) continue;
    const contract_flow f = sum(n, oldest, weights_);
    strike_flow s{
        .at = as_symbol(c.id.strike, p), .volume = f.bought + f.sold + f.unsigned_lots, .unsigned_ = f.unsigned_lots};
    (c.id.right == market::right::call ? s.call : s.put) = f.dealer_gamma;
    // Each expiry ascends by strike, so places are found near the end while one expiry is read.
    const auto place =
        std::partition_point(strikes_.begin(), strikes_.end(), [&](const strike_flow& x) { return x.at < s.at; });
    if (place == strikes_.end() || place->at != s.at) {
      strikes_.insert(place, s);
      continue;
    }
    place->call += s.call;
    place->put += s.put;
    place->volume += s.volume;
    place->unsigned_ += s.unsigned_;
  }
}

fuel_reading dealer_flow::at(std::string_view level_id, price level, timestamp t, const option_board& board,
                             const gex_profile& p) {
  refresh(t, board, p);
  fuel_reading r = read_fuel(within(strikes_, level, config_.fuel.reach), level, config_.fuel, config_.rules);
  auto memory = effects_.find(level_id);
  if (memory == effects_.end()) memory = effects_.emplace(std::string(level_id), level_effect{}).first;
  level_effect& m = memory->second;
  const bool jumped =
      m.price != market::no_price && std::abs((level - m.price).value) > config_.levels.touch_band.value;
  r.effect = effect_of(r.net_dealer_gamma, literal() || jumped ? regime::neutral : m.effect, config_.fuel);
  m = {r.effect, t, level};
  return r;
}

std::vector<contract_flow> dealer_flow::near(price level, timestamp t, const option_board& board,
                                             const gex_profile& p) const {
  std::vector<contract_flow> flows;
  if (!p.basis_known) return flows;
  std::vector<double> weights;
  weigh(t, weights);
  const expiry_filter set = filter_of(config_, t, board);
  for (const contract_number n : active_) {
    const option_contract& c = contracts_[n].contract;
    if (!takes(set, c, t) || std::abs((as_symbol(c.id.strike, p) - level).value) > config_.fuel.reach.value) continue;
    const contract_flow f = sum(n, oldest_at(t), weights);
    if (f.bought + f.sold + f.unsigned_lots > 0) flows.push_back(f);
  }
  return flows;
}

std::vector<literal::strike_total> dealer_flow::totals() const {
  std::map<std::pair<strike, market::right>, double> sums;
  for (const contract_number n : active_) {
    const option_contract& c = contracts_[n].contract;
    double& sum = sums[{c.id.strike, c.id.right}];
    for (const slot& s : contracts_[n].slots) sum += s.gamma;
  }
  std::vector<literal::strike_total> out;
  for (const auto& [at, sum] : sums) out.push_back({price(at.first.value), at.second, sum});
  return out;
}

}  // namespace isobar::gamma_fuel
