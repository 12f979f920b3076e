#include "wire/numeric_codec.hpp"

#include <cmath>

#include "wire/columns.hpp"
#include "wire/units.hpp"

namespace isobar::wire {

void to_proto(const market::numeric_delta& delta, const frame_info& info, surface::v1::NumericDelta& to) {
  to.Clear();
  auto header = info;
  header.record_count = static_cast<std::uint32_t>(delta.cells.size() + delta.removed.size());
  write_header(header, *to.mutable_header());
  to.set_symbol(delta.symbol.str());
  to.set_surface(delta.surface);
  to.set_plane(delta.plane);
  to.set_epoch_id(delta.epoch);
  to.set_revision(delta.revision);
  to.set_window_end_ns(delta.window_end.ns);
  to.set_base(delta.base);
  to.set_value_unit(delta.value_unit);
  write_ascending(delta.cells, *to.mutable_cell_delta());
  to.mutable_value()->Add(delta.values.begin(), delta.values.end());
  write_ascending(delta.removed, *to.mutable_removed_delta());
}

result<market::numeric_delta, errc> read_numeric(const surface::v1::NumericDelta& from) {
  auto symbol = read_symbol(from.symbol(), "NumericDelta");
  if (!symbol) return std::unexpected(symbol.error());
  if (!valid_text(from.surface()) || !valid_text(from.plane()))
    return fail(errc::bad_text, "NumericDelta.surface or plane");
  if (!std::isfinite(from.value_unit()) || from.value_unit() <= 0)
    return fail(errc::bad_unit, "NumericDelta.value_unit " + std::to_string(from.value_unit()));
  if (from.value_size() != from.cell_delta_size())
    return fail(errc::column_length, "NumericDelta: " + std::to_string(from.cell_delta_size()) + " cells, " +
                                         std::to_string(from.value_size()) + " values");
  market::numeric_delta to;
  if (auto ok = read_ascending(from.cell_delta(), max_cells, "NumericDelta.cell_delta", to.cells); !ok)
    return std::unexpected(ok.error());
  if (auto ok = read_ascending(from.removed_delta(), max_cells, "NumericDelta.removed_delta", to.removed); !ok)
    return std::unexpected(ok.error());
  to.symbol = std::move(*symbol);
  to.surface = from.surface();
  to.plane = from.plane();
  to.epoch = from.epoch_id();
  to.revision = from.revision();
  to.window_end = {from.window_end_ns()};
  to.base = from.base();
  to.value_unit = from.value_unit();
  to.values.assign(from.value().begin(), from.value().end());
  return to;
}

result<framed<market::numeric_delta>, errc> from_proto(const surface::v1::NumericDelta& from) {
  auto header = read_header(from.header());
  if (!header) return std::unexpected(header.error());
  framed<market::numeric_delta> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  if (out.header.record_count != static_cast<std::uint32_t>(from.cell_delta_size() + from.removed_delta_size()))
    return fail(errc::column_length, "NumericDelta: header.record_count " + std::to_string(out.header.record_count));
  auto body = read_numeric(from);
  if (!body) return std::unexpected(body.error());
  out.body = std::move(*body);
  return out;
}

std::string encode_numeric(const market::numeric_delta& delta, const frame_info& info) {
  surface::v1::NumericDelta message;
  to_proto(delta, info, message);
  return serialize(message);
}

result<framed<market::numeric_delta>, errc> decode_numeric(std::string_view bytes) {
  surface::v1::NumericDelta message;
  if (auto ok = parse(bytes, message); !ok) return std::unexpected(ok.error());
  if (!message.has_header()) return fail(errc::no_header, "NumericDelta without header");
  return from_proto(message);
}

}  // namespace isobar::wire
