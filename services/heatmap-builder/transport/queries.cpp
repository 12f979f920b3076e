#include "heatmap-builder/transport/queries.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "heatmap-builder/transport/messages.hpp"

namespace isobar::heatmap_builder {
namespace {

using heatmap::v1::GetSurfaceRequest;
using heatmap::v1::GetTileRequest;

std::unexpected<failure<query_errc>> invalid(std::string evidence) {
  return fail(query_errc::invalid_argument, std::move(evidence));
}

/// Which tiles of a plane a GetSurface request wants.
struct tile_filter {
  unsigned kinds = 0;  ///< bit n: strategy n; 0: all
  std::int64_t from = INT64_MIN, to = INT64_MAX;

  static query_result<tile_filter> of(const GetSurfaceRequest& r) {
    tile_filter f;
    for (const int s : r.strategies()) {
      if (s < heatmap::v1::STRATEGY_SINGLE || s > heatmap::v1::STRATEGY_BUTTERFLY)
        return invalid("strategies: unknown value " + std::to_string(s));
      f.kinds |= 1u << s;
    }
    if (r.strike_from_nanos() < 0) return invalid("strike_from_nanos: negative");
    if (r.strike_to_nanos() < 0) return invalid("strike_to_nanos: negative");
    if (r.strike_from_nanos() > 0) f.from = r.strike_from_nanos();
    if (r.strike_to_nanos() > 0) f.to = r.strike_to_nanos();
    if (f.from > f.to) return invalid("strike_from_nanos: above strike_to_nanos");
    return f;
  }
  bool everything() const { return kinds == 0 && from == INT64_MIN && to == INT64_MAX; }
  bool wants(const plane_board& p, std::uint32_t tile) const {
    const tile_place place = p.place_of(tile);
    const std::int64_t k = p.strikes[place.position].value;
    return k >= from && k <= to && (kinds == 0 || ((kinds >> static_cast<unsigned>(place.kind)) & 1));
  }
  void apply(const plane_board& p, tile_columns& c) const {
    if (everything()) return;
    tile_columns kept;
    for (std::size_t i = 0; i < c.changed.size(); ++i)
      if (wants(p, c.changed[i])) kept.add(c.changed[i], {c.mid[i], c.natural_debit[i], c.natural_credit[i], 0});
    c = std::move(kept);
  }
};

/// Where the next page starts: "revision.plane.tile". The revision pins the window, so that pages fit together.
struct page_token {
  std::uint64_t revision = 0;
  std::size_t plane = 0;
  std::uint32_t tile = 0;

  std::string text() const {
    return std::to_string(revision) + "." + std::to_string(plane) + "." + std::to_string(tile);
  }
  static std::optional<page_token> parse(const std::string& text) {
    page_token t;
    const char* at = text.data();
    const char* end = at + text.size();
    const auto number = [&](auto& into, bool last) {
      const auto [next, error] = std::from_chars(at, end, into);
      if (error != std::errc{} || (last ? next != end : (next == end || *next != '.'))) return false;
      at = last ? next : next + 1;
      return true;
    };
    if (!number(t.revision, false) || !number(t.plane, false) || !number(t.tile, true)) return std::nullopt;
    return t;
  }
};

query_result<void> check_page_fields(const GetSurfaceRequest& r) {
  if (r.page_size() > page_size_max) return invalid("page_size: above " + std::to_string(page_size_max));
  if (r.expanded()) return {};
  if (r.theoretical()) return invalid("theoretical: only with expanded");
  if (r.page_size() != 0) return invalid("page_size: only with expanded");
  if (!r.page_token().empty()) return invalid("page_token: only with expanded");
  return {};
}

/// The tile a request names, on the board; NOT_FOUND for strikes and widths that are not.
query_result<tile_name> resolve(const board& b, const GetTileRequest& r) {
  tile_name name;
  const auto key = market::parse_expiry_key(r.expiry());
  if (!key) return invalid("expiry: \"" + r.expiry().substr(0, 64) + "\" is not like SPXW-20251219");
  if (r.strategy() < heatmap::v1::STRATEGY_SINGLE || r.strategy() > heatmap::v1::STRATEGY_BUTTERFLY)
    return invalid("strategy: unknown value " + std::to_string(r.strategy()));
  if (r.right() != heatmap::v1::RIGHT_CALL && r.right() != heatmap::v1::RIGHT_PUT)
    return invalid("right: unknown value " + std::to_string(r.right()));
  if (r.strike_nanos() <= 0) return invalid("strike_nanos: not positive");
  name.kind = static_cast<strategy>(r.strategy());
  name.side = r.right() == heatmap::v1::RIGHT_CALL ? market::right::call : market::right::put;
  name.anchor = strike(r.strike_nanos());
  name.width = strike_width(r.width_nanos());
  if (name.kind == strategy::single ? r.width_nanos() != 0 : r.width_nanos() <= 0)
    return invalid(name.kind == strategy::single ? "width_nanos: not 0 for a single" : "width_nanos: not positive");
  const auto plane = b.find(*key);
  if (!plane) return fail(query_errc::not_found, "expiry: " + r.expiry() + " is not listed");
  name.plane = *plane;
  if (name.kind != strategy::single && std::find(b.widths.begin(), b.widths.end(), name.width) == b.widths.end())
    return fail(query_errc::not_found, "width_nanos: not a width of this surface");
  if (!b.planes[name.plane].find(name.anchor))
    return fail(query_errc::not_found, "strike_nanos: not a strike of " + r.expiry());
  return name;
}

}  // namespace

query_result<void> check_expiries(const google::protobuf::RepeatedPtrField<std::string>& expiries) {
  for (const std::string& text : expiries)
    if (!market::parse_expiry_key(text))
      return invalid("expiries: \"" + text.substr(0, 64) + "\" is not like SPXW-20251219");
  return {};
}

query_result<std::vector<std::size_t>> select_planes(const board& b,
                                                     const google::protobuf::RepeatedPtrField<std::string>& expiries) {
  if (auto ok = check_expiries(expiries); !ok) return std::unexpected(ok.error());
  std::set<std::size_t> chosen;
  for (const std::string& text : expiries) {
    const auto plane = b.find(*market::parse_expiry_key(text));
    if (!plane) return fail(query_errc::not_found, "expiries: " + text + " is not listed");
    chosen.insert(*plane);
  }
  for (std::size_t i = 0; expiries.empty() && i < b.planes.size(); ++i) chosen.insert(i);
  return std::vector<std::size_t>(chosen.begin(), chosen.end());
}

query_result<std::shared_ptr<surface_store>> find_store(const surface_stores& stores, const std::string& symbol_text) {
  const auto name = symbol::parse(symbol_text);
  if (!name) return invalid("symbol: not a registry symbol");
  const auto found = stores.find(*name);
  if (!found) return fail(query_errc::not_found, "symbol: " + symbol_text + " is not built here");
  return found->second;
}

surface_queries::surface_queries(const surface_stores& stores, const options& configured)
    : stores_(stores),
      stale_after_(configured.stale_after()),
      theory_(configured.theory()),
      assumptions_(configured.assumptions()) {}

query_result<surface_queries::picked> surface_queries::pick(const std::string& symbol_text,
                                                            std::int64_t as_of_ns) const {
  const auto store = find_store(stores_, symbol_text);
  if (!store) return std::unexpected(store.error());
  if (as_of_ns < 0) return invalid("as_of_ns: negative");
  const auto view = (*store)->latest();
  if (!view) return fail(query_errc::unavailable, "symbol: nothing built yet for " + symbol_text);
  if (as_of_ns == 0 || as_of_ns >= view->snapshot->window_end.ns) return picked{view->snapshot, view->resyncing};
  auto past = (*store)->as_of(timestamp{as_of_ns});
  if (!past) return fail(query_errc::not_found, "as_of_ns: before the history kept");
  return picked{std::move(past), false};
}

query_result<void> surface_queries::answer(const GetSurfaceRequest& request,
                                           heatmap::v1::GetSurfaceResponse& to) const {
  if (auto ok = check_page_fields(request); !ok) return ok;
  if (auto ok = check_expiries(request.expiries()); !ok) return ok;
  const auto filter = tile_filter::of(request);
  if (!filter) return std::unexpected(filter.error());
  auto from = pick(request.symbol(), request.as_of_ns());
  if (!from) return std::unexpected(from.error());
  if (!request.page_token().empty()) {
    const auto token = page_token::parse(request.page_token());
    if (!token) return invalid("page_token: not one of ours");
    if (token->revision != from->snapshot->revision) {
      const auto store = find_store(stores_, request.symbol());
      if (!store) return std::unexpected(store.error());
      from->snapshot = (*store)->at_revision(token->revision);
      if (!from->snapshot) return fail(query_errc::failed_precondition, "page_token: its window is not kept any more");
    }
  }
  const surface_snapshot& s = *from->snapshot;
  if (request.epoch_id() != 0 && request.epoch_id() != s.board->epoch)
    return fail(query_errc::failed_precondition, "epoch_id: " + std::to_string(request.epoch_id()) +
                                                     " asked, the surface is of " + std::to_string(s.board->epoch));
  const auto planes = select_planes(*s.board, request.expiries());
  if (!planes) return std::unexpected(planes.error());
  to_proto(s, from->resyncing, assumptions_, *to.mutable_info());
  if (request.expanded()) return add_pages(request, *from, *planes, to);
  tile_columns columns;
  for (const std::size_t i : *planes) {
    valid_tiles(s.board->planes[i], *s.planes[i], columns);
    filter->apply(s.board->planes[i], columns);
    to_proto(s, i, true, columns, *to.add_planes());
  }
  return {};
}

query_result<void> surface_queries::add_pages(const GetSurfaceRequest& request, const picked& from,
                                              const std::vector<std::size_t>& planes,
                                              heatmap::v1::GetSurfaceResponse& to) const {
  const surface_snapshot& s = *from.snapshot;
  const tile_filter filter = *tile_filter::of(request);
  const page_token start = request.page_token().empty() ? page_token{} : *page_token::parse(request.page_token());
  const std::uint32_t page = request.page_size() == 0 ? page_size_max : request.page_size();
  for (const std::size_t i : planes) {
    if (i < start.plane) continue;
    const plane_board& p = s.board->planes[i];
    const plane_measures measures(p, *s.planes[i]);
    const auto theory =
        request.theoretical() ? theory_of(p, *s.planes[i], s.spot, s.window_end, theory_) : std::nullopt;
    for (std::uint32_t tile = i == start.plane ? start.tile : 0; tile < p.tile_count(); ++tile) {
      if (!p.tile_exists(tile) || !measures.value(tile).valid() || !filter.wants(p, tile)) continue;
      if (static_cast<std::uint32_t>(to.tiles_size()) == page) {
        to.set_next_page_token(page_token{s.revision, i, tile}.text());
        return {};
      }
      to_proto(s, name_of(*s.board, i, tile), measures.value(tile), measures.measures(tile),
               theory ? std::optional(theoretical_debit(p, tile, *theory)) : std::nullopt, *to.add_tiles());
    }
  }
  return {};
}

query_result<void> surface_queries::answer(const heatmap::v1::ExplainTileRequest& request,
                                           heatmap::v1::ExplainTileResponse& to) const {
  const GetTileRequest& tile = request.tile();
  const auto from = pick(tile.symbol(), tile.as_of_ns());
  if (!from) return std::unexpected(from.error());
  const surface_snapshot& s = *from->snapshot;
  const auto name = resolve(*s.board, tile);
  if (!name) return std::unexpected(name.error());
  const plane_board& p = s.board->planes[name->plane];
  const quote_columns& quotes = *s.planes[name->plane];
  const auto theory = tile.theoretical() ? theory_of(p, quotes, s.spot, s.window_end, theory_) : std::nullopt;
  const tile_explanation e = explain(s, *name, stale_after_, theory);
  to_proto(s, from->resyncing, assumptions_, *to.mutable_info());
  to_proto(s, *name, e.value, e.tile ? plane_measures(p, quotes).measures(*e.tile) : tile_measures{},
           theory && e.tile ? std::optional(theoretical_debit(p, *e.tile, *theory)) : std::nullopt, *to.mutable_tile());
  for (const leg_explanation& leg : e.legs) to_proto(leg, s.window_end, *to.add_legs());
  to.set_formula(e.formula);
  for (const std::string& note : e.notes) to.add_notes(note);
  return {};
}

query_result<void> surface_queries::answer(const GetTileRequest& request, heatmap::v1::GetTileResponse& to) const {
  const auto from = pick(request.symbol(), request.as_of_ns());
  if (!from) return std::unexpected(from.error());
  const surface_snapshot& s = *from->snapshot;
  const auto name = resolve(*s.board, request);
  if (!name) return std::unexpected(name.error());
  const plane_board& p = s.board->planes[name->plane];
  const quote_columns& quotes = *s.planes[name->plane];
  const tile_explanation e = explain(s, *name, stale_after_, std::nullopt);
  if (!e.tile) return fail(query_errc::not_found, "strike_nanos: a leg of " + e.formula + " is not listed");
  const auto theory = request.theoretical() ? theory_of(p, quotes, s.spot, s.window_end, theory_) : std::nullopt;
  to_proto(s, from->resyncing, assumptions_, *to.mutable_info());
  to_proto(s, *name, e.value, plane_measures(p, quotes).measures(*e.tile),
           theory ? std::optional(theoretical_debit(p, *e.tile, *theory)) : std::nullopt, *to.mutable_tile());
  to.set_order_buy(order_for(p, *name, e.value, market::order_side::buy).value_or(""));
  to.set_order_sell(order_for(p, *name, e.value, market::order_side::sell).value_or(""));
  return {};
}

}  // namespace isobar::heatmap_builder
