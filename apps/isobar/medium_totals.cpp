#include "isobar/medium_totals.hpp"

#include "core/digest.hpp"
#include "isobar/feed/v1/feed.pb.h"
#include "isobar/gex/v1/gex.pb.h"
#include "isobar/heatmap/v1/tile.pb.h"
#include "isobar/level/v1/signal.pb.h"
#include "isobar/radar/v1/radar.pb.h"
#include "wire/frame.hpp"

namespace isobar::cli {
namespace {

constexpr std::size_t remembered = 4096;

template <class Message>
bool parse(std::string_view bytes, Message& into) {
  return into.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

bool medium_totals::take(std::string_view kind, std::string_view subject, std::string_view bytes) {
  const auto header = wire::peek_header(bytes);
  if (!header || header->heartbeat) return true;
  const bool tiles = kind == "heatmap.tiles";
  if (repeat(tiles ? line_of_tiles(subject, bytes) : std::string(subject), header->sequence, bytes)) {
    ++repeats_[std::string(kind)];
    return false;
  }
  if (tiles) surface_digest_.add(subject, bytes);
  if (kind.starts_with("radar.")) digest_.add(subject, bytes);
  if (kind.starts_with("gex.") || kind.starts_with("level.")) gamma_digest_.add(subject, bytes);
  if (kind == "feed.book") {
    feed::v1::BookEvents frame;
    if (parse(bytes, frame)) figures_[frame.symbol()].records += header->record_count;
  } else if (kind == "radar.column") {
    take_column(bytes);
  } else if (kind == "radar.breakthrough") {
    radar::v1::Breakthrough frame;
    if (parse(bytes, frame)) ++figures_[frame.window().symbol()].breakthroughs;
  } else if (kind == "gex.profile") {
    gex::v1::GexProfile frame;
    if (parse(bytes, frame)) ++figures_[frame.symbol()].landscapes;
  } else if (kind == "level.signals") {
    take_signals(bytes);
  } else if (kind == "level.alert") {
    level::v1::Alert frame;
    if (parse(bytes, frame)) ++figures_[frame.symbol()].alerts;
  }
  return true;
}

/// Tiles are numbered by plane of an epoch.
std::string medium_totals::line_of_tiles(std::string_view subject, std::string_view bytes) const {
  heatmap::v1::TileDelta frame;
  if (!parse(bytes, frame)) return std::string(subject);
  return std::string(subject) + " " + std::to_string(frame.epoch_id()) + " " + frame.expiry().SerializeAsString();
}

void medium_totals::take_column(std::string_view bytes) {
  radar::v1::RadarColumn column;
  if (!parse(bytes, column)) return;
  const auto& w = column.window();
  figures& f = figures_[w.symbol()];
  f.windows += w.span_windows();
  f.valid += w.valid() ? w.span_windows() : 0;
  f.idle += w.events() == 0 ? w.span_windows() : 0;
  f.spans += w.span_windows() > 1 ? 1 : 0;
  f.crossed_windows += w.crossed() ? w.span_windows() : 0;
  f.crossed_spans += w.crossed() && !f.crossed_now ? 1 : 0;
  f.crossed_now = w.crossed();
  f.gap_windows += w.gap() ? w.span_windows() : 0;
  f.late_events += w.late_events();
  f.trades += w.trades();
  f.lots += w.traded_lots();
}

void medium_totals::take_signals(std::string_view bytes) {
  level::v1::LevelSignals frame;
  if (!parse(bytes, frame)) return;
  figures& f = figures_[frame.symbol()];
  f.signal_instants += 1 + frame.unchanged_ticks();
  auto& before = signals_[frame.symbol()];
  std::map<std::string, int> now;
  for (const auto& l : frame.levels()) {
    const auto was = before.find(l.id());
    if (was == before.end() || was->second != l.signal()) {
      f.breaks += l.signal() == level::v1::SIGNAL_BREAK;
      f.bounces += l.signal() == level::v1::SIGNAL_BOUNCE;
    }
    now[l.id()] = l.signal();
  }
  before = std::move(now);
}

std::uint64_t medium_totals::repeated() const {
  std::uint64_t out = 0;
  for (const auto& [kind, count] : repeats_) out += count;
  return out;
}

bool medium_totals::repeat(std::string_view subject, std::uint64_t sequence, std::string_view bytes) {
  seen& s = seen_.try_emplace(std::string(subject)).first->second;
  const std::uint64_t hash = hash64(bytes);
  if (sequence <= s.last) {
    const std::uint64_t back = s.last - sequence;
    if (back < s.hashes.size() && s.hashes[s.hashes.size() - 1 - back] != hash) ++contradicted_;
    return true;
  }
  if (sequence != s.last + 1) s.hashes.clear();
  s.last = sequence;
  s.hashes.push_back(hash);
  if (s.hashes.size() > remembered) s.hashes.pop_front();
  return false;
}

}  // namespace isobar::cli
