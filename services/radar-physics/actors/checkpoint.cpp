#include "radar-physics/actors/checkpoint.hpp"

#include "core/archive.hpp"

namespace isobar::radar_physics {
namespace {

constexpr std::uint32_t checkpoint_version = 3;

template <class Archive, class Checkpoint>
void fields(Archive& a, Checkpoint& c) {
  a(c.symbol, c.assumptions, c.calibration, c.tick, c.multiplier, c.frame, c.frame_digest, c.applied, c.frame_done,
    c.sequences, c.recorded.session.days, c.recorded.bytes, c.last_event, c.watermark, c.open_end, c.source, c.watched,
    c.engine, c.side_frames, c.kept);
}

}  // namespace

std::string encode(const checkpoint& c) {
  std::string out;
  out.reserve(c.engine.size() + 1024);
  archive_writer a(out);
  a(checkpoint_version);
  fields(a, c);
  return out;
}

std::optional<checkpoint> decode_checkpoint(std::string_view bytes) {
  archive_reader a(bytes);
  std::uint32_t version = 0;
  a(version);
  if (!a.ok() || version != checkpoint_version) return std::nullopt;
  checkpoint out;
  fields(a, out);
  if (!a.finished()) return std::nullopt;
  return out;
}

}  // namespace isobar::radar_physics
