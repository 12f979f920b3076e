#include "wire/epoch_codec.hpp"

#include "wire/units.hpp"

namespace isobar::wire {
namespace {

using epoch::v1::ExpiryPlane;

void write_plane(const market::expiry_plane& from, ExpiryPlane& to) {
  unit_finder finder;
  for (const auto k : from.strikes) finder.add(k.value);
  write_key(from.key, *to.mutable_key());
  to.set_settlement(write_settlement(from.settles));
  to.set_settles_at_ns(from.settles_at.ns);
  to.set_multiplier(from.multiplier);
  to.set_strike_unit_nanos(finder.unit());
  std::int64_t before = 0;
  for (const auto k : from.strikes) {
    to.add_strike_delta((k.value - before) / finder.unit());
    before = k.value;
  }
  to.mutable_listed()->assign(from.listed.begin(), from.listed.end());
}

result<void, errc> read_strikes(const ExpiryPlane& from, market::expiry_plane& to) {
  const auto n = static_cast<std::size_t>(from.strike_delta_size());
  if (n > max_strikes) return fail(errc::too_many, "Geometry plane with " + std::to_string(n) + " strikes");
  if (from.listed().size() != n) return fail(errc::column_length, "Geometry.listed of " + market::to_string(to.key));
  if (from.strike_unit_nanos() <= 0) return fail(errc::bad_unit, "Geometry.strike_unit_nanos");
  std::int64_t position = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::int64_t nanos = 0;
    if (__builtin_add_overflow(position, from.strike_delta(static_cast<int>(i)), &position) ||
        !unscale(position, from.strike_unit_nanos(), nanos))
      return fail(errc::overflow, at("Geometry.strike_delta", i));
    if (nanos <= (to.strikes.empty() ? 0 : to.strikes.back().value))
      return fail(errc::bad_order, at("Geometry.strike_delta", i));
    const auto listed = static_cast<std::uint8_t>(from.listed()[i]);
    if (listed > 3) return fail(errc::bad_value, at("Geometry.listed", i));
    to.strikes.emplace_back(nanos);
    to.listed.push_back(listed);
  }
  return {};
}

result<market::expiry_plane, errc> read_plane(const ExpiryPlane& from) {
  auto key = read_key(from.key());
  if (!key) return std::unexpected(key.error());
  const auto settles = read_settlement(from.settlement());
  if (!settles) return std::unexpected(settles.error());
  if (from.multiplier() <= 0) return fail(errc::bad_value, "Geometry.multiplier of " + market::to_string(*key));
  market::expiry_plane to;
  to.key = std::move(*key);
  to.settles = *settles;
  to.settles_at = {from.settles_at_ns()};
  to.multiplier = from.multiplier();
  if (auto ok = read_strikes(from, to); !ok) return std::unexpected(ok.error());
  return to;
}

result<void, errc> read_reasons(const epoch::v1::Epoch& from, market::epoch& to) {
  if (from.reasons_size() > epoch::v1::EpochReason_MAX) return fail(errc::too_many, "Epoch.reasons");
  for (const int reason : from.reasons()) {
    if (reason < epoch::v1::EPOCH_REASON_FIRST || reason > epoch::v1::EPOCH_REASON_DTE_SET)
      return fail(errc::bad_value, "Epoch.reasons " + std::to_string(reason));
    to.reasons.push_back(static_cast<market::epoch::reason>(reason));
  }
  return {};
}

result<std::vector<std::string>, errc> read_missing(const epoch::v1::Epoch& from) {
  std::vector<std::string> to;
  if (from.missing_acks_size() > 64) return fail(errc::too_many, "Epoch.missing_acks");
  for (const auto& name : from.missing_acks()) {
    if (!valid_text(name)) return fail(errc::bad_text, "Epoch.missing_acks");
    to.push_back(name);
  }
  return to;
}

result<std::vector<market::ladder_window>, errc> read_windows(const epoch::v1::Epoch& from) {
  if (from.windows_size() != 0 && from.windows_size() != from.geometry().planes_size())
    return fail(errc::column_length, "Epoch.windows: " + std::to_string(from.windows_size()));
  std::vector<market::ladder_window> to;
  for (const auto& w : from.windows()) {
    if (w.half_range_nanos() < 0) return fail(errc::bad_value, "Epoch.windows.half_range_nanos");
    to.push_back({strike(w.anchor_nanos()), strike_width(w.half_range_nanos())});
  }
  return to;
}

}  // namespace

void to_proto(const market::geometry& board, epoch::v1::Geometry& to) {
  to.Clear();
  for (const auto& plane : board.planes) write_plane(plane, *to.add_planes());
  for (const auto width : board.widths) to.add_width_nanos(width.value);
}

result<market::geometry, errc> from_proto(const epoch::v1::Geometry& from, const isobar::symbol& symbol) {
  if (static_cast<std::size_t>(from.planes_size()) > max_planes)
    return fail(errc::too_many, "Geometry with " + std::to_string(from.planes_size()) + " planes");
  if (static_cast<std::size_t>(from.width_nanos_size()) > max_widths)
    return fail(errc::too_many, "Geometry with " + std::to_string(from.width_nanos_size()) + " widths");
  market::geometry to;
  to.symbol = symbol;
  std::size_t slots = 0;
  for (const auto& plane : from.planes()) {
    auto read = read_plane(plane);
    if (!read) return std::unexpected(read.error());
    if (!to.planes.empty() && to.planes.back().key >= read->key)
      return fail(errc::bad_order, "Geometry plane " + market::to_string(read->key));
    slots += 2 * read->strikes.size();
    if (slots > max_contracts)
      return fail(errc::too_many, "Geometry with more than " + std::to_string(max_contracts) + " slots");
    to.planes.push_back(std::move(*read));
  }
  for (const auto nanos : from.width_nanos()) {
    if (nanos <= (to.widths.empty() ? 0 : to.widths.back().value)) return fail(errc::bad_order, "Geometry.width_nanos");
    to.widths.emplace_back(nanos);
  }
  to.finish();
  return to;
}

void to_proto(const epoch_record& record, const frame_info& info, epoch::v1::Epoch& to) {
  to.Clear();
  auto header = info;
  header.record_count = 1;
  write_header(header, *to.mutable_header());
  const auto& e = record.epoch;
  to.set_symbol(e.symbol.str());
  to.set_epoch_id(e.id);
  to.set_previous_epoch_id(e.previous);
  to.set_geometry_hash(e.hash);
  to.set_effective_from_ns(e.effective_from.ns);
  to.set_state(static_cast<epoch::v1::EpochState>(e.state));
  for (const auto reason : e.reasons) to.add_reasons(static_cast<epoch::v1::EpochReason>(reason));
  to_proto(e.board, *to.mutable_geometry());
  for (const auto& name : record.missing_acks) to.add_missing_acks(name);
  for (const auto& window : record.windows) {
    auto& w = *to.add_windows();
    w.set_anchor_nanos(window.anchor.value);
    w.set_half_range_nanos(window.half_range.value);
  }
}

result<framed<epoch_record>, errc> from_proto(const epoch::v1::Epoch& from) {
  auto header = read_header(from.header());
  if (!header) return std::unexpected(header.error());
  framed<epoch_record> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  auto symbol = read_symbol(from.symbol(), "Epoch");
  if (!symbol) return std::unexpected(symbol.error());
  if (out.header.record_count != 1) return fail(errc::column_length, "Epoch: header.record_count is not 1");
  auto& e = out.body.epoch;
  if (from.epoch_id() == 0 || from.previous_epoch_id() >= from.epoch_id())
    return fail(errc::bad_value, "Epoch.epoch_id " + std::to_string(from.epoch_id()));
  if (from.state() < epoch::v1::EPOCH_STATE_PREPARING || from.state() > epoch::v1::EPOCH_STATE_RETIRED)
    return fail(errc::bad_value, "Epoch.state " + std::to_string(from.state()));
  e.id = from.epoch_id();
  e.previous = from.previous_epoch_id();
  e.hash = from.geometry_hash();
  e.effective_from = {from.effective_from_ns()};
  e.state = static_cast<enum market::epoch::state>(from.state());
  if (auto ok = read_reasons(from, e); !ok) return std::unexpected(ok.error());
  auto board = from_proto(from.geometry(), *symbol);
  if (!board) return std::unexpected(board.error());
  e.symbol = std::move(*symbol);
  e.board = std::move(*board);
  if (e.board.hash() != e.hash)
    return fail(errc::hash_mismatch, "Epoch " + std::to_string(e.id) + " of " + e.symbol.str());
  auto missing = read_missing(from);
  if (!missing) return std::unexpected(missing.error());
  out.body.missing_acks = std::move(*missing);
  auto windows = read_windows(from);
  if (!windows) return std::unexpected(windows.error());
  out.body.windows = std::move(*windows);
  return out;
}

std::string encode_epoch(const epoch_record& record, const frame_info& info) {
  epoch::v1::Epoch message;
  to_proto(record, info, message);
  return serialize(message);
}

result<framed<epoch_record>, errc> decode_epoch(std::string_view bytes) {
  epoch::v1::Epoch message;
  if (auto ok = parse(bytes, message); !ok) return std::unexpected(ok.error());
  if (!message.has_header()) return fail(errc::no_header, "Epoch without header");
  return from_proto(message);
}

std::string encode_epoch_ack(const epoch_ack& ack, const frame_info& info) {
  epoch::v1::EpochAck message;
  auto header = info;
  header.record_count = 1;
  write_header(header, *message.mutable_header());
  message.set_symbol(ack.symbol.str());
  message.set_epoch_id(ack.epoch_id);
  message.set_participant(ack.participant);
  message.set_pause_ns(ack.pause.value);
  return serialize(message);
}

result<framed<epoch_ack>, errc> decode_epoch_ack(std::string_view bytes) {
  epoch::v1::EpochAck message;
  auto header = parse_frame(bytes, message);
  if (!header) return std::unexpected(header.error());
  framed<epoch_ack> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  auto symbol = read_symbol(message.symbol(), "EpochAck");
  if (!symbol) return std::unexpected(symbol.error());
  if (message.epoch_id() == 0 || message.pause_ns() < 0) return fail(errc::bad_value, "EpochAck");
  if (!valid_text(message.participant())) return fail(errc::bad_text, "EpochAck.participant");
  out.body = {.symbol = std::move(*symbol),
              .epoch_id = message.epoch_id(),
              .participant = message.participant(),
              .pause = {message.pause_ns()}};
  return out;
}

}  // namespace isobar::wire
