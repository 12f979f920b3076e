#include <algorithm>

#include "core/archive.hpp"
#include "gamma-fuel/actors/gamma_desk.hpp"
#include "telemetry/log.hpp"

// Checkpoints, and the user's levels, which outlive everything.
namespace isobar::gamma_fuel {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::uint32_t checkpoint_version = 5, levels_version = 1;

const telemetry::logger& log() {
  static const telemetry::logger l("gamma-fuel");
  return l;
}

/// One worker between two frames of its inputs.
struct checkpoint {
  std::string symbol, assumptions;
  std::array<std::uint64_t, lines> frames{};        ///< last taken of each line
  std::array<std::uint8_t, inputs> gaps{}, told{};  ///< line::gap, line::told
  std::array<timestamp, inputs> times{};            ///< line::time
  std::array<std::uint64_t, outputs> sequences{};
  std::int32_t recorded_session = 0;
  std::uint64_t recorded_bytes = 0;
  market::quality source = market::quality::ok;
  timestamp newest = start_of_time;
  std::string engine, inputs_state, kept;  ///< kept: gamma_output::write_kept()
  template <class A>
  void fields(A& a) {
    a(symbol, assumptions, frames, gaps, told, times, sequences, recorded_session, recorded_bytes, source, newest,
      engine, inputs_state, kept);
  }
};

}  // namespace

bool gamma_desk::save() {
  // Frames that are held, or put together, are not part of a checkpoint.
  if (link_.configured.checkpoint_windows == 0 || !held_.empty() || joining_) return false;
  if (std::any_of(lines_.begin(), lines_.end(), [](const input_line& l) { return l.time.waits(); })) return false;
  const auto start = steady::now();
  tried_at_ = start;
  const auto failed = [&](const std::string& why) {
    link_.measured.checkpoint_failures.add();
    log().warn_limited("checkpoint " + link_.name.str(),
                       "checkpoint not written symbol=" + link_.name.str() + " error=\"" + why + "\"");
    return false;
  };
  checkpoint c;
  if (auto* recorder = output_.recorder()) {
    if (!recorder->sync()) {
      link_.measured.recording_failures.add();
      return failed(recorder->error());
    }
    c.recorded_session = recorder->place().session.days;
    c.recorded_bytes = recorder->place().bytes;
  }
  c.symbol = link_.name.str();
  c.assumptions = assumptions_id(link_.plan.rules);
  for (std::size_t i = 0; i < inputs; ++i) {
    c.frames[i] = followed() ? followers_[i].last() : lines_[i].last;
    c.gaps[i] = lines_[i].gap;
    c.told[i] = static_cast<std::uint8_t>(lines_[i].told);
    c.times[i] = lines_[i].time.newest();
  }
  c.frames[epoch_line] = followers_[epoch_line].last();
  c.sequences = output_.sequences();
  c.source = output_.source();
  c.newest = newest_;
  engine_->save(c.engine);
  archive_writer inputs_writer(c.inputs_state);
  inputs_->fields(inputs_writer);
  archive_writer kept_writer(c.kept);
  output_.write_kept(kept_writer);
  std::string bytes;
  archive_writer a(bytes);
  a(checkpoint_version, c);
  if (const auto why = file_.write(bytes)) return failed(*why);
  saved_ = true;
  saved_windows_ = engine_->counters().windows;
  saved_at_ = steady::now();
  durable_[1] = std::exchange(durable_[0], c.frames);
  link_.measured.checkpoints.add();
  link_.measured.checkpoint_bytes.set(static_cast<double>(bytes.size()));
  link_.measured.checkpoint_seconds.observe(std::chrono::duration<double>(saved_at_ - start).count());
  return true;
}

void gamma_desk::save_if_due() {
  const options& o = link_.configured;
  if (o.checkpoint_windows == 0) return;
  // Live, the first one soon: whoever is killed before it has nothing to go on from.
  const std::int64_t due =
      link_.live && !saved_ ? std::min<std::int64_t>(o.checkpoint_windows, 2) : o.checkpoint_windows;
  if (engine_->counters().windows - saved_windows_ < static_cast<std::uint64_t>(due)) return;
  if (steady::now() - tried_at_ < std::chrono::milliseconds(o.checkpoint_ms_min)) return;
  save();
}

double gamma_desk::checkpoint_age_seconds() const {
  return saved_ ? std::chrono::duration<double>(steady::now() - saved_at_).count() : 0;
}

bool gamma_desk::resume() {
  for (int generation = 0; generation < 2; ++generation) {
    const auto stored = file_.read(generation);
    if (!stored) continue;
    std::string why;
    checkpoint c;
    if (!*stored) {
      why = stored->error().evidence;
    } else {
      archive_reader a(**stored);
      std::uint32_t version = 0;
      a(version);
      if (version == checkpoint_version) a(c);
      if (version != checkpoint_version || !a.finished())
        why = "it is of another version";
      else if (c.symbol != link_.name.str())
        why = "it is of symbol " + c.symbol;
      else if (c.assumptions != assumptions_id(link_.plan.rules))
        why = "its rules are " + c.assumptions + ", the rules in force are " + assumptions_id(link_.plan.rules);
      else if (!engine_->restore(c.engine))
        why = "the engine cannot read it";
    }
    if (why.empty()) {
      archive_reader reader(c.inputs_state);
      inputs_->fields(reader);
      if (!reader.finished()) {
        make_engine();
        why = "its inputs cannot be read";
      }
    }
    if (!why.empty()) {
      link_.measured.checkpoints_refused.add();
      log().warn("checkpoint refused symbol=" + link_.name.str() + " file=" + file_.path(generation).string() +
                 " reason=\"" + why + "\"");
      continue;
    }
    for (std::size_t i = 0; i < inputs; ++i) {
      input_line& l = lines_[i];
      l.last = c.frames[i];
      l.gap = c.gaps[i] != 0;
      l.told = static_cast<market::quality>(c.told[i]);
      l.time.saw(c.times[i]);
      // Live: the producer goes on, or is another.
      if (!followed() && c.frames[i] > 0) l.sequence.reset(c.frames[i]);
    }
    if (followed())
      for (std::size_t i = 0; i < lines; ++i) followers_[i].resume_after(c.frames[i]);
    durable_[0] = durable_[1] = c.frames;
    archive_reader kept_reader(c.kept);
    output_.read_kept(kept_reader);
    output_.set_source(c.source);
    if (link_.live && link_.lives <= 1)
      if (const auto given = mark_.read()) link_.given = *given;
    output_.resume(c.sequences);
    if (!link_.live) link_.store->clear();  // what readers hold behind the checkpoint is made again
    newest_ = c.newest;
    saved_windows_ = engine_->counters().windows;
    if (auto* recorder = output_.recorder()) {
      if (const auto wrong = recorder->resume({date{c.recorded_session}, c.recorded_bytes}))
        log().warn("recording begins anew symbol=" + link_.name.str() + " reason=\"" + *wrong + "\"");
      preload(*link_.store, link_.folder, recorder->place());
    }
    load_user_levels();
    log().info("worker goes on symbol=" + link_.name.str() +
               " profile=" + std::to_string(c.sequences[static_cast<std::size_t>(output::profile)]) +
               " signals=" + std::to_string(c.sequences[static_cast<std::size_t>(output::signals)]));
    return true;
  }
  return false;
}

void gamma_desk::load_user_levels() {
  std::optional<std::vector<user_level>> kept;
  for (int generation = 0; generation < 2 && !kept; ++generation) {
    const auto stored = users_.read(generation);
    if (!stored || !*stored) continue;
    archive_reader a(**stored);
    std::uint32_t version = 0;
    std::vector<user_level> levels;
    a(version, levels);
    if (a.finished() && version == levels_version) kept = std::move(levels);
  }
  if (!kept) return;
  const auto had = engine_->user_levels();
  const std::vector<user_level> present(had.begin(), had.end());
  for (const user_level& l : present)
    if (std::find(kept->begin(), kept->end(), l) == kept->end()) (void)engine_->remove(l.id);
  for (const user_level& l : *kept)
    if (std::find(present.begin(), present.end(), l) == present.end()) (void)engine_->add(l);
}

void gamma_desk::store_user_levels() {
  const auto levels = engine_->user_levels();
  std::string bytes;
  archive_writer a(bytes);
  a(levels_version, std::vector<user_level>(levels.begin(), levels.end()));
  const auto why = users_.write(bytes);
  if (!why) return;
  link_.measured.user_level_failures.add();
  log().warn_limited("levels " + link_.name.str(),
                     "user levels not kept symbol=" + link_.name.str() + " error=\"" + *why + "\"");
}

}  // namespace isobar::gamma_fuel
