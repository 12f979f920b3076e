#include "gamma-fuel/transport/level_states_decoder.hpp"

#include <cmath>
#include <set>

#include "isobar/radar/v1/radar.pb.h"
#include "wire/side_input_codec.hpp"
#include "wire/units.hpp"

namespace isobar::gamma_fuel {
namespace {

using radar::v1::LevelState;
using wire::errc;

/// 1970 to 2200: far from where a difference of times overflows.
bool good_time(std::int64_t ns) { return ns >= 0 && ns < 7'258'118'400'000'000'000; }
bool within(double v, double low, double high) { return std::isfinite(v) && v >= low && v <= high; }
/// Lots of one level: sums of a few stay far inside 64 bits.
constexpr std::int64_t lots_max = std::int64_t{1} << 48;
bool good_lots(std::uint64_t v) { return v < static_cast<std::uint64_t>(lots_max); }

std::unexpected<failure<errc>> bad(errc code, const char* field, std::size_t row) {
  return fail(code, wire::at(std::string("LevelStates.levels.") + field, row));
}

result<market::book_side, errc> side_of(radar::v1::Side s, std::size_t row) {
  switch (s) {
    case radar::v1::SIDE_UNSPECIFIED:
      return market::book_side::none;
    case radar::v1::SIDE_BID:
      return market::book_side::bid;
    case radar::v1::SIDE_ASK:
      return market::book_side::ask;
    default:
      return bad(errc::bad_value, "defending", row);
  }
}

/// The first field that is outside what it can be; nullptr: none.
const char* bad_field(const LevelState& m) {
  if (price(m.price_nanos()) == market::no_price || m.price_nanos() == INT64_MIN) return "price_nanos";
  if (m.state() < radar::v1::BARRIER_STATE_UNSPECIFIED || m.state() > radar::v1::BARRIER_STATE_WEAK) return "state";
  if (m.delta_liquidity_lots() <= -lots_max || m.delta_liquidity_lots() >= lots_max) return "delta_liquidity_lots";
  const struct {
    const char* name;
    std::uint64_t lots;
  } counts[] = {{"added_lots", m.added_lots()},   {"cancelled_lots", m.cancelled_lots()},
                {"filled_lots", m.filled_lots()}, {"depth_in_zone_lots", m.depth_in_zone_lots()},
                {"buy_lots", m.buy_lots()},       {"sell_lots", m.sell_lots()}};
  for (const auto& c : counts)
    if (!good_lots(c.lots)) return c.name;
  constexpr double any = 1e18;
  const struct {
    const char* name;
    double value, low, high;
  } numbers[] = {{"replenishment_ratio", m.replenishment_ratio(), 0, any},
                 {"barrier_confidence", m.barrier_confidence(), 0, 1},
                 {"imbalance", m.imbalance(), -1, 1},
                 {"trades_per_second", m.trades_per_second(), 0, any},
                 {"price_velocity", m.price_velocity(), -any, any},
                 {"tape_confidence", m.tape_confidence(), 0, 1},
                 {"wall_ratio", m.wall_ratio(), 0, any},
                 {"sweep.notional", m.sweep().notional(), 0, any}};
  for (const auto& n : numbers)
    if (!within(n.value, n.low, n.high)) return n.name;
  if (m.sweep().direction() < -1 || m.sweep().direction() > 1) return "sweep.direction";
  return nullptr;
}

result<level_state, errc> read(const LevelState& m, std::size_t row) {
  if (!wire::valid_text(m.id())) return bad(errc::bad_text, "id", row);
  if (const char* field = bad_field(m)) return bad(errc::bad_value, field, row);
  const auto side = side_of(m.defending(), row);
  if (!side) return std::unexpected(side.error());
  return level_state{.id = m.id(),
                     .price = price(m.price_nanos()),
                     .defending = *side,
                     .state = static_cast<barrier>(m.state()),
                     .delta_liquidity = m.delta_liquidity_lots(),
                     .added = m.added_lots(),
                     .cancelled = m.cancelled_lots(),
                     .filled = m.filled_lots(),
                     .depth_in_zone = m.depth_in_zone_lots(),
                     .replenishment_ratio = m.replenishment_ratio(),
                     .wall_ratio = m.wall_ratio(),
                     .barrier_confidence = m.barrier_confidence(),
                     .imbalance = m.imbalance(),
                     .buy = m.buy_lots(),
                     .sell = m.sell_lots(),
                     .trades_per_second = m.trades_per_second(),
                     .price_velocity = m.price_velocity(),
                     .tape_confidence = m.tape_confidence(),
                     .sweep_direction = m.sweep().direction(),
                     .sweep_notional = m.sweep().direction() == 0 ? 0 : m.sweep().notional()};
}

result<wire::framed<level_states>, errc> decode(std::string_view bytes, const symbol* expected) {
  radar::v1::LevelStates m;
  auto header = wire::parse_frame(bytes, m);
  if (!header) return std::unexpected(header.error());
  wire::framed<level_states> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  const auto name = wire::read_symbol(m.symbol(), "LevelStates");
  if (!name) return std::unexpected(name.error());
  if (expected && *name != *expected) return fail(errc::bad_symbol, "LevelStates.symbol: " + name->str());
  if (!good_time(m.as_of_ns())) return fail(errc::bad_value, "LevelStates.as_of_ns");
  if (m.revision() != static_cast<std::uint64_t>(m.as_of_ns() / 1'000'000))
    return fail(errc::bad_value, "LevelStates.revision");
  const auto quality = wire::read_quality(m.quality());
  if (!quality) return fail(errc::bad_value, "LevelStates.quality");
  const auto count = static_cast<std::size_t>(m.levels_size());
  if (count > wire::max_watched_levels)
    return fail(errc::too_many, "LevelStates: " + std::to_string(count) + " levels");
  if (count != out.header.record_count)
    return fail(errc::column_length, "LevelStates: " + std::to_string(count) + " levels, header says " +
                                         std::to_string(out.header.record_count));
  out.body.as_of = {m.as_of_ns()};
  out.body.quality = market::worst(*quality, out.header.quality);
  out.body.trusted = out.body.quality <= market::quality::synthetic;
  if (m.assumptions().size() > wire::max_text) return fail(errc::bad_text, "LevelStates.assumptions");
  if (!m.assumptions().empty() && !wire::valid_text(m.assumptions()))
    return fail(errc::bad_text, "LevelStates.assumptions");
  out.body.assumptions = m.assumptions();
  out.body.levels.reserve(count);
  std::set<std::string_view> ids;
  for (std::size_t i = 0; i < count; ++i) {
    const LevelState& from = m.levels(static_cast<int>(i));
    auto level = read(from, i);
    if (!level) return std::unexpected(level.error());
    if (!ids.insert(from.id()).second) return bad(errc::bad_order, "id", i);
    out.body.levels.push_back(std::move(*level));
  }
  return out;
}

}  // namespace

result<wire::framed<level_states>, errc> decode_level_states(std::string_view bytes) { return decode(bytes, nullptr); }

result<wire::framed<level_states>, errc> decode_level_states(std::string_view bytes, const symbol& expected) {
  return decode(bytes, &expected);
}

}  // namespace isobar::gamma_fuel
