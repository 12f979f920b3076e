#include "market/geometry.hpp"

#include <algorithm>
#include <map>

#include "core/digest.hpp"
#include "core/error.hpp"

namespace isobar::market {

namespace {

strike_width most_frequent_gap(const std::vector<isobar::strike>& strikes) {
  std::map<strike_width, std::size_t> counts;
  for (std::size_t i = 1; i < strikes.size(); ++i) ++counts[distance(strikes[i - 1], strikes[i])];
  // The map ascends and max_element keeps the first of equals: ties go to the smaller gap.
  const auto best =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == counts.end() ? strike_width{} : best->first;
}

void add_text(digest64& digest, std::string_view text) {
  digest.update(static_cast<std::int64_t>(text.size()));
  digest.update(text);
}

}  // namespace

std::optional<std::size_t> expiry_plane::find(isobar::strike k) const {
  const auto found = std::lower_bound(strikes.begin(), strikes.end(), k);
  if (found == strikes.end() || *found != k) return std::nullopt;
  return static_cast<std::size_t>(found - strikes.begin());
}

contract_index geometry::contract_count() const {
  if (planes.empty()) return 0;
  return planes.back().first_contract + static_cast<contract_index>(2 * planes.back().strikes.size());
}

std::size_t geometry::listed_count() const {
  std::size_t count = 0;
  for (const expiry_plane& plane : planes)
    for (std::size_t i = 0; i < plane.strikes.size(); ++i)
      count += std::size_t{plane.is_listed(i, right::call)} + std::size_t{plane.is_listed(i, right::put)};
  return count;
}

std::optional<contract_index> geometry::find(const option_id& id) const {
  const auto before = [](const expiry_plane& plane, const option_id& wanted) {
    return plane.key.expiry != wanted.expiry ? plane.key.expiry < wanted.expiry : plane.key.root < wanted.root;
  };
  const auto plane = std::lower_bound(planes.begin(), planes.end(), id, before);
  if (plane == planes.end() || plane->key.expiry != id.expiry || plane->key.root != id.root) return std::nullopt;
  const auto position = plane->find(id.strike);
  if (!position || !plane->is_listed(*position, id.right)) return std::nullopt;
  return plane->contract(*position, id.right);
}

const expiry_plane& geometry::plane_of(contract_index c) const {
  ISOBAR_ASSERT(c < contract_count());
  // The last plane that begins at or below c; a plane without strikes shares its start with the next and loses to it.
  const auto after = std::upper_bound(planes.begin(), planes.end(), c, [](contract_index wanted, const auto& plane) {
    return wanted < plane.first_contract;
  });
  return *(after - 1);
}

option_id geometry::id_of(contract_index c) const {
  const expiry_plane& plane = plane_of(c);
  const contract_index slot = c - plane.first_contract;
  return {plane.key.root, plane.key.expiry, static_cast<right>(slot % 2), plane.strikes[slot / 2]};
}

bool geometry::is_listed(contract_index c) const {
  const expiry_plane& plane = plane_of(c);
  const contract_index slot = c - plane.first_contract;
  return plane.is_listed(slot / 2, static_cast<right>(slot % 2));
}

void geometry::finish() {
  contract_index next = 0;
  for (expiry_plane& plane : planes) {
    ISOBAR_ASSERT(plane.listed.size() == plane.strikes.size());
    plane.first_contract = next;
    plane.spacing = most_frequent_gap(plane.strikes);
    next += static_cast<contract_index>(2 * plane.strikes.size());
  }
}

std::uint64_t geometry::hash() const {
  digest64 digest;
  add_text(digest, symbol.str());
  digest.update(static_cast<std::int64_t>(planes.size()));
  for (const expiry_plane& plane : planes) {
    digest.update(std::int64_t{plane.key.expiry.days});
    add_text(digest, plane.key.root);
    digest.update(static_cast<std::int64_t>(plane.settles));
    digest.update(plane.multiplier);
    digest.update(static_cast<std::int64_t>(plane.strikes.size()));
    for (std::size_t i = 0; i < plane.strikes.size(); ++i) {
      digest.update(plane.strikes[i].value);
      digest.update(std::int64_t{plane.listed[i] & 3});
    }
  }
  digest.update(static_cast<std::int64_t>(widths.size()));
  for (const strike_width w : widths) digest.update(w.value);
  return digest.value();
}

}  // namespace isobar::market
