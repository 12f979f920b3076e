#include "ws-hydrator/sources/feed_events.hpp"

#include "market/root.hpp"

namespace isobar::ws_hydrator {
namespace {

bool index_belongs(std::string_view ticker, const symbol& s) {
  for (const market::root_spec& r : market::roots_of(s.str()))
    if (r.vendor_underlying == ticker) return true;
  return false;
}

}  // namespace

bool root_belongs(std::string_view root, const symbol& s) {
  const auto spec = market::find_root(root);
  return spec && spec->symbol == s.str();
}

std::uint64_t append_feed_events(std::span<const wire::massive::ws_event> frame, const symbol& s, timestamp not_after,
                                 std::vector<feed_event>& out) {
  std::uint64_t refused = 0;
  for (const wire::massive::ws_event& e : frame) {
    feed_event taken;
    if (const auto* option = std::get_if<market::option_event>(&e)) {
      // A root of another symbol is left to hydration: no board lists it, which counts it as unknown.
      taken = to_feed_event(*option);
    } else if (const auto* index = std::get_if<wire::massive::index_value>(&e);
               index && index_belongs(index->ticker, s)) {
      taken = spot_event(index->ts_event, index->value);
    } else {
      continue;
    }
    if (taken.ts_event > not_after)
      ++refused;
    else
      out.push_back(taken);
  }
  return refused;
}

}  // namespace isobar::ws_hydrator
