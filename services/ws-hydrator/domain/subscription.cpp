#include "ws-hydrator/domain/subscription.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace isobar::ws_hydrator {

namespace {

struct key_order {
  bool operator()(contract_key a, contract_key b) const {
    return std::tie(a.who, a.strike) < std::tie(b.who, b.strike);
  }
};
using key_set = std::set<contract_key, key_order>;

}  // namespace

subscription_plan plan_subscription(const board& of, price spot, std::size_t cap) {
  struct candidate {
    std::int64_t distance;
    date expiry;
    contract_key key;
  };
  std::vector<candidate> all;
  for (const market::expiry_plane& plane : of.epoch().board.planes) {
    if (plane.strikes.empty()) continue;
    const std::int64_t centre = spot != market::no_price ? spot.value : plane.strikes[plane.strikes.size() / 2].value;
    for (std::size_t k = 0; k < plane.strikes.size(); ++k)
      for (const market::right r : {market::right::call, market::right::put}) {
        const contract_key key = of.key_of_slot(plane.contract(k, r));
        if (key.who == 0) continue;
        const std::int64_t distance = plane.strikes[k].value - centre;
        all.push_back({distance < 0 ? -distance : distance, plane.key.expiry, key});
      }
  }
  std::sort(all.begin(), all.end(), [](const candidate& a, const candidate& b) {
    return std::tie(a.distance, a.expiry, a.key.who, a.key.strike) <
           std::tie(b.distance, b.expiry, b.key.who, b.key.strike);
  });
  subscription_plan plan;
  plan.not_subscribed = all.size() > cap ? all.size() - cap : 0;
  all.resize(std::min(all.size(), cap));
  for (const candidate& c : all) plan.wanted.push_back(c.key);
  return plan;
}

subscription_diff diff_subscription(const std::vector<contract_key>& current, const std::vector<contract_key>& wanted) {
  const key_set have(current.begin(), current.end());
  const key_set want(wanted.begin(), wanted.end());
  subscription_diff diff;
  for (const contract_key k : wanted)
    if (!have.contains(k)) diff.add.push_back(k);
  for (const contract_key k : current)
    if (!want.contains(k)) diff.remove.push_back(k);
  return diff;
}

}  // namespace isobar::ws_hydrator
