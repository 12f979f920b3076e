#include "heatmap-builder/actors/checkpoint.hpp"

#include "core/archive.hpp"

namespace isobar::heatmap_builder {
namespace {

constexpr std::uint32_t checkpoint_version = 1;

template <class Archive, class Checkpoint>
void fields(Archive& a, Checkpoint& c) {
  a(c.symbol, c.assumptions, c.frame, c.epochs, c.surface, c.gradient, c.gradients);
}

}  // namespace

std::string encode(const checkpoint& c) {
  std::string out;
  out.reserve(c.surface.size() + 4096);
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

}  // namespace isobar::heatmap_builder
