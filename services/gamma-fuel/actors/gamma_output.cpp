#include "gamma-fuel/actors/gamma_output.hpp"

#include <algorithm>
#include <utility>

#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr std::array<std::string (*)(std::string_view, const symbol&), outputs> subject_of{
    subjects::gex_surface, subjects::gex_profile, subjects::level_set, subjects::level_signals, subjects::level_alert};

const telemetry::logger& log() {
  static const telemetry::logger l("gamma-fuel");
  return l;
}

symbol option_symbol_of(const gamma_config& rules, const symbol& name) {
  const auto parsed = symbol::parse(rules.option_symbol);
  return parsed ? *parsed : name;
}

}  // namespace

gamma_output::gamma_output(places to, const gamma_config& rules)
    : to_(std::move(to)), encoder_(to_.name, option_symbol_of(rules, to_.name), rules) {
  told_.fill(start_of_time);
  floor_.fill(start_of_time);
  for (const auto subject : subject_of)
    publishers_.emplace_back(to_.bus, "gamma-fuel", subject(to_.venue, to_.name), &to_.measured);
  for (const output o : kept)
    publishers_[static_cast<std::size_t>(o)].keep_for_refill(
        {.of = to_.name,
         .notes = subjects::feed_resync(to_.venue, to_.name),
         .producer = "gamma-fuel",
         .bytes_max = to_.kept_bytes},
        to_.measured.refills(o == output::surface ? "surface" : "set"));
}

void gamma_output::set_source(market::quality source) {
  source_ = source;
  encoder_.set_source(source);
}

template <class Encode>
std::uint64_t gamma_output::give(output which, service::frame_history* history, const service::frame_extent& extent,
                                 timestamp end, Encode encode) {
  service::publisher& out = publishers_[static_cast<std::size_t>(which)];
  // A frame that the bus refuses is counted by the publisher; it is in the history and in the recording all the same.
  (void)out.publish(extent, [&](const wire::frame_info& info) {
    to_.given.sequences[static_cast<std::size_t>(which)] = info.sequence;
    auto& until = to_.given.until[static_cast<std::size_t>(which)];
    until = std::max(until, end);
    if (to_.mark != nullptr && !to_.mark->write(to_.given)) to_.measured.checkpoint_failures.add();
    auto bytes = std::make_shared<const std::string>(encode(info));
    if (to_.recorder && !to_.recorder->append(out.subject(), end, *bytes)) {
      to_.measured.recording_failures.add();
      log().warn_limited("record " + to_.name.str(), "frame not recorded yet symbol=" + to_.name.str() + " error=\"" +
                                                         to_.recorder->error() + "\"");
    }
    if (to_.recorder) to_.measured.recording_lost_frames.add(to_.recorder->take_lost());
    if (history) history->add({.first_end = end, .last_end = end, .ordinal = info.sequence, .bytes = bytes});
    return *bytes;
  });
  auto& told = told_[static_cast<std::size_t>(which)];
  told = std::max(told, extent.watermark);
  ++given_;
  return out.sequence();
}

bool gamma_output::was_given(output which, timestamp at) const { return at <= floor_[static_cast<std::size_t>(which)]; }

/// A set that differs from what was last said, as of the first instant that nothing was said of.
void gamma_output::give_held_back(timestamp effective) {
  if (!held_back_) return;
  level_set_input set = *std::exchange(held_back_, std::nullopt);
  set.effective = effective;
  on_levels(set);
}

void gamma_output::on_profile(const gex_profile& p) {
  if (was_given(output::profile, p.end)) return;
  give_held_back(p.end + engine_->config().window);
  const auto extent = encoder_.extent(p);
  // Before all else: radar-physics waits for it.
  give(output::surface, nullptr, extent, p.end,
       [&](const wire::frame_info& info) { return encoder_.surface(p, engine_->radar_input(), info); });
  const std::uint64_t ordinal = give(output::profile, &to_.store.profiles, extent, p.end,
                                     [&](const wire::frame_info& info) { return encoder_.profile(p, info); });
  to_.store.expiries.add({.first_end = p.end,
                          .last_end = p.end,
                          .ordinal = ordinal,
                          .bytes = std::make_shared<const std::string>(encoder_.expiries(p))});
  ++windows_;
  last_end_ = p.end;
  quality_ = extent.quality;
  to_.measured.revision.set(static_cast<double>(p.revision()));
}

void gamma_output::on_levels(const level_set_input& set) {
  if (was_given(output::levels, set.effective)) {
    held_back_ = set;
    return;
  }
  held_back_.reset();
  // Sets follow that are in force before the next window's.
  const input_quality& by_input = engine_->last_profile().by_input;
  auto extent = encoder_.extent(set, by_input);
  extent.watermark = set.effective - engine_->config().window;
  give(output::levels, &to_.store.levels, extent, set.effective,
       [&](const wire::frame_info& info) { return encoder_.levels(set, by_input, info); });
}

void gamma_output::on_signals(const level_signals& s) {
  if (was_given(output::signals, s.as_of)) return;
  give(output::signals, &to_.store.signals, encoder_.extent(s), s.as_of,
       [&](const wire::frame_info& info) { return encoder_.signals(s, info); });
}

void gamma_output::on_alert(const alert& a) {
  if (was_given(output::alert, a.as_of)) return;
  give(output::alert, &to_.store.alerts, encoder_.extent(a), a.as_of,
       [&](const wire::frame_info& info) { return encoder_.alert(a, info); });
}

void gamma_output::heartbeat(timestamp profiles_until, timestamp signals_until, bool even_without_news) {
  for (std::size_t i = 0; i < outputs; ++i) {
    const timestamp until = static_cast<output>(i) < output::signals ? profiles_until : signals_until;
    if (until == start_of_time || (!even_without_news && until <= told_[i])) continue;
    told_[i] = std::max(told_[i], until);
    (void)publishers_[i].heartbeat(told_[i], quality());
  }
}

void gamma_output::answer(const wire::refill_request& asked) {
  for (const output o : kept) (void)publishers_[static_cast<std::size_t>(o)].answer(asked);
}

std::array<std::uint64_t, outputs> gamma_output::sequences() const {
  std::array<std::uint64_t, outputs> out{};
  for (std::size_t i = 0; i < outputs; ++i) out[i] = publishers_[i].sequence();
  return out;
}

void gamma_output::resume(const std::array<std::uint64_t, outputs>& sequences) {
  const bool again = to_.mark == nullptr;
  for (std::size_t i = 0; i < outputs; ++i)
    publishers_[i].resume_after(again ? sequences[i] : std::max(sequences[i], to_.given.sequences[i]));
  if (!again) floor_ = to_.given.until;
}

}  // namespace isobar::gamma_fuel
