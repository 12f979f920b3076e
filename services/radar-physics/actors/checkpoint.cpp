#include "radar-physics/actors/checkpoint.hpp"

#include "core/archive.hpp"

namespace isobar::radar_physics {
namespace {

constexpr std::uint32_t checkpoint_version = 2;

/// Archived form of a level set.
struct flat_levels {
  bool present = false;
  std::int64_t effective_ns = 0;
  std::vector<std::pair<std::pair<std::string, std::string>, std::int64_t>> levels;
  template <class Archive>
  void fields(Archive& a) {
    a(present, effective_ns, levels);
  }
};

flat_levels flatten(const std::optional<market::level_set_input>& set) {
  flat_levels out;
  if (!set) return out;
  out.present = true;
  out.effective_ns = set->effective.ns;
  for (const auto& l : set->levels) out.levels.push_back({{l.id, l.kind}, l.price.value});
  return out;
}

std::optional<market::level_set_input> unflatten(const flat_levels& from) {
  if (!from.present) return std::nullopt;
  market::level_set_input out{.effective = {from.effective_ns}, .levels = {}};
  for (const auto& [names, nanos] : from.levels) out.levels.push_back({names.first, names.second, price(nanos)});
  return out;
}

template <class Archive, class Checkpoint>
void fields(Archive& a, Checkpoint& c, flat_levels& levels) {
  a(c.symbol, c.assumptions, c.calibration, c.tick, c.multiplier, c.frame, c.frame_digest, c.applied, c.frame_done,
    c.sequences, c.recorded.session.days, c.recorded.bytes, c.last_event, c.watermark, c.open_end, c.source,
    c.round_base, levels, c.engine, c.side_frames, c.kept);
}

}  // namespace

std::string encode(const checkpoint& c) {
  std::string out;
  out.reserve(c.engine.size() + 1024);
  archive_writer a(out);
  a(checkpoint_version);
  flat_levels levels = flatten(c.outside_set);
  fields(a, c, levels);
  return out;
}

std::optional<checkpoint> decode_checkpoint(std::string_view bytes) {
  archive_reader a(bytes);
  std::uint32_t version = 0;
  a(version);
  if (!a.ok() || version != checkpoint_version) return std::nullopt;
  checkpoint out;
  flat_levels levels;
  fields(a, out, levels);
  if (!a.finished()) return std::nullopt;
  out.outside_set = unflatten(levels);
  return out;
}

}  // namespace isobar::radar_physics
