#include <chrono>

#include "core/archive.hpp"
#include "radar-physics/actors/radar_core.hpp"
#include "telemetry/log.hpp"

// Checkpoints: what a worker must keep to go on with the very next record.
namespace isobar::radar_physics {
namespace {

using steady = std::chrono::steady_clock;

/// Replay: a feed that has been silent for so long may wait for frames to become durable.
constexpr auto idle_after = std::chrono::seconds(1);

const telemetry::logger& log() {
  static const telemetry::logger l("radar-physics");
  return l;
}

}  // namespace

checkpoint radar_core::snapshot() {
  checkpoint c;
  c.symbol = link_.name.str();
  c.assumptions = assumptions_id(rules_);
  if (link_.calibration && calibrated()) c.calibration = link_.calibration->id;
  c.tick = rules_.tick;
  c.multiplier = rules_.multiplier;
  c.frame = frame_number_;
  c.frame_digest = frame_digest_;
  c.applied = static_cast<std::uint32_t>(applied_);
  c.frame_done = !frame_open_;
  c.sequences = output_.sequences();
  if (output_.recorder()) c.recorded = output_.recorder()->place();
  c.last_event = last_event_;
  c.watermark = watermark_;
  c.open_end = open_end_;
  c.source = output_.source();
  archive_writer watched(c.watched);
  watch_.fields(watched);
  engine_->save(c.engine);
  for (std::size_t i = 0; i < sides; ++i) c.side_frames[i] = followers_[i].last();
  archive_writer kept(c.kept);
  output_.kept().write(kept);
  return c;
}

void radar_core::save_if_due() {
  const options& o = link_.configured;
  if (o.checkpoint_windows == 0) return;
  const bool due = output_.windows() - saved_windows_ >= static_cast<std::uint64_t>(o.checkpoint_windows);
  // The store lost what was written: not waited for, and tried once a second.
  if (!due && (!saved_in_->doubtful() || steady::now() - tried_at_ < idle_after)) return;
  if (saved_ && steady::now() - saved_at_ < std::chrono::milliseconds(o.checkpoint_ms_min)) return;
  save();
}

/// A feed keeps a bounded amount of frames for a worker's return and stands still when they are not durable: so much
/// of them is behind the last checkpoint at most, whatever the windows and the clock.
void radar_core::save_if_heavy() {
  if (frame_bytes_ >= static_cast<std::size_t>(link_.configured.checkpoint_bytes)) save();
}

void radar_core::save_if_idle() {
  if (link_.live || frame_number_ == 0 || !line_.ready().empty()) return;
  // Both checkpoints must have come so far: twice at most, then there is nothing to save.
  if (durable_sequence() + 1 >= frame_number_) return;
  const auto now = steady::now();
  if (now - std::max(frame_at_, tried_at_) >= idle_after) save();
}

bool radar_core::save() {
  if (frame_number_ == 0 || resume_at_ || link_.configured.checkpoint_windows == 0) return false;
  if (link_.place && link_.place->stands_by()) return false;
  const auto start = steady::now();
  tried_at_ = start;
  frame_bytes_ = 0;  // a failure is tried again behind as many bytes, or when the feed is silent
  // The recording must hold what the checkpoint says that it holds.
  if (output_.recorder() && !output_.recorder()->sync()) {
    link_.measured.recording_failures.add();
    link_.measured.checkpoint_failures.add();
    log().warn_limited("checkpoint " + link_.name.str(), "checkpoint not written symbol=" + link_.name.str() +
                                                             " error=\"" + output_.recorder()->error() + "\"");
    return false;
  }
  const checkpoint c = snapshot();
  const std::string bytes = encode(c);
  if (const auto why = saved_in_->write(bytes)) {
    link_.measured.checkpoint_failures.add();
    log().warn_limited("checkpoint " + link_.name.str(),
                       "checkpoint not written symbol=" + link_.name.str() + " error=\"" + *why + "\"");
    return false;
  }
  saved_ = true;
  saved_windows_ = output_.windows();
  saved_at_ = steady::now();
  durable_[1] = std::exchange(durable_[0], c.frame - 1);
  side_durable_[1] = std::exchange(side_durable_[0], c.side_frames);
  link_.measured.checkpoints.add();
  link_.measured.checkpoint_bytes.set(static_cast<double>(bytes.size()));
  link_.measured.checkpoint_seconds.observe(std::chrono::duration<double>(saved_at_ - start).count());
  return true;
}

double radar_core::checkpoint_age_seconds() const {
  return saved_ ? std::chrono::duration<double>(steady::now() - saved_at_).count() : 0;
}

/// The older checkpoint must be able to stand in for the newest one.
std::uint64_t radar_core::durable_sequence() const {
  if (link_.configured.checkpoint_windows == 0) return input_sequence_;
  return durable_[1];
}

std::string radar_core::why_not(const checkpoint& c) const {
  if (c.symbol != link_.name.str()) return "it is of symbol " + c.symbol;
  radar_config rules = link_.plan.rules;
  if (!link_.plan.tick_pinned) rules.tick = c.tick;
  if (!link_.plan.multiplier_pinned) rules.multiplier = c.multiplier;
  const std::string ours = assumptions_id(rules);
  if (c.assumptions != ours) return "its rules are " + c.assumptions + ", the rules in force are " + ours;
  if (!c.calibration.empty() && !link_.calibration) return "its calibration is " + c.calibration + ", none is in force";
  return {};
}

bool radar_core::resume() {
  for (int generation = 0; generation < 2; ++generation) {
    const auto stored = saved_in_->read(generation);
    if (!stored) continue;
    std::string why;
    std::optional<checkpoint> c;
    if (!*stored)
      why = stored->error().evidence;
    else if (!(c = decode_checkpoint(**stored)))
      why = "it is of another version";
    else
      why = why_not(*c);
    if (why.empty() && restore(*c)) return true;
    link_.measured.checkpoints_refused.add();
    log().warn("checkpoint refused symbol=" + link_.name.str() + " place=" + saved_in_->place(generation) +
               " reason=\"" + (why.empty() ? "the engine cannot read it" : why) + "\"");
  }
  return false;
}

bool radar_core::restore(const checkpoint& c) {
  radar_config rules = rules_;
  rules.tick = c.tick;
  rules.multiplier = c.multiplier;
  make_engine(rules);
  if (!engine_->restore(c.engine)) {
    make_engine(link_.plan.rules);
    return false;
  }
  const bool table = c.open_end != end_of_time && c.open_end > calibrate_from();
  if (link_.calibration && table && link_.calibration->id != c.calibration) engine_->take(*link_.calibration);
  if (second_) second_->start_from(engine_->book());
  archive_reader watched(c.watched);
  watch_.fields(watched);
  output_.set_source(c.source);
  output_.resume(c.sequences);
  archive_reader kept(c.kept);
  output_.kept().read(kept);
  for (std::size_t i = 0; i < sides; ++i) followers_[i].resume_after(c.side_frames[i]);
  side_durable_[0] = side_durable_[1] = c.side_frames;
  if (auto* recorder = output_.recorder()) {
    if (const auto why = recorder->resume(c.recorded))
      log().warn("recording begins anew symbol=" + link_.name.str() + " reason=\"" + *why + "\"");
    preload(*link_.store, link_.folder, recorder->place(), rules_.window);
  }
  resume_at_ = expected{c.frame, c.frame_digest, c.applied, c.frame_done};
  frame_number_ = c.frame;
  input_sequence_ = c.frame - 1;
  last_event_ = c.last_event;
  watermark_ = c.watermark == end_of_time ? c.last_event : c.watermark;
  open_end_ = c.open_end;
  line_.expect(c.frame, std::max(last_event_, watermark_));
  any_event_ = true;
  durable_[0] = durable_[1] = c.frame - 1;
  log().info("worker goes on symbol=" + link_.name.str() + " frame=" + std::to_string(c.frame) +
             " records=" + std::to_string(c.applied) + " column=" + std::to_string(c.sequences[1]));
  return true;
}

}  // namespace isobar::radar_physics
