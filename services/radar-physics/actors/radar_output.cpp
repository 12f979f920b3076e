#include "radar-physics/actors/radar_output.hpp"

#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::radar_physics {
namespace {

constexpr std::array<std::string (*)(std::string_view, const symbol&), outputs> subject_of{
    subjects::radar_surfaces, subjects::radar_column, subjects::radar_features, subjects::radar_breakthrough,
    subjects::radar_levels};

constexpr auto levels_at = static_cast<std::size_t>(output::levels);

const telemetry::logger& log() {
  static const telemetry::logger l("radar-physics");
  return l;
}

}  // namespace

radar_output::radar_output(places to, const radar_config& rules)
    : to_(std::move(to)), window_(rules.window), encoder_(to_.name, rules) {
  told_.fill(start_of_time);
  for (const auto subject : subject_of)
    publishers_.emplace_back(to_.bus, "radar-physics", subject(to_.venue, to_.name), &to_.measured);
  publishers_[levels_at].keep_for_refill({.of = to_.name,
                                          .notes = subjects::feed_resync(to_.venue, to_.name),
                                          .producer = "radar-physics",
                                          .bytes_max = to_.kept_bytes},
                                         to_.measured.refills("levels"));
}

void radar_output::set_rules(const radar_config& rules) {
  window_ = rules.window;
  encoder_ = radar_encoder(to_.name, rules);
  encoder_.set_source(source_);
}

void radar_output::set_source(market::quality source) {
  source_ = source;
  encoder_.set_source(source);
}

template <class Encode>
void radar_output::give(output which, frame_history& history, const service::frame_extent& extent, timestamp first_end,
                        timestamp end, Encode encode) {
  service::publisher& out = publishers_[static_cast<std::size_t>(which)];
  // A frame that the bus refuses is counted by the publisher; it is in the history and in the recording all the same.
  (void)out.publish(extent, [&](const wire::frame_info& info) {
    auto bytes = std::make_shared<const std::string>(encode(info));
    if (to_.recorder && !to_.recorder->append(out.subject(), end, *bytes)) {
      to_.measured.recording_failures.add();
      log().warn_limited("record " + to_.name.str(), "frame not recorded yet symbol=" + to_.name.str() + " error=\"" +
                                                         to_.recorder->error() + "\"");
    }
    if (to_.recorder) to_.measured.recording_lost_frames.add(to_.recorder->take_lost());
    history.add({.first_end = first_end, .last_end = end, .ordinal = info.sequence, .bytes = bytes});
    return *bytes;
  });
  told_[static_cast<std::size_t>(which)] = extent.watermark;
}

void radar_output::on_window(const window_outputs& out) {
  const window_info& w = out.window;
  const timestamp first_end = w.start + window_;
  const auto extent = encoder_.extent(w);
  give(output::surfaces, to_.store.surfaces, extent, first_end, w.end,
       [&](const wire::frame_info& info) { return encoder_.surface(out, info); });
  give(output::column, to_.store.columns, encoder_.extent(w, out.column), first_end, w.end,
       [&](const wire::frame_info& info) { return encoder_.column(out, info); });
  give(output::features, to_.store.features, extent, first_end, w.end,
       [&](const wire::frame_info& info) { return encoder_.features(out, info); });
  for (const breakthrough& b : out.breakthroughs)
    give(output::breakthrough, to_.store.breakthroughs, extent, first_end, w.end,
         [&](const wire::frame_info& info) { return encoder_.crossing(out, b, info); });
  ++windows_;
  last_ = w;
  to_.measured.revision.set(static_cast<double>(w.revision()));
}

void radar_output::on_levels(const level_outputs& out) {
  give(output::levels, to_.store.levels, encoder_.extent(out, out.as_of), out.as_of, out.as_of,
       [&](const wire::frame_info& info) { return encoder_.levels(out, info); });
}

void radar_output::heartbeat(timestamp watermark, market::quality quality, bool even_without_news) {
  for (std::size_t i = 0; i < outputs; ++i) {
    if (!even_without_news && watermark <= told_[i]) continue;
    told_[i] = std::max(told_[i], watermark);
    (void)publishers_[i].heartbeat(told_[i], quality);
  }
}

void radar_output::answer(const wire::refill_request& asked) { (void)publishers_[levels_at].answer(asked); }

std::array<std::uint64_t, outputs> radar_output::sequences() const {
  std::array<std::uint64_t, outputs> out{};
  for (std::size_t i = 0; i < outputs; ++i) out[i] = publishers_[i].sequence();
  return out;
}

void radar_output::resume(const std::array<std::uint64_t, outputs>& sequences) {
  for (std::size_t i = 0; i < outputs; ++i) publishers_[i].resume_after(sequences[i]);
}

}  // namespace isobar::radar_physics
