#include "service/shard_records.hpp"

#include <charconv>

#include "wire/subjects.hpp"

namespace isobar::service {
namespace {

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// The part before the first `by`, which is removed from `rest` with it; nothing when there is none.
std::optional<std::string_view> cut(std::string_view& rest, char by) {
  const auto at = rest.find(by);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view out = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return out;
}

std::optional<symbol> symbol_of(std::string_view token) {
  const auto text = from_subject_token(token);
  return text ? symbol::parse(*text) : std::nullopt;
}

/// The number that a host name such as "radar-physics-3" ends in.
std::optional<std::uint32_t> trailing_number(std::string_view host) {
  host = host.substr(0, host.find('.'));
  const auto digits = host.size() - (host.find_last_not_of("0123456789") + 1);
  return number<std::uint32_t>(host.substr(host.size() - digits));
}

}  // namespace

std::string_view to_string(symbol_kind k) { return k == symbol_kind::options ? "options" : "futures"; }

std::string encode(const member_record& r) { return r.instance + " " + std::to_string(r.beat); }

std::string encode(const lease_record& r) { return std::to_string(r.ordinal) + " " + r.instance; }

std::optional<member_record> decode_member(std::string_view value) {
  const auto instance = cut(value, ' ');
  const auto beat = number<std::uint64_t>(value);
  if (!instance || instance->empty() || !beat) return std::nullopt;
  return member_record{std::string(*instance), *beat};
}

std::optional<lease_record> decode_lease(std::string_view value) {
  const auto ordinal = cut(value, ' ');
  const auto parsed = ordinal ? number<std::uint32_t>(*ordinal) : std::nullopt;
  if (!parsed || value.empty()) return std::nullopt;
  return lease_record{*parsed, std::string(value)};
}

std::string registry_key(std::string_view venue, symbol_kind kind, const symbol& s) {
  return subjects::venue_token(venue) + "." + std::string(to_string(kind)) + "." + subject_token(s.str());
}

std::optional<registry_place> parse_registry_key(std::string_view key) {
  const auto venue = cut(key, '.'), kind = cut(key, '.');
  if (!venue || !kind || (*kind != "options" && *kind != "futures")) return std::nullopt;
  const auto name = symbol_of(key);
  if (!name) return std::nullopt;
  return registry_place{std::string(*venue), *kind == "options" ? symbol_kind::options : symbol_kind::futures, *name};
}

std::string member_key(std::string_view service, std::string_view venue, std::uint32_t ordinal) {
  return std::string(service) + "." + subjects::venue_token(venue) + "." + std::to_string(ordinal);
}

std::optional<std::uint32_t> parse_member_key(std::string_view service, std::string_view venue, std::string_view key) {
  const auto of = cut(key, '.'), there = cut(key, '.');
  if (!of || *of != service || !there || *there != subjects::venue_token(venue)) return std::nullopt;
  return number<std::uint32_t>(key);
}

std::string lease_key(std::string_view service, std::string_view venue, const symbol& s) {
  return std::string(service) + "." + subjects::venue_token(venue) + "." + subject_token(s.str());
}

std::optional<symbol> parse_lease_key(std::string_view service, std::string_view venue, std::string_view key) {
  const auto of = cut(key, '.'), at = cut(key, '.');
  if (!of || !at || *of != service || *at != subjects::venue_token(venue)) return std::nullopt;
  return symbol_of(key);
}

std::optional<shard_place> parse_shard(std::string_view text, std::string_view host_name) {
  const auto ordinal = cut(text, '/');
  if (!ordinal) return std::nullopt;
  const auto expected = number<std::uint32_t>(text);
  const auto own = *ordinal == "auto" ? trailing_number(host_name) : number<std::uint32_t>(*ordinal);
  if (!own || !expected || *expected == 0 || *expected > ordinals_max || *own >= ordinals_max) return std::nullopt;
  return shard_place{*own, *expected};
}

}  // namespace isobar::service
