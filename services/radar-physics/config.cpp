#include "radar-physics/config.hpp"

#include <algorithm>

#include "config/fields.hpp"
#include "core/decimal.hpp"
#include "market/futures_product.hpp"
#include "radar-physics/config_fields.hpp"

namespace isobar::radar_physics {
namespace {

const std::string prefix = "radar-physics.";

std::unexpected<failure<errc>> refuse(std::string evidence) { return fail(errc::out_of_range, prefix + evidence); }

const auto fields = [](symbol_settings& s, auto& v) { visit_fields(s, v); };

/// Those of the product first, then those of the symbol itself.
result<symbol_settings, errc> settings_of(const options& o, const symbol& s) {
  auto out = config::overridden(o.all, o.overrides, s.str(), market::futures_product_of(s.str()), fields);
  if (!out) return refuse(out.error());
  return std::move(*out);
}

/// A positive price, or `otherwise` for empty text.
result<price, errc> read_price(const char* name, const std::string& text, price otherwise) {
  if (text.empty()) return otherwise;
  const auto nanos = parse_nanos(text);
  if (!nanos || *nanos <= 0) return refuse(std::string(name) + ": \"" + text + "\" is not a positive decimal");
  return price(*nanos);
}

result<std::vector<market::watched_level>, errc> read_levels(const std::string& text) {
  std::vector<market::watched_level> out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find_first_of(",/", at), text.size());
    const std::string item = text.substr(at, end - at);
    at = end + 1;
    const auto nanos = parse_nanos(item);
    if (!nanos) return refuse("levels: \"" + item + "\" is not a decimal");
    out.push_back({.id = "CONFIG_" + format_nanos(*nanos), .kind = "CONFIG", .price = price(*nanos)});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bucket_config buckets_of(const symbol_settings& s) {
  bucket_config b;
  b.bucket_ticks = static_cast<int>(s.bucket_ticks);
  b.rows = static_cast<int>(s.rows);
  b.columns = static_cast<int>(s.columns);
  b.vacuum = s.vacuum == "plain" ? vacuum_mean::plain : vacuum_mean::depth_weighted;
  b.smooth = s.smoothing == "none"         ? smoothing::none
             : s.smoothing == "triangular" ? smoothing::triangular
                                           : smoothing::binomial;
  b.judged = s.judged == "snapshot" ? evolution::snapshot : evolution::stateful;
  b.mass_weight = s.mass_weight;
  b.stiffness_weight = s.stiffness_weight;
  b.fragility = s.fragility;
  b.cavitation_power = s.cavitation_power;
  b.build = s.build;
  b.erode = s.erode;
  b.visibility_min = s.visibility_min;
  b.stiffness_reach = s.stiffness_reach;
  b.gate_half_life_windows = s.gate_half_life_windows;
  b.breakthrough_vacuum_max = s.breakthrough_vacuum_max;
  b.breakthrough_columns = static_cast<int>(s.breakthrough_columns);
  return b;
}

level_config levels_of(const symbol_settings& s) {
  level_config l;
  l.tick_period = milliseconds(s.level_tick_ms);
  l.barrier_window = milliseconds(s.barrier_window_ms);
  l.tape_window = milliseconds(s.tape_window_ms);
  l.velocity_window = milliseconds(s.velocity_window_ms);
  l.zone_ticks = static_cast<int>(s.zone_ticks);
  l.tape_ticks = static_cast<int>(s.tape_ticks);
  l.vacuum_ratio = s.vacuum_ratio;
  l.wall_ratio = s.wall_ratio;
  l.flow_lots = s.flow_lots;
  l.weak_lots = s.weak_lots;
  l.sweep_gap = milliseconds(s.sweep_gap_ms);
  l.sweep_notional = s.sweep_notional;
  l.levels_max = static_cast<std::size_t>(s.levels_max);
  return l;
}

/// Tick, multiplier and strike spacing: configured, else the product's.
result<void, errc> set_contract(const symbol& name, const symbol_settings& s, symbol_plan& to) {
  const auto asset = market::futures_product_of(name.str());
  const market::futures_product* known = asset ? market::find_futures_product(*asset) : nullptr;
  if (!known && (s.tick.empty() || s.multiplier == 0))
    return refuse("override: the product of " + name.str() + " is not known; give " + name.str() + ":tick=POINTS and " +
                  name.str() + ":multiplier=UNITS");
  const market::futures_product fallback{.asset = {}, .tick = {}, .strike_spacing = to.rules.buckets.strike_spacing};
  const market::futures_product& p = known ? *known : fallback;
  const auto tick = read_price("tick", s.tick, p.tick);
  if (!tick) return std::unexpected(tick.error());
  const auto spacing = read_price("strike-spacing", s.strike_spacing, p.strike_spacing);
  if (!spacing) return std::unexpected(spacing.error());
  to.tick_pinned = !s.tick.empty();
  // The table is above what definitions say, which may come sooner or later: results must not depend on when.
  to.multiplier_pinned = s.multiplier != 0 || known != nullptr;
  to.rules.tick = *tick;
  to.rules.multiplier = s.multiplier != 0 ? s.multiplier : p.multiplier;
  to.rules.buckets.strike_spacing = *spacing;
  return {};
}

}  // namespace

void options::declare(config::schema& s) {
  config::declaring_fields v(s, prefix);
  visit_fields(all, v);
  s.option(prefix + "override", overrides,
           "Options of one symbol or product: SYMBOL:NAME=VALUE, comma-separated, e.g. ES:bucket-ticks=4,NQ:rows=61");
  v.integer("history-windows", history_windows, "Columns and feature vectors kept per symbol", 1, 1'000'000);
  v.integer("history-bytes-max", history_bytes_max, "Bytes of columns, and of feature vectors, kept per symbol",
            1 << 16, std::int64_t{16} << 30);
  v.integer("history-surface-bytes-max", history_surface_bytes_max, "Bytes of surfaces kept per symbol", 1 << 16,
            std::int64_t{16} << 30);
  v.integer("history-breakthroughs", history_breakthroughs, "Breakthroughs kept per symbol", 1, 100'000);
  v.integer("queue-frames-max", queue_frames_max, "Frames queued per subscription and symbol", 1, 1'000'000);
  v.integer("held-frames-max", held_frames_max, "Frames held while others are missing or a side input is awaited", 1,
            100'000);
  v.integer("refill-ms", refill_ms, "First wait between two requests for missing frames, ms; doubles", 1, 60'000);
  v.integer("refill-ms-max", refill_ms_max, "Longest wait between two requests for missing frames, ms", 1, 600'000);
  v.integer("refill-attempts-max", refill_attempts_max, "Live: unanswered requests after which a gap is accepted", 1,
            1'000);
  v.integer("lateness-ms", lateness_ms, "Live: windows close by the clock after this allowance, ms", 0, 60'000);
  v.integer("feed-silent-ms", feed_silent_ms, "Live: without word from the feed for this, the clock closes nothing, ms",
            100, 600'000);
  v.integer("ready-within-ms", ready_within_ms, "Live: ready only if every symbol heard of its feed within this, ms",
            100, 3'600'000);
  v.integer("checkpoint-windows", checkpoint_windows, "Windows between two checkpoints; 0: none", 0, 1'000'000);
  v.integer("checkpoint-ms-min", checkpoint_ms_min, "Least time between two checkpoints, ms of the clock", 0, 600'000);
  v.integer(
      "checkpoint-bytes", checkpoint_bytes,
      "Bytes of frames behind a checkpoint after which another is written whatever the windows; the feed must keep "
      "more than twice as many",
      1, std::int64_t{1} << 32);
  v.integer("kept-bytes-max", kept_bytes_max, "Replay: bytes of radar.levels kept until gamma-fuel needs them no more",
            0, std::int64_t{1} << 32);
  v.choice("resume", resume, {"auto", "true", "false"},
           "Go on from the checkpoint at start; auto: live, from a bus that outlives the process");
  v.flag("record", record, "Keep every frame of the radar subjects in the data folder");
  v.integer("session-start-minutes", session_start_minutes,
            "Recordings: a session begins so many minutes after 00:00 UTC", 0, 1'439);
  v.flag("kv", kv, "Keep the latest radar in the key-value bucket \"radar\"");
  v.flag("audit", audit, "Run a second, naive book beside the book and report the first difference");
  v.integer("streams-max", streams_max, "StreamRadar subscribers at a time", 1, 100'000);
  v.integer("stream-stall-ms", stream_stall_ms, "Time after which a subscriber that does not read is ended, ms", 100,
            600'000);
  v.integer("books-max", books_max, "GetBook requests at a time", 1, 10'000);
}

result<void, errc> options::check_overrides(const std::vector<symbol>& served, bool of_any) const {
  for (const std::string& text : overrides) {
    symbol_settings with = all;
    const auto e = config::apply_override(text, with, fields);
    if (!e) return refuse(e.error());
    for (const auto& [name, value] : {std::pair("tick", with.tick), std::pair("strike-spacing", with.strike_spacing),
                                      std::pair("level-step", with.level_step)})
      if (auto ok = read_price(name, value, price(0)); !ok) return std::unexpected(ok.error());
    if (auto ok = read_levels(with.levels); !ok) return std::unexpected(ok.error());
    const bool known = of_any || market::find_futures_product(e->who) != nullptr ||
                       std::any_of(served.begin(), served.end(), [&](const symbol& s) {
                         return s.str() == e->who || market::futures_product_of(s.str()) == e->who;
                       });
    if (!known)
      return refuse("override: \"" + text + "\": \"" + std::string(e->who) +
                    "\" is neither a known product nor a symbol of this process");
  }
  return {};
}

resume_mode options::resume_at_start() const {
  return resume == "auto" ? resume_mode::automatic : resume == "true" ? resume_mode::yes : resume_mode::no;
}

result<symbol_plan, errc> options::plan(const symbol& name) const {
  const auto s = settings_of(*this, name);
  if (!s) return std::unexpected(s.error());
  if (refill_ms > refill_ms_max) return refuse("refill-ms is above radar-physics.refill-ms-max");
  symbol_plan out;
  if (auto ok = set_contract(name, *s, out); !ok) return std::unexpected(ok.error());
  radar_config& c = out.rules;
  const price spacing = c.buckets.strike_spacing;
  c.buckets = buckets_of(*s);
  c.buckets.strike_spacing = spacing;
  c.levels = levels_of(*s);
  c.rules = s->compat == "literal" ? compat::literal : compat::corrected;
  c.window = milliseconds(s->window_ms);
  c.rest = milliseconds(s->rest_ms);
  c.wall_ticks = static_cast<int>(s->wall_ticks);
  c.calibrate_streaming = s->calibrate_streaming;
  c.streaming_windows_min = static_cast<int>(s->streaming_windows_min);
  c.streaming_half_life_windows = s->streaming_half_life_windows;
  c.side_gex = s->side_gex;
  c.side_gate = s->side_gate;
  c.side_stale = milliseconds(s->side_stale_ms);
  const auto levels = read_levels(s->levels);
  if (!levels) return std::unexpected(levels.error());
  const auto step = read_price("level-step", s->level_step, price(0));
  if (!step) return std::unexpected(step.error());
  out.levels = *levels;
  out.level_step = *step;
  out.calibration_file = s->calibration;
  out.side_levels = s->side_levels;
  if (auto ok = check(c); !ok) return refuse(name.str() + ": " + ok.error().evidence);
  return out;
}

}  // namespace isobar::radar_physics
