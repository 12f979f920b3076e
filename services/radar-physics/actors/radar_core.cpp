#include "radar-physics/actors/radar_core.hpp"

#include <algorithm>

#include "core/decimal.hpp"
#include "core/digest.hpp"
#include "telemetry/log.hpp"

namespace isobar::radar_physics {
namespace {

/// As the engine has it: times outside [1970, 2200) are none.
constexpr timestamp latest_time{7'258'118'400'000'000'000};

const telemetry::logger& log() {
  static const telemetry::logger l("radar-physics");
  return l;
}

/// Snapshot records tell the past; times that are none tell nothing.
bool moves_time(const market::book_event& e) {
  return !e.has(market::event_flag::snapshot) && e.ts_event.ns >= 0 && e.ts_event < latest_time;
}

std::unique_ptr<radar_recorder> make_recorder(const radar_link& link) {
  if (!link.configured.record) return nullptr;
  return std::make_unique<radar_recorder>(link.folder, session_rule{link.configured.session_start_minutes});
}

std::shared_ptr<const service::checkpoint_store> store_of(const radar_link& link) {
  if (link.place) return link.place->checkpoints;
  return std::make_shared<service::checkpoint_file>(link.folder, "radar");
}

/// gamma-fuel asks for what it lacks in replay only.
std::size_t bytes_kept(const radar_link& link) {
  if (link.live || !link.plan.side_levels) return 0;
  return static_cast<std::size_t>(link.configured.kept_bytes_max);
}

}  // namespace

radar_core::radar_core(radar_link& link)
    : link_(link),
      rules_(link.plan.rules),
      output_({link.bus, link.venue, link.name, *link.store, link.measured, make_recorder(link), bytes_kept(link)},
              rules_),
      line_(link.live, static_cast<std::size_t>(link.configured.held_frames_max)),
      watch_(link.plan.levels, link.plan.level_step, link.plan.rules.levels.levels_max),
      saved_in_(store_of(link)) {
  side_watermark_.fill(start_of_time);
  make_engine(rules_);
}

void radar_core::make_engine(const radar_config& rules) {
  rules_ = rules;
  engine_ = std::make_unique<radar_engine>(rules_, link_.live);
  second_.reset();
  if (link_.configured.audit) second_ = std::make_unique<second_book>(rules_.tick);
  output_.set_rules(rules_);
  if (link_.calibration && !link_.calibrated_session) engine_->take(*link_.calibration);
  if (gex_) engine_->take(*gex_);
  if (gate_) engine_->take(*gate_);
  watch(watch_.everything());
}

// ---- inputs ----

void radar_core::process() {
  auto& ready = line_.ready();
  waits_for_side_ = false;
  while (!ready.empty() && process(ready.front())) ready.pop_front();
}

bool radar_core::process(line_item& item) {
  if (std::exchange(item.after_gap, false)) {
    lose();
    link_.measured.lost_gaps.add();
    log().warn("worker goes on behind a gap symbol=" + link_.name.str() + " frame=" + std::to_string(item.sequence));
  }
  if (!item.bytes) {
    if (!cross(item.watermark)) return false;
    watermark_ = std::max(watermark_, item.watermark);
    return true;
  }
  if (!frame_open_ && !open_frame(item)) return true;
  return apply_frame();
}

bool radar_core::open_frame(const line_item& item) {
  if (link_.probe) link_.probe(item.sequence);
  frame_number_ = item.sequence;
  frame_digest_ = hash64(*item.bytes);
  frame_bytes_ += item.bytes->size();
  frame_at_ = std::chrono::steady_clock::now();
  applied_ = 0;
  const bool again = resume_at_.has_value();
  if (again && !matches_checkpoint(item.sequence)) return false;
  const auto header = wire::decode_book(*item.bytes, frame_);
  if (!header || frame_.symbol != link_.name) {
    input_sequence_ = item.sequence;
    const std::string why = header ? "wrong_symbol" : std::string(wire::to_string(header.error().code));
    link_.measured.rejected(why).add();
    log().warn_limited("frame " + link_.name.str(), "frame refused symbol=" + link_.name.str() +
                                                        " frame=" + std::to_string(item.sequence) + " reason=" + why +
                                                        (header ? "" : " error=\"" + header.error().evidence + "\""));
    // The book lacks what the frame held: as if it had been lost.
    if (!again) lose();
    return false;
  }
  header_ = *header;
  applied_ = std::min(applied_, frame_.events.size());
  if (header_.quality == market::quality::synthetic) output_.set_source(market::quality::synthetic);
  learn_contract(frame_.tick, 0);
  frame_open_ = true;
  return true;
}

/// The first frame after a checkpoint must be the one that it stands in, byte for byte.
bool radar_core::matches_checkpoint(std::uint64_t sequence) {
  const expected at = *std::exchange(resume_at_, std::nullopt);
  if (at.frame == sequence && at.digest == frame_digest_) {
    applied_ = at.done ? SIZE_MAX : at.applied;
    return true;
  }
  log().warn("worker meets another feed than its checkpoint's symbol=" + link_.name.str() +
             " frame=" + std::to_string(sequence) + (link_.live ? "" : "; it begins anew"));
  leave_checkpoint();
  return false;
}

void radar_core::leave_checkpoint() {
  // What is ready is read again from its first frame; the front is under way.
  auto& ready = line_.ready();
  ready.erase(ready.begin() + 1, ready.end());
  line_.begin_anew(link_.live);
  frame_number_ = input_sequence_ = 0;
  if (link_.live) return;  // outputs go on behind a gap
  open_end_ = end_of_time;
  last_event_ = watermark_ = start_of_time;
  any_event_ = false;
  watch_.clear();
  for (auto& f : followers_) f.resume_after(0);  // they are asked for again, too
  output_.resume({});
  if (auto* recorder = output_.recorder()) (void)recorder->resume({});
  make_engine(link_.plan.rules);
  begin();
}

void radar_core::begin() {
  saved_in_->remove();
  link_.store->clear();
  durable_[0] = durable_[1] = 0;
  side_durable_[0] = side_durable_[1] = {};
}

bool radar_core::apply_frame() {
  const std::span<const market::book_event> all(frame_.events);
  while (applied_ < all.size()) {
    // Up to the next record that ends the open window.
    std::size_t end = applied_;
    for (; end < all.size(); ++end) {
      if (!moves_time(all[end])) continue;
      if (all[end].ts_event >= open_end_) break;
      if (open_end_ == end_of_time) {
        open_end_ = window_end_of(all[end].ts_event, rules_.window);
        calibrate();
      }
    }
    if (end > applied_) {
      engine_->apply(all.subspan(applied_, end - applied_), output_);
      if (second_) second_->apply(all.subspan(applied_, end - applied_));
      any_event_ = true;
      last_event_ = all[end - 1].ts_event;
      applied_ = end;
    }
    if (end < all.size() && !cross(all[end].ts_event)) return false;
  }
  if (!cross(header_.watermark)) return false;
  // A feed that had ended and goes on has not ended.
  if (second_) audit();
  watermark_ = ended() ? header_.watermark : std::max(watermark_, header_.watermark);
  frame_open_ = false;
  input_sequence_ = frame_number_;
  save_if_heavy();
  return true;
}

/// Records are missing here.
void radar_core::lose() {
  engine_->gap();
  if (second_) second_->distrust();
}

void radar_core::audit() {
  second_->compare(engine_->book());
  if (!second_->difference() || std::exchange(audit_told_, true)) return;
  link_.measured.audit_differences.add();
  log().error("audit: it is us symbol=" + link_.name.str() + " frame=" + std::to_string(frame_number_) +
              " difference=\"" + *second_->difference() + "\"");
  log().info("audit symbol=" + link_.name.str() + " report=\"" + second_->report() + "\"");
}

// ---- windows ----

/// Closes what ends at or before `t`. False: a side input is awaited first; windows that have theirs have closed.
bool radar_core::cross(timestamp t) {
  if (open_end_ == end_of_time) return true;  // nothing has begun
  const bool end = t == end_of_time;
  if (!end && t >= latest_time) return true;
  if (t < open_end_) {
    engine_->advance(t, output_);  // levels are read inside windows too
    return true;
  }
  const timestamp last = may_reach();
  if (last < open_end_) {
    waits_for_side_ = true;
    return false;
  }
  if (end) {
    engine_->advance(t, output_);
    return true;
  }
  // The window under way first: round levels follow its anchor before those behind it are read.
  const bool whole = last >= t || window_end_of(last, rules_.window) > t;
  const timestamp reach = whole ? t : last;
  step(open_end_);
  // The table holds from the window after the one in which its last session is over.
  if (const timestamp from = calibrate_from(); !calibrated() && from <= reach) {
    step(from);
    engine_->take(*link_.calibration);
  }
  step(reach);
  open_end_ = window_end_of(reach, rules_.window);
  save_if_due();
  waits_for_side_ = !whole;
  return whole;
}

/// End of the window in which the last session that the table is made from is over.
timestamp radar_core::calibrate_from() const {
  if (!link_.calibration) return end_of_time;
  if (!link_.calibrated_session) return start_of_time;
  const session_rule rule{link_.configured.session_start_minutes};
  return window_end_of(rule.begin_of(*link_.calibrated_session + 1) - duration_ns{1}, rules_.window);
}

/// The engine has the table: known from where it is, so that a checkpoint need not say it.
bool radar_core::calibrated() const { return open_end_ != end_of_time && open_end_ > calibrate_from(); }

/// At the first window. A table made from sessions that are still to come would let results know the future.
void radar_core::calibrate() {
  if (!link_.calibration || !link_.calibrated_session) return;
  if (calibrated()) return engine_->take(*link_.calibration);
  link_.measured.calibrations_refused.add();
  log().warn_limited(
      "calibration " + link_.name.str(),
      "calibration not used for the sessions it is made from, nor before them symbol=" + link_.name.str() +
          " id=" + link_.calibration->id + " last_session=" + to_iso(*link_.calibrated_session));
}

void radar_core::step(timestamp t) {
  engine_->advance(t, output_);
  if (!watch_.rounding() || !output_.last() || output_.last()->anchor == market::no_price) return;
  watch(watch_.follow(output_.last()->anchor, output_.last()->end));
}

/// A side input for a window is made from the windows before it: a window may close when each awaited side has told of
/// everything up to its start. The end of the last such window; live, and while nothing is awaited, there is none.
timestamp radar_core::may_reach() const {
  if (link_.live) return end_of_time;
  timestamp told = end_of_time;
  const auto look = [&](side s, bool awaited) {
    if (awaited) told = std::min(told, side_watermark_[static_cast<std::size_t>(s)]);
  };
  look(side::gex, rules_.side_gex);
  look(side::levels, link_.plan.side_levels);
  // Landscapes and levels never wait for the radar; a gate may be made from the first window, which has none before it.
  if (engine_->closed_until() != start_of_time) look(side::gate, rules_.side_gate);
  if (told >= latest_time) return end_of_time;
  return told.ns < 0 ? start_of_time : window_end_of(told, rules_.window);
}

void radar_core::advance_by_clock(timestamp watermark) {
  // Behind a checkpoint the records of those windows are still to come.
  if (resume_at_ || open_end_ == end_of_time || frame_open_ || ended() || watermark <= watermark_) return;
  if (cross(watermark)) watermark_ = watermark;
}

void radar_core::watch(watch_set::changes sets) {
  for (market::level_set_input& set : sets) engine_->take(std::move(set));
}

void radar_core::take(market::gex_input in) {
  gex_ = in;
  engine_->take(std::move(in));
}

void radar_core::take(market::gate_input in) {
  gate_ = in;
  engine_->take(std::move(in));
}

void radar_core::take(market::level_set_input in) { watch(watch_.take(std::move(in))); }

bool radar_core::followed(side which) const {
  if (link_.live) return false;
  return (which == side::gex && rules_.side_gex) || (which == side::levels && link_.plan.side_levels);
}

void radar_core::advance_side(side which, timestamp watermark) {
  auto& at = side_watermark_[static_cast<std::size_t>(which)];
  at = std::max(at, watermark);
}

void radar_core::learn_contract(price tick, std::int64_t multiplier) {
  const bool other_tick = tick.value > 0 && !link_.plan.tick_pinned && tick != rules_.tick;
  const bool other_multiplier = multiplier > 0 && multiplier != rules_.multiplier;
  if (!other_tick && !other_multiplier) return;
  // What every frame says again is one contradiction.
  if (std::exchange(contradiction_, {tick, multiplier}) == std::pair(tick, multiplier)) return;
  link_.measured.contradictions.add();
  radar_config changed = rules_;
  if (other_tick) changed.tick = tick;
  if (other_multiplier) changed.multiplier = multiplier;
  const auto fits = check(changed);
  const bool may = other_tick || !link_.plan.multiplier_pinned;
  const bool again = !any_event_ && fits.has_value() && may;
  log().warn_limited("contract " + link_.name.str(), "contract contradicts what is in use symbol=" + link_.name.str() +
                                                         " tick=" + format_nanos(changed.tick.value) +
                                                         " multiplier=" + std::to_string(changed.multiplier) +
                                                         (again ? " taken" : " ignored"));
  if (!again) return;
  if (link_.plan.multiplier_pinned) changed.multiplier = rules_.multiplier;
  make_engine(changed);
}

timestamp radar_core::done_until() const {
  if (ended()) return end_of_time;
  // Windows before the one that is open have been given, or are part of a run that is like the one before it.
  return open_end_ == end_of_time ? watermark_ : open_end_ - rules_.window;
}

}  // namespace isobar::radar_physics
