#include "wire/units.hpp"

#include <algorithm>

namespace isobar::wire {
namespace {

bool valid_root(std::string_view root) {
  return !root.empty() && root.size() <= 16 &&
         std::all_of(root.begin(), root.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

}  // namespace

std::string at(std::string_view column, std::size_t row) {
  return std::string(column) + "[" + std::to_string(row) + "]";
}

void write_key(const market::expiry_key& from, common::v1::ExpiryKey& to) {
  to.set_root(from.root);
  to.set_expiry_yyyymmdd(to_yyyymmdd(from.expiry));
}

result<market::expiry_key, errc> read_key(const common::v1::ExpiryKey& from) {
  if (!valid_root(from.root()))
    return fail(errc::bad_text, "expiry root of " + std::to_string(from.root().size()) + " bytes");
  const auto day = from_yyyymmdd(from.expiry_yyyymmdd());
  if (!day) return fail(errc::bad_value, "expiry date " + std::to_string(from.expiry_yyyymmdd()));
  return market::expiry_key{.expiry = *day, .root = from.root()};
}

result<market::settlement, errc> read_settlement(common::v1::Settlement from) {
  if (from == common::v1::SETTLEMENT_AM) return market::settlement::am;
  if (from == common::v1::SETTLEMENT_PM) return market::settlement::pm;
  return fail(errc::bad_value, "settlement " + std::to_string(from));
}

common::v1::Settlement write_settlement(market::settlement from) {
  return from == market::settlement::am ? common::v1::SETTLEMENT_AM : common::v1::SETTLEMENT_PM;
}

}  // namespace isobar::wire
