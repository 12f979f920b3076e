#include "wire/side_input_codec.hpp"

#include <cmath>

#include "isobar/gate/v1/gate.pb.h"
#include "isobar/gex/v1/gex.pb.h"
#include "isobar/level/v1/level.pb.h"
#include "wire/units.hpp"

namespace isobar::wire {
namespace {

constexpr std::size_t max_assumptions = 256;
constexpr std::size_t max_inputs = 64;  ///< of a producer, named as not whole
/// Rounding of a model's two probabilities.
constexpr double sum_tolerance = 1e-6;

bool printable(std::string_view text) {
  for (const char c : text)
    if (c < ' ' || c > '~') return false;
  return true;
}

common::v1::FrameHeader* filled(const frame_info& info, std::size_t records, common::v1::FrameHeader* to) {
  frame_info header = info;
  header.record_count = static_cast<std::uint32_t>(records);
  write_header(header, *to);
  return to;
}

result<void, errc> check_count(std::string_view what, int records, const frame_info& header, std::size_t most) {
  if (static_cast<std::size_t>(records) > most)
    return fail(errc::too_many, std::string(what) + ": " + std::to_string(records) + " records");
  if (static_cast<std::uint32_t>(records) != header.record_count)
    return fail(errc::column_length, std::string(what) + ": " + std::to_string(records) + " records, header says " +
                                         std::to_string(header.record_count));
  return {};
}

/// 1970 to 2200: far from where a difference of times overflows.
bool good_time(std::int64_t ns) { return ns >= 0 && ns < 7'258'118'400'000'000'000; }
bool good_gamma(double v) { return std::isfinite(v) && v >= 0; }
bool good_probability(double v) { return std::isfinite(v) && v >= 0 && v <= 1; }

}  // namespace

std::string encode_gex(const gex_frame& frame, const frame_info& info) {
  gex::v1::GexSurface m;
  filled(info, frame.surface.strikes.size(), m.mutable_header());
  m.set_symbol(frame.symbol.str());
  m.set_window_end_ns(frame.surface.window_end.ns);
  m.set_assumptions(frame.assumptions);
  for (const auto& row : frame.surface.strikes) {
    m.add_strike_nanos(row.strike.value);
    m.add_call_gex(row.call);
    m.add_put_gex(row.put);
  }
  return serialize(m);
}

result<framed<gex_frame>, errc> decode_gex(std::string_view bytes) {
  gex::v1::GexSurface m;
  auto header = parse_frame(bytes, m);
  if (!header) return std::unexpected(header.error());
  framed<gex_frame> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  auto name = read_symbol(m.symbol(), "GexSurface");
  if (!name) return std::unexpected(name.error());
  if (!good_time(m.window_end_ns())) return fail(errc::bad_value, "GexSurface.window_end_ns");
  const int rows = m.strike_nanos_size();
  if (auto ok = check_count("GexSurface", rows, out.header, max_strikes); !ok) return std::unexpected(ok.error());
  if (m.call_gex_size() != rows || m.put_gex_size() != rows)
    return fail(errc::column_length, "GexSurface: columns differ in length");
  if (m.assumptions().size() > max_assumptions || !printable(m.assumptions()))
    return fail(errc::bad_text, "GexSurface.assumptions");
  out.body.symbol = std::move(*name);
  out.body.assumptions = m.assumptions();
  out.body.surface.window_end = {m.window_end_ns()};
  out.body.surface.strikes.reserve(static_cast<std::size_t>(rows));
  for (int i = 0; i < rows; ++i) {
    const auto r = static_cast<std::size_t>(i);
    if (i > 0 && m.strike_nanos(i) <= m.strike_nanos(i - 1)) return fail(errc::bad_order, at("strike_nanos", r));
    if (!good_gamma(m.call_gex(i))) return fail(errc::bad_value, at("call_gex", r));
    if (!good_gamma(m.put_gex(i))) return fail(errc::bad_value, at("put_gex", r));
    out.body.surface.strikes.push_back({price(m.strike_nanos(i)), m.call_gex(i), m.put_gex(i)});
  }
  return out;
}

std::string encode_gate(const gate_frame& frame, const frame_info& info) {
  gate::v1::Gate m;
  filled(info, 1, m.mutable_header());
  m.set_symbol(frame.symbol.str());
  m.set_window_end_ns(frame.gate.window_end.ns);
  m.set_p_up(frame.gate.p_up);
  m.set_p_down(1 - frame.gate.p_up);
  m.set_model(frame.gate.model);
  return serialize(m);
}

result<framed<gate_frame>, errc> decode_gate(std::string_view bytes) {
  gate::v1::Gate m;
  auto header = parse_frame(bytes, m);
  if (!header) return std::unexpected(header.error());
  framed<gate_frame> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  auto name = read_symbol(m.symbol(), "Gate");
  if (!name) return std::unexpected(name.error());
  if (!good_time(m.window_end_ns())) return fail(errc::bad_value, "Gate.window_end_ns");
  if (!good_probability(m.p_up())) return fail(errc::bad_value, "Gate.p_up");
  if (!good_probability(m.p_down())) return fail(errc::bad_value, "Gate.p_down");
  if (std::abs(m.p_up() + m.p_down() - 1) > sum_tolerance)
    return fail(errc::bad_value, "Gate: p_up and p_down do not sum to 1");
  if (!valid_text(m.model())) return fail(errc::bad_text, "Gate.model");
  out.body = {.symbol = std::move(*name),
              .gate = {.window_end = {m.window_end_ns()}, .p_up = m.p_up(), .model = m.model()}};
  return out;
}

std::string encode_level_set(const level_set_frame& frame, const frame_info& info) {
  level::v1::LevelSet m;
  filled(info, frame.set.levels.size(), m.mutable_header());
  m.set_symbol(frame.symbol.str());
  m.set_effective_ns(frame.set.effective.ns);
  for (const auto& l : frame.set.levels) {
    auto& to = *m.add_levels();
    to.set_id(l.id);
    to.set_kind(l.kind);
    to.set_price_nanos(l.price.value);
  }
  for (const auto& [input, quality] : frame.input_quality) {
    auto& to = *m.add_input_quality();
    to.set_input(input);
    to.set_quality(static_cast<common::v1::Quality>(quality));
  }
  return serialize(m);
}

result<framed<level_set_frame>, errc> decode_level_set(std::string_view bytes) {
  level::v1::LevelSet m;
  auto header = parse_frame(bytes, m);
  if (!header) return std::unexpected(header.error());
  framed<level_set_frame> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  auto name = read_symbol(m.symbol(), "LevelSet");
  if (!name) return std::unexpected(name.error());
  if (auto ok = check_count("LevelSet", m.levels_size(), out.header, max_watched_levels); !ok)
    return std::unexpected(ok.error());
  if (!good_time(m.effective_ns())) return fail(errc::bad_value, "LevelSet.effective_ns");
  out.body.symbol = std::move(*name);
  out.body.set.effective = {m.effective_ns()};
  for (int i = 0; i < m.levels_size(); ++i) {
    const auto& l = m.levels(i);
    const auto r = static_cast<std::size_t>(i);
    if (!valid_text(l.id())) return fail(errc::bad_text, at("LevelSet.id", r));
    if (!valid_text(l.kind())) return fail(errc::bad_text, at("LevelSet.kind", r));
    if (i > 0 && l.id() <= m.levels(i - 1).id()) return fail(errc::bad_order, at("LevelSet.id", r));
    if (price(l.price_nanos()) == market::no_price) return fail(errc::bad_value, at("LevelSet.price_nanos", r));
    out.body.set.levels.push_back({.id = l.id(), .kind = l.kind(), .price = price(l.price_nanos())});
  }
  if (static_cast<std::size_t>(m.input_quality_size()) > max_inputs)
    return fail(errc::too_many, "LevelSet: " + std::to_string(m.input_quality_size()) + " inputs");
  for (const auto& i : m.input_quality()) {
    const auto quality = read_quality(i.quality());
    if (!quality) return fail(errc::bad_value, "LevelSet.input_quality");
    if (!valid_text(i.input())) return fail(errc::bad_text, "LevelSet.input_quality");
    out.body.input_quality.emplace_back(i.input(), *quality);
  }
  return out;
}

}  // namespace isobar::wire
