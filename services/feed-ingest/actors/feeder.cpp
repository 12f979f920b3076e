#include "feed-ingest/actors/feeder.hpp"

#include <algorithm>

#include "feed-ingest/actors/feed_worker.hpp"
#include "telemetry/log.hpp"

namespace isobar::feed_ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds look_around{1000};  ///< longest wait between two looks at the clock
constexpr std::chrono::seconds settle_max{30};
constexpr std::uint64_t report_every = 65'536;  ///< records

const telemetry::logger& log() {
  static const telemetry::logger out("feed-ingest");
  return out;
}

}  // namespace

feeder::feeder(input from, std::vector<feeder_lane> lanes, feeder_options options, telemetry::registry& registry,
               std::function<void(const stream_summary&)> on_end)
    : from_(std::move(from)),
      lanes_(std::move(lanes)),
      options_(std::move(options)),
      series_(registry),
      on_end_(std::move(on_end)),
      routes_(from_.bindings),
      options_of_(from_.bindings),
      line_(options_.progress) {}

void feeder::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void feeder::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void feeder::run(const std::stop_token& stop) {
  wait_for_first_report(stop);
  began_ = steady_clock::now();
  if (read(stop)) finish(stop);
}

void feeder::wait_for_first_report(const std::stop_token& stop) {
  if (!options_.wait_for_consumers) return;
  const auto deadline = steady_clock::now() + options_.start_wait;
  for (auto& l : lanes_) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    if (left.count() > 0) l.flow->wait_for_report(left, stop);
  }
}

/// False when a stop was asked for.
bool feeder::read(const std::stop_token& stop) {
  while (const input_record* r = from_.stream->next()) {
    if (r->event_time >= options_.until) break;
    if (r->marker) {
      if (!pass_marker(*r, stop)) return false;
      continue;
    }
    if (!take(*r, stop)) return false;
    if (ordinal_ % report_every == 0) report(false);
  }
  return !stop.stop_requested();
}

bool feeder::take(const input_record& r, const std::stop_token& stop) {
  const auto position = routes_.find(r.instrument_id, r.delivered);
  ++ordinal_;
  // Where the record cannot join comes first: behind a snapshot time alone would cut it as if it went on.
  if (position != router::none && lanes_[position].core.splits(r) &&
      !hand_over(position, lanes_[position].core.cut(ordinal_ - 1, true), stop))
    return false;
  if (r.event_time > now_) {
    if (now_ == start_of_time) first_ = r.event_time;
    now_ = r.event_time;
    if (now_ > next_due_ && !hand_over_due(stop)) return false;
  }
  if (position == router::none) return take_stranger(r, stop);
  auto& core = lanes_[position].core;
  if (core.add(r, ordinal_, now_)) return hand_over(position, core.cut(ordinal_), stop);
  next_due_ = std::min(next_due_, core.due_time());
  return true;
}

/// Of an option on one of the symbols, or of nobody's.
bool feeder::take_stranger(const input_record& r, const std::stop_token& stop) {
  const auto position = options_of_.find(r);
  if (position == router::none) {
    count_stranger(r);
    return true;
  }
  auto& core = lanes_[position].core;
  if (core.add_option(r, ordinal_, now_)) return hand_over(position, core.cut(ordinal_), stop);
  next_due_ = std::min(next_due_, core.due_time());
  return true;
}

bool feeder::pass_marker(const input_record& r, const std::stop_token& stop) {
  now_ = std::max(now_, r.event_time);
  if (now_ > next_due_ && !hand_over_due(stop)) return false;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i].core.pass_time(r.delivered);
    if (lanes_[i].core.pending() > 0) continue;
    auto news = lanes_[i].core.cut(ordinal_);
    if (!news) continue;
    news->paced_until = r.delivered;
    if (!hand_over(i, std::move(news), stop)) return false;
  }
  return true;
}

bool feeder::hand_over_due(const std::stop_token& stop) {
  next_due_ = end_of_time;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& core = lanes_[i].core;
    if (core.due(now_) && !hand_over(i, core.cut(ordinal_ - 1), stop)) return false;
    next_due_ = std::min(next_due_, core.due_time());
  }
  return true;
}

bool feeder::hand_over(std::size_t position, std::unique_ptr<batch> made, const std::stop_token& stop) {
  if (!made) return true;
  auto& to = lanes_[position];
  // What an earlier life had published takes no time.
  if (!to.flow->repeats()) wait_for_pace(made->paced_until, stop);
  while (!to.flow->wait(look_around, stop)) {
    if (stop.stop_requested()) return false;
    report(false);
    if (const auto why = to.flow->held(); !why.empty())
      log().warn_limited(to.core.symbol().str(),
                         "input held symbol=" + to.core.symbol().str() + " why=\"" + why + "\"");
  }
  if (stop.stop_requested()) return false;
  gaps_ += made->gaps.size();
  to.flow->given(to.leads_with_options ? made->options.size() : made->events.empty() ? 0 : 1);
  to.worker.send(batch_made{std::move(made)});
  return true;
}

void feeder::wait_for_pace(timestamp until, const std::stop_token& stop) {
  if (until == start_of_time) return;
  if (!options_.pace) {
    if (options_.speed == 0 || until < options_.from) return;
    options_.pace.emplace(until, options_.clock(), options_.speed);
  }
  if (options_.pace->unpaced()) return;
  const auto due = options_.pace->wall_time(until);
  for (auto wall = options_.clock(); wall < due && !stop.stop_requested(); wall = options_.clock()) {
    std::unique_lock lock(waiting_);
    const auto left = std::chrono::nanoseconds((due - wall).value);
    wake_.wait_for(lock, stop, std::min<std::chrono::nanoseconds>(left, look_around), [] { return false; });
    report(false);
  }
}

void feeder::count_stranger(const input_record& r) {
  if (r.kind == record_kind::system || r.kind == record_kind::symbol_mapping) {
    ++strangers_.taken[static_cast<std::size_t>(r.kind)];
    return;
  }
  auto why = r.refused;
  if (why != refusal::gateway_error) {
    const bool named = from_.directory && from_.directory->known(r.instrument_id);
    why = named ? refusal::other_instrument : refusal::unknown_instrument;
    if (!named && (unknown_.size() < unknown_max || unknown_.contains(r.instrument_id)) &&
        ++unknown_[r.instrument_id] == 1)
      log().warn_limited("unknown", "record of unknown instrument id=" + std::to_string(r.instrument_id) +
                                        " record=" + std::to_string(ordinal_));
  }
  ++strangers_.refused[static_cast<std::size_t>(why)];
}

void feeder::finish(const std::stop_token& stop) {
  const auto error = from_.stream->error();
  if (error && options_.on_error) options_.on_error(*error);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (error) lanes_[i].core.report({now_, "corrupt", *error});
    if (!hand_over(i, lanes_[i].core.cut(ordinal_), stop)) return;
  }
  for (auto& l : lanes_) {
    l.flow->given(0);
    l.worker.send(input_ended{});
  }
  seconds_ = std::chrono::duration<double>(steady_clock::now() - began_).count();
  report(true);
  settle(stop);
  if (!stop.stop_requested()) on_end_(summary());
}

/// Until the workers and their consumers have everything, but not for ever.
void feeder::settle(const std::stop_token& stop) {
  const auto deadline = steady_clock::now() + settle_max;
  for (const auto& l : lanes_) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    l.flow->wait_until_settled(std::max(left, milliseconds(0)), stop);
  }
}

void feeder::report(bool last) {
  auto all = strangers_;
  series_.count(all += from_.stream->skipped());
  line_.show(ordinal_, now_, from_.stream->progress(), last);
}

stream_summary feeder::summary() const {
  stream_summary out;
  out.words = from_.words;
  out.counts = strangers_;
  out.counts += from_.stream->skipped();
  for (const auto& l : lanes_) out.counts += l.core.counts();
  out.read = ordinal_ + from_.stream->skipped().total();
  out.gaps = gaps_;
  out.first = first_;
  out.last = now_;
  out.seconds = seconds_;
  out.unknown = unknown_;
  out.error = from_.stream->error();
  return out;
}

}  // namespace isobar::feed_ingest
