#include "gamma-fuel/transport/user_levels.hpp"

#include <algorithm>

#include "core/decimal.hpp"
#include "wire/frame.hpp"

namespace isobar::gamma_fuel {
namespace {

using service::query_errc;

constexpr std::size_t id_bytes_max = 32;
/// Ten million points: far from where differences of prices overflow.
constexpr std::int64_t price_max = 10'000'000 * nanos_per_unit;

bool id_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

}  // namespace

service::query_result<user_level> user_level_of(const level::v1::AddUserLevelRequest& request, price tick) {
  const auto invalid = [](std::string evidence) { return fail(query_errc::invalid_argument, std::move(evidence)); };
  if (request.id().size() > id_bytes_max) return invalid("id: longer than " + std::to_string(id_bytes_max));
  if (!std::ranges::all_of(request.id(), id_character))
    return invalid("id: only letters, digits, '_', '-' and '.' are allowed");
  const std::int64_t at = request.price_nanos();
  if (at <= 0) return invalid("price_nanos: not above 0");
  if (at > price_max) return invalid("price_nanos: above " + format_nanos(price_max));
  if (at % tick.value != 0) return invalid("price_nanos: not a multiple of the price step " + format_nanos(tick.value));
  return user_level{.id = request.id().empty() ? "USER_" + format_nanos(at) : request.id(), .price = price(at)};
}

service::query_result<void> check_level_id(const char* field, const std::string& id) {
  if (wire::valid_text(id)) return {};
  return fail(query_errc::invalid_argument, std::string(field) + ": not 1 to 64 printable characters");
}

service::query_result<void> check_free(const user_level& wanted, std::span<const user_level> present,
                                       const market::level_set_input& in_force, std::size_t most) {
  const auto same = [&](const auto& l) { return l.id == wanted.id; };
  if (std::ranges::any_of(present, same) || std::ranges::any_of(in_force.levels, same))
    return fail(query_errc::already_exists, "id: there is a level " + wanted.id);
  if (present.size() >= most)
    return fail(query_errc::resource_exhausted, "more than " + std::to_string(most) + " user levels");
  return {};
}

}  // namespace isobar::gamma_fuel
