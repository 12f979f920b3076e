#include "radar-physics/domain/medium_engine.hpp"

#include <cmath>

#include "core/numeric.hpp"
#include "market/order_book_apply.hpp"
#include "radar-physics/domain/medium.hpp"

namespace isobar::radar_physics {
namespace {

constexpr std::uint32_t checkpoint_magic = 0x52'44'52'33;  // "RDR3"

}  // namespace

medium_engine::medium_engine(radar_config c, bool live)
    : config_(std::move(c)),
      live_(live),
      book_({.tick = config_.tick}),
      flows_(config_.wall_ticks, config_.window, config_.rest),
      features_(config_),
      placeholder_(config_),
      radar_(config_),
      watch_(config_),
      levels_(config_),
      streaming_(config_.streaming_windows_min, config_.streaming_half_life_windows) {}

[[gnu::always_inline]] inline void medium_engine::take_record(const market::book_event& e, market::order_book::hash h) {
  ++counters_.events;
  market::book_change change;
  book_.apply(e, h, change, [&](const market::book_change& c) __attribute__((always_inline)) {
    if (gap_ || e.has(market::event_flag::maybe_bad_book)) [[unlikely]]
      look_for_gap(e);
    if (!open_) [[unlikely]] {
      if (c.action == market::book_action::trade && e.price != market::no_price) last_trade_ = e.price;
      return;
    }
    ++tally_.events;
    resting_ = false;
    if (next_tick_ != end_of_time) levels_.observe(c, book_);
    if ((c.added | c.pulled | c.filled) != 0 && !c.cleared) [[likely]] {
      flows_.apply(c, book_);
      if ((tally_.cleared || is_move(c)) && !changes_.keep({c, config_.rest})) ++counters_.unkept_moves;
    } else {
      take_other(e, c);
    }
  });
}

void medium_engine::apply(const market::book_event& e, radar_sink& sink) {
  take(e, market::order_book::hash_of(e.order), sink);
}

void medium_engine::apply(std::span<const market::book_event> batch, radar_sink& sink) {
  // Decoder, flows and windows want the cache too.
  constexpr std::size_t near_slots = 1 << 12;
  market::order_book::scout ahead(book_, batch, near_slots);
  for (std::size_t i = 0; i < batch.size(); ++i) take(batch[i], ahead.before(i), sink);
}

inline void medium_engine::take(const market::book_event& e, market::order_book::hash h, radar_sink& sink) {
  // On the hot path: in time, in order, in the open window. Roll first, flags and clears after (decisions 4).
  if (!e.has(market::event_flag::snapshot) && e.ts_event >= last_ && e.ts_event < stop_) [[likely]] {
    last_ = e.ts_event;
    if (running_) [[unlikely]]
      end_run(sink);
    return take_record(e, h);
  }
  take_untimely(e, h, sink);
}

/// A record of a snapshot, or one that time must be looked at for.
void medium_engine::take_untimely(const market::book_event& e, market::order_book::hash h, radar_sink& sink) {
  const bool snapshot = e.has(market::event_flag::snapshot);
  if (snapshot && open_) end_run(sink);
  const market::book_event at = snapshot ? dated(e) : timed(e, sink);
  if (!snapshot && open_) end_run(sink);
  take_record(at, h);
}

/// Records without a flow: trades and fills, and what rebuilds the book.
void medium_engine::take_other(const market::book_event& e, const market::book_change& c) {
  if (c.action == market::book_action::trade) {
    ++tally_.trades;
    tally_.traded += c.traded;
    if (e.price != market::no_price) last_trade_ = e.price;
  }
  tally_.rebuilt |= c.snapshot || c.cleared;
  // An order that a snapshot says twice is another order, also at the same place.
  const bool again = c.action == market::book_action::add && c.new_size != 0;
  if (c.cleared || (c.snapshot && (again || c.old_size != c.new_size || c.old_tick != c.new_tick)))
    flows_.rebuild(c, book_);
  if (c.cleared) {  // rows go on with the flows before it, features forget them: from here on every change counts
    tally_.cleared = true;
    changes_.clear();
  }
}

void medium_engine::look_for_gap(const market::book_event& e) {
  if (gap_ && book_.trust() == market::book_trust::whole) gap_ = false;
  if (e.has(market::event_flag::maybe_bad_book) && e.action != market::book_action::clear) gap_ = true;
}

void medium_engine::describe_window(window_info& w) {
  w.start = start_;
  w.end = end_;
  w.span = 1;
  w.trust = book_.trust();
  w.crossed = book_.crossed();
  w.rebuilt = tally_.rebuilt;
  w.gap = gap_;
  w.valid = w.trust == market::book_trust::whole && !w.crossed && !w.rebuilt && !w.gap;
  // A book that is half rebuilt has no good mid.
  const std::optional<price> mid = w.trust == market::book_trust::snapshot ? std::nullopt : book_.mid();
  const bool good = mid && std::abs(floor_div(mid->value, config_.tick.value)) <= std::int64_t{1} << 60;
  if (good) anchor_ = *mid;
  w.anchor_held = !good && anchor_ != market::no_price;
  w.anchor = anchor_;
  w.ref_tick = anchor_ == market::no_price ? 0 : floor_div(anchor_.value, config_.tick.value);
  w.late_events = tally_.late;
  w.best_bid = book_.best(book_side::bid);
  w.best_ask = book_.best(book_side::ask);
  w.last_trade = last_trade_;
  w.events = tally_.events;
  w.trades = tally_.trades;
  w.traded = tally_.traded;
  w.calibration = calibration_in_force().id;
}

const calibration_table& medium_engine::calibration_in_force() const {
  if (table_) return *table_;
  const calibration_table* learnt = config_.calibrate_streaming ? streaming_.table() : nullptr;
  return learnt != nullptr ? *learnt : bootstrap_calibration();
}

gate_state medium_engine::gate_in_force() const {
  if (gate_ == nullptr) return placeholder_.state();
  return {gate_->p_up, 1 - gate_->p_up, gate_stale_ ? gate_source::stale_model : gate_source::model};
}

void medium_engine::close_window(radar_sink& sink) {
  const bool idle = tally_.events == 0;
  describe_window(out_.window);
  const window_info& w = out_.window;
  const calibration_table& calibration = calibration_in_force();
  if (w.anchor == market::no_price) {
    out_.surface.rows.clear();
    out_.surface.bid_rows = 0;
    out_.surface.bands = {};
    flows_.settle(book_);
  } else {
    flows_.settle(w.ref_tick, book_);
    build_medium(flows_, w.anchor, config_.tick, config_.wall_ticks, calibration, out_.surface);
  }
  features_.build(w, out_.surface.rows, out_.surface.bid_rows, flows_near(), out_.features);
  placeholder_.observe(w);
  radar_.build(w, out_.surface.rows, calibration, gex_, gex_stale_, gate_in_force(), out_.column);
  watch_.observe(w, out_.column, out_.breakthroughs);
  count_window(w, idle, 1);
  counters_.breakthroughs += out_.breakthroughs.size();
  counters_.gex_alignment_errors = radar_.gex_alignment_errors();
  counters_.centre_errors = radar_.centre_errors();
  counters_.flows_outside = flows_.lost();
  ++counters_.computed_windows;

  if (!table_ && config_.calibrate_streaming && !idle && w.anchor != market::no_price)
    streaming_.learn(out_.surface, out_.column, gex_);
  if (idle) {
    hold(sink);
  } else {
    give(out_, sink);
    if (live_) running_ = false;
  }
}

window_flows medium_engine::flows_near() const {
  const window_info& w = out_.window;
  if (w.anchor == market::no_price) return {};  // there are no rows either
  if (tally_.cleared) return flows_of(changes_.all(), w.ref_tick);
  return flows_of(changes_.all(), out_.surface, w.ref_tick);
}

bool medium_engine::at_rest() const {
  return (!open_ || flows_.settled()) && features_.settled() && radar_.settled() && watch_.settled() &&
         (anchor_ == market::no_price || placeholder_.settled());
}

void medium_engine::hold(radar_sink& sink) {
  const bool alike = running_ && run_.same_but_times(out_);
  resting_ = alike && at_rest();
  if (live_) {
    give(out_, sink);
    std::swap(out_, run_);
    running_ = true;
    return;
  }
  if (alike && run_.window.span != UINT32_MAX) {
    ++run_.window.span;
    run_.window.end = end_;
    return;
  }
  end_run(sink);
  std::swap(out_, run_);
  running_ = true;
}

void medium_engine::end_run(radar_sink& sink) {
  if (!running_) return;
  running_ = false;
  resting_ = false;
  if (!live_) give(run_, sink);
}

void medium_engine::give(const window_outputs& out, radar_sink& sink) {
  if (out.window.span > 1) ++counters_.spans;
  given_until_ = out.window.end;
  sink.on_window(out);
}

void medium_engine::count_window(const window_info& w, bool idle, std::uint64_t windows) {
  counters_.windows += windows;
  if (idle) counters_.idle_windows += windows;
  if (!w.valid) counters_.invalid_windows += windows;
  if (w.crossed) counters_.crossed_windows += windows;
  if (w.crossed && !crossed_before_) ++counters_.crossed_spans;
  crossed_before_ = w.crossed;
}

void medium_engine::gap() {
  book_.distrust();
  gap_ = true;
  resting_ = false;
}

void medium_engine::take(gex_input in) {
  gex_inputs_.take(std::move(in));
  resting_ = false;
  if (open_) choose_inputs();
}

void medium_engine::take(gate_input in) {
  in.p_up = in.p_up >= 0 && in.p_up <= 1 ? in.p_up : 0.5;
  gate_inputs_.take(std::move(in));
  resting_ = false;
  if (open_) choose_inputs();
}

void medium_engine::take(level_set_input in) {
  levels_.take(std::move(in));
  count_levels();
  watch_levels();
}

void medium_engine::take(calibration_table table) {
  if (open_) {
    next_table_ = std::move(table);
    resting_ = false;
  } else {
    table_ = std::move(table);
  }
}

std::size_t medium_engine::memory_bytes() const {
  const auto rows = [](const window_outputs& o) {
    return o.surface.rows.capacity() * sizeof(medium_row) + o.column.rows.capacity() * sizeof(radar_row);
  };
  return sizeof *this + book_.memory_bytes() + flows_.memory_bytes() + levels_.memory_bytes() +
         streaming_.memory_bytes() + rows(out_) + rows(run_) + changes_.memory_bytes();
}

template <class Archive>
void medium_engine::fields(Archive& a) {
  a(features_, placeholder_, radar_, watch_, levels_, streaming_, table_, next_table_, gex_inputs_, gate_inputs_, open_,
    start_, end_, last_, now_, next_tick_, stop_, tick_trusted_, given_until_, tally_, changes_, last_trade_, anchor_,
    gap_, crossed_before_, resting_, running_, counters_);
  if (running_) a(run_);
}

void medium_engine::save(std::string& out) const {
  archive_writer a(out);
  std::string book;
  book_.save(book);
  a(checkpoint_magic, assumptions_id(config_), book);
  const_cast<medium_engine*>(this)->fields(a);  // serves both directions; writing changes nothing
  flows_.save(a);
}

bool medium_engine::restore(std::string_view bytes) {
  archive_reader a(bytes);
  std::uint32_t magic = 0;
  std::string rules, book;
  a(magic, rules, book);
  if (a.ok() && magic == checkpoint_magic && rules == assumptions_id(config_) && book_.restore(book)) {
    fields(a);
    if (a.ok() && flows_.restore(a) && a.finished()) {
      const bool resting = resting_;
      if (open_) choose_inputs();
      resting_ = resting;
      return true;
    }
  }
  *this = medium_engine(config_, live_);
  return false;
}

}  // namespace isobar::radar_physics
