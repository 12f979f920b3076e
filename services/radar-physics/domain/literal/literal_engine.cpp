#include "radar-physics/domain/literal/literal_engine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>

#include "core/archive.hpp"
#include "radar-physics/domain/features.hpp"
#include "radar-physics/domain/literal/features.hpp"
#include "radar-physics/domain/medium.hpp"

namespace isobar::radar_physics {
namespace {

constexpr std::string_view version = "isobar radar literal 1";
/// The flag that the earlier system took for the snapshot's.
constexpr std::uint8_t snapshot_bit = 128;
/// Idle windows after which derivatives and the approach have nothing left to say, whatever the rest threshold.
constexpr std::int64_t windows_to_settle = 5;
/// Times beyond this are garbage: such events count into the open window.
constexpr std::int64_t time_max = std::int64_t{1} << 62;

struct stored_event : market::book_event {
  template <class Archive>
  void fields(Archive& a) {
    a(ts_event, price, order, size, sequence, action, side, flags, channel);
  }
};
struct stored_table {
  std::string id;
  std::array<std::pair<double, double>, metrics> bounds{};
  template <class Archive>
  void fields(Archive& a) {
    a(id, bounds);
  }
};
stored_table stored(const calibration_table& t) {
  stored_table s{t.id, {}};
  for (std::size_t i = 0; i < metrics; ++i) s.bounds[i] = {t.bound[i].q05, t.bound[i].q95};
  return s;
}
calibration_table restored(const stored_table& s) {
  calibration_table t{s.id, {}};
  for (std::size_t i = 0; i < metrics; ++i) t.bound[i] = {s.bounds[i].first, s.bounds[i].second};
  return t;
}
struct stored_gex : gex_input {
  struct row : strike_row {
    template <class Archive>
    void fields(Archive& a) {
      a(strike, call, put);
    }
  };
  std::vector<row> rows;
  template <class Archive>
  void fields(Archive& a) {
    a(window_end, rows);
  }
};

}  // namespace

literal_engine::literal_engine(radar_config c, bool live)
    : config_(std::move(c)), live_(live), calibration_(bootstrap_calibration()), true_book_({.tick = config_.tick}) {}

void literal_engine::apply(const market::book_event& e, radar_sink& sink) {
  ++counters_.events;
  true_book_.apply(e);
  const bool snapshot = e.has(snapshot_bit);
  if (snapshot && !in_snapshot_) clear_book();
  if (in_snapshot_ && !snapshot) {
    in_snapshot_ = false;
    book_valid_ = true;
  }
  const bool garbage = e.ts_event.ns > time_max || e.ts_event.ns < -time_max;
  if (!open_ && !garbage) {
    open_ = true;
    begin_window(window_of(e.ts_event));
  }
  if (!garbage && window_of(e.ts_event) > window_) roll_to(window_of(e.ts_event), sink);
  if (garbage || window_of(e.ts_event) < window_) {
    ++counters_.late_events;
    ++late_;
  }
  if (e.action == market::book_action::none) return;
  keep_depth();
  messages_.push_back(e);
  if (e.action == market::book_action::clear) {
    clear_book();
    gap_ = false;
  } else if (e.action == market::book_action::trade) {
    if (e.price.value > 0 && e.price != market::no_price) last_trade_ = e.price;
    ++trades_;
    traded_ += e.size;
  } else {
    keep_order(e.order);
    literal::take(flows_, e, book_.apply(e), config_.rest);
  }
}

void literal_engine::clear_book() {
  keep_depth();
  if (!start_whole_) start_orders_.insert(book_.orders.begin(), book_.orders.end());
  start_whole_ = true;
  book_.clear();
  in_snapshot_ = true;
  book_valid_ = false;
  has_snapshot_ = true;
}

void literal_engine::keep_depth() {
  if (!start_depth_) start_depth_ = book_.depth;
}

void literal_engine::keep_order(market::order_id id) {
  if (start_whole_) return;
  const auto known = book_.orders.find(id);
  start_orders_.try_emplace(id, known == book_.orders.end() ? std::nullopt : std::optional(known->second));
}

literal::book literal_engine::book_at_start() const {
  literal::book start{{}, start_depth_ ? *start_depth_ : book_.depth};
  for (const auto& [id, order] : start_orders_) {
    if (order) start.orders.emplace(id, *order);
  }
  return start;
}

void literal_engine::begin_window(std::int64_t window) {
  window_ = window;
  if (next_calibration_) calibration_ = *std::exchange(next_calibration_, std::nullopt);
  has_snapshot_ = in_snapshot_;
  start_depth_.reset();
  start_orders_.clear();
  start_whole_ = false;
  messages_.clear();
  flows_.clear();
  trades_ = late_ = 0;
  traded_ = 0;
}

void literal_engine::roll_to(std::int64_t window, radar_sink& sink) {
  const std::int64_t settled = windows_to_settle + ceil_div(config_.rest.value, config_.window.value);
  while (window_ < window) {
    const bool strikes_wait = !gex_.empty() && gex_.back().window_end.ns > window_ * config_.window.value;
    const bool alike = messages_.empty() && idle_ >= settled && !strikes_wait;
    const std::int64_t windows = alike ? window - window_ : 1;
    emit(windows, sink);
    idle_ = messages_.empty() ? idle_ + windows : 0;
    begin_window(window_ + windows);
  }
}

void literal_engine::advance(timestamp watermark, radar_sink& sink) {
  if (!open_) return;
  if (watermark == end_of_time) {
    emit(1, sink);
    begin_window(window_ + 1);
    open_ = false;
  } else if (live_ && watermark.ns < time_max) {
    roll_to(window_of(watermark), sink);
  }
}

void literal_engine::gap() { gap_ = true; }

void literal_engine::take(gex_input in) {
  const auto place = std::upper_bound(gex_.begin(), gex_.end(), in.window_end,
                                      [](timestamp t, const gex_input& g) { return t < g.window_end; });
  gex_.insert(place, std::move(in));
  if (gex_.size() > gex_max) gex_.erase(gex_.begin());
}

const gex_input* literal_engine::gex_for(timestamp end) {
  const auto later =
      std::upper_bound(gex_.begin(), gex_.end(), end, [](timestamp t, const gex_input& g) { return t < g.window_end; });
  if (later == gex_.begin()) return nullptr;
  gex_.erase(gex_.begin(), std::prev(later));
  return &gex_.front();
}

void literal_engine::emit(std::int64_t windows, radar_sink& sink) {
  describe(windows);
  const gex_input* gex = gex_for(out_.window.end);
  build(gex);
  counters_.windows += static_cast<std::uint64_t>(windows);
  if (messages_.empty()) counters_.idle_windows += static_cast<std::uint64_t>(windows);
  if (!out_.window.valid) counters_.invalid_windows += static_cast<std::uint64_t>(windows);
  if (out_.window.crossed) counters_.crossed_windows += static_cast<std::uint64_t>(windows);
  if (windows > 1) ++counters_.spans;
  closed_until_ = out_.window.end;
  sink.on_window(out_);
}

void literal_engine::describe(std::int64_t windows) {
  literal_details& d = details_;
  d = {};
  const auto& bids = book_.depth[0];
  const auto& asks = book_.depth[1];
  if (!bids.empty()) std::tie(d.best_bid, d.best_bid_size) = *bids.rbegin();
  if (!asks.empty()) std::tie(d.best_ask, d.best_ask_size) = *asks.begin();
  if (d.best_bid.value > 0 && d.best_ask.value > 0) {
    d.mid_price = static_cast<double>(d.best_bid.value + d.best_ask.value) * 0.5 * 1e-9;
    d.mid = price(literal::round_half_even(d.best_bid.value + d.best_ask.value, 2));
  }
  d.last_trade = last_trade_;
  d.reference = literal::spot_reference(last_trade_, book_valid_, d.best_bid, config_.tick);
  d.book_valid = book_valid_;

  window_info& w = out_.window;
  w = {};
  w.start = {window_ * config_.window.value};
  w.end = {(window_ + windows) * config_.window.value};
  w.span = static_cast<std::uint32_t>(std::min<std::int64_t>(windows, UINT32_MAX));
  w.valid = book_valid_ && !has_snapshot_;
  w.trust = book_valid_ ? market::book_trust::whole : market::book_trust::snapshot;
  w.rebuilt = has_snapshot_;
  w.gap = gap_;
  w.late_events = late_;
  const auto level_of = [&](price p, std::int64_t size) {
    return market::book_level{floor_div(p.value, config_.tick.value), static_cast<std::uint64_t>(size), 0};
  };
  if (!bids.empty()) w.best_bid = level_of(d.best_bid, d.best_bid_size);
  if (!asks.empty()) w.best_ask = level_of(d.best_ask, d.best_ask_size);
  w.crossed = w.best_bid && w.best_ask && d.best_bid >= d.best_ask;
  if (d.reference.value != 0) {
    w.anchor = d.reference;
    w.ref_tick = floor_div(d.reference.value, config_.tick.value);
  }
  if (last_trade_.value != 0) w.last_trade = last_trade_;
  w.events = static_cast<std::uint32_t>(messages_.size());
  w.trades = trades_;
  w.traded = traded_;
  w.calibration = calibration_.id;
}

void literal_engine::build(const gex_input* gex) {
  out_.surface.rows.clear();
  out_.surface.bid_rows = 0;
  out_.surface.bands = {};
  out_.breakthroughs.clear();
  if (details_.reference.value == 0) {
    feature_history nothing_before;
    nothing_before.append(features_of({}, {}), 0, out_.features);
  } else {
    literal::build_rows(book_, flows_, details_.reference, out_.window.end, config_, calibration_, memory_,
                        out_.surface);
    out_.surface.bands = bands_of(out_.surface, details_.reference, config_.tick, row_scorer(calibration_));
    details_.physics = literal::join_physics(out_.surface, calibration_);
    details_.buckets = literal::build_buckets(details_.physics, gex, details_.reference, config_, calibration_);
    const auto views =
        literal::replay(book_at_start(), book_, messages_, details_.reference, config_.tick, config_.rest);
    features_.append(features_of(views.ask, views.bid), details_.reference.value, out_.features);
  }
  fill_column(gex);
}

void literal_engine::fill_column(const gex_input* gex) {
  radar_column& c = out_.column;
  c = {};
  if (gex != nullptr) c.gex_as_of = gex->window_end;
  if (details_.buckets.empty()) return;
  c.spot_bucket = floor_div(out_.window.ref_tick, 2);
  c.first_bucket_rel = details_.buckets.front().bucket_rel;
  c.rows.resize(static_cast<std::size_t>(details_.buckets.back().bucket_rel - c.first_bucket_rel + 1));
  for (const literal::bucket_row& b : details_.buckets) {
    radar_row& r = c.rows[static_cast<std::size_t>(b.bucket_rel - c.first_bucket_rel)];
    r.mass = r.mass_norm = b.mass;
    r.vacuum = b.vacuum;
    r.stiffness = b.stiffness;
    r.resistance = std::clamp(b.mass + b.stiffness, 0.0, 1.0);
    r.resistance_eroded = b.resistance_eroded;
    r.cavitation = b.cavitation;
    r.mobility = b.mobility;
    r.blocked_level = static_cast<std::uint8_t>(b.blocked_level);
  }
}

std::size_t literal_engine::memory_bytes() const {
  constexpr std::size_t node = 4 * sizeof(void*);  // of a std::map
  const auto of_book = [&](const literal::book& b) {
    return b.orders.size() * (node + sizeof(market::order_id) + sizeof(literal::order)) +
           (b.depth[0].size() + b.depth[1].size()) * (node + 2 * sizeof(std::int64_t));
  };
  return sizeof(*this) + true_book_.memory_bytes() + of_book(book_) +
         start_orders_.size() * (node + sizeof(market::order_id) + sizeof(literal::order)) +
         messages_.capacity() * sizeof(market::book_event) + flows_.size() * (node + 6 * sizeof(std::int64_t)) +
         memory_.rows.size() * (node + 8 * sizeof(std::int64_t)) + out_.surface.rows.capacity() * sizeof(medium_row);
}

template <class Archive>
void literal_engine::fields(Archive& a) {
  constexpr bool reading = requires { a.refuse(); };
  std::string true_book;
  true_book_.save(true_book);
  std::vector<stored_event> messages;
  for (const auto& m : messages_) messages.push_back({m});
  std::vector<stored_gex> strikes;
  for (const auto& g : gex_) {
    stored_gex& s = strikes.emplace_back();
    s.window_end = g.window_end;
    for (const auto& row : g.strikes) s.rows.push_back({row});
  }
  stored_table table = stored(calibration_);
  std::optional<stored_table> next;
  if (next_calibration_) next = stored(*next_calibration_);
  engine_counters& n = counters_;
  a(true_book, messages, strikes, table, next, book_, in_snapshot_, book_valid_, last_trade_, open_, window_,
    has_snapshot_, gap_, idle_, trades_, late_, traded_, start_depth_, start_orders_, start_whole_, flows_, memory_,
    features_, closed_until_);
  a(n.events, n.late_events, n.windows, n.idle_windows, n.invalid_windows, n.crossed_windows, n.spans);
  if constexpr (reading) {
    if (!true_book_.restore(true_book)) return a.refuse();
    calibration_ = restored(table);
    next_calibration_.reset();
    if (next) next_calibration_ = restored(*next);
    messages_.assign(messages.begin(), messages.end());
    gex_.clear();
    for (const stored_gex& s : strikes) gex_.push_back({s.window_end, {s.rows.begin(), s.rows.end()}});
  }
}

void literal_engine::save(std::string& out) const {
  archive_writer w(out);
  w(std::string(version), assumptions_id(config_));
  const_cast<literal_engine*>(this)->fields(w);  // one list of fields serves both directions; writing changes nothing
}

bool literal_engine::restore(std::string_view bytes) {
  archive_reader r(bytes);
  std::string rules, assumptions;
  r(rules, assumptions);
  if (r.ok() && rules == version && assumptions == assumptions_id(config_)) {
    fields(r);
    if (r.finished()) return true;
  }
  *this = literal_engine(config_, live_);
  return false;
}

}  // namespace isobar::radar_physics
