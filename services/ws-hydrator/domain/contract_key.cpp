#include "ws-hydrator/domain/contract_key.hpp"

namespace isobar::ws_hydrator {
namespace {

// who = root (8 letters x 5 bits) | expiry in days (23 bits) | right (1 bit).
constexpr unsigned letter_bits = 5, letters_max = 8, day_bits = 23;

}  // namespace

contract_key key_of(const market::option_id& id) {
  if (id.root.empty() || id.root.size() > letters_max || id.expiry.days < 0 || id.expiry.days >= (1 << day_bits))
    return {};
  std::uint64_t who = 0;
  for (const char c : id.root) {
    if (c < 'A' || c > 'Z') return {};
    who = (who << letter_bits) | static_cast<std::uint64_t>(c - 'A' + 1);
  }
  who = (who << day_bits) | static_cast<std::uint64_t>(id.expiry.days);
  return {(who << 1) | static_cast<std::uint64_t>(id.right), id.strike.value};
}

market::option_id id_of(contract_key key) {
  market::option_id id;
  id.right = static_cast<market::right>(key.who & 1u);
  id.expiry.days = static_cast<std::int32_t>((key.who >> 1) & ((1u << day_bits) - 1));
  for (std::uint64_t letters = key.who >> (1 + day_bits); letters != 0; letters >>= letter_bits)
    id.root.insert(id.root.begin(), static_cast<char>('A' + static_cast<int>(letters & 31u) - 1));
  id.strike = isobar::strike(key.strike);
  return id;
}

}  // namespace isobar::ws_hydrator
