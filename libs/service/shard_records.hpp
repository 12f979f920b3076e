#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/symbol.hpp"

/// What processes of one service tell each other in the key-value store to share its symbols out (ADR 15).
namespace isobar::service {

inline constexpr std::string_view registry_bucket = "registry", members_bucket = "members", leases_bucket = "leases",
                                  checkpoints_bucket = "checkpoints";

/// Of the first three, each: values are small.
inline constexpr std::int64_t bucket_bytes_max = 16 << 20;

/// Which services a symbol is for: those of host_options::symbols or of host_options::futures.
enum class symbol_kind : std::uint8_t { options, futures };
std::string_view to_string(symbol_kind k);

/// One process under one ordinal, from when it joined until it was lost or left: value of
/// "<service>.<venue>.<ordinal>" in "members". The entry's revision grows with every beat.
struct member_record {
  std::string instance;  ///< unique over all processes and times; no spaces
  std::uint64_t beat = 0;
  bool operator==(const member_record&) const = default;
};

/// Who works on a symbol: value of "<service>.<venue>.<symbol>" in "leases". It holds as long as the member's key names
/// the instance; the entry's revision is the fencing revision.
struct lease_record {
  std::uint32_t ordinal = 0;
  std::string instance;
  bool operator==(const lease_record&) const = default;
};

/// Value of a key that says "nobody": written instead of a deletion, so that revisions go on and are compared.
inline constexpr std::string_view nobody = "-";

std::string encode(const member_record& r);
std::string encode(const lease_record& r);
/// Nothing: nobody, or not such a value.
std::optional<member_record> decode_member(std::string_view value);
std::optional<lease_record> decode_lease(std::string_view value);

/// "<venue>.<kind>.<symbol>", the symbol as in subjects.
std::string registry_key(std::string_view venue, symbol_kind kind, const symbol& s);
/// Inverse of registry_key().
struct registry_place {
  std::string venue;  ///< as in subjects
  symbol_kind kind = symbol_kind::options;
  symbol name;
};
std::optional<registry_place> parse_registry_key(std::string_view key);
std::string member_key(std::string_view service, std::string_view venue, std::uint32_t ordinal);
std::optional<std::uint32_t> parse_member_key(std::string_view service, std::string_view venue, std::string_view key);
std::string lease_key(std::string_view service, std::string_view venue, const symbol& s);
std::optional<symbol> parse_lease_key(std::string_view service, std::string_view venue, std::string_view key);

/// --shard: "2/3" (ordinal 2 of 3) or "auto/3" (the ordinal is the number at the end of the host's name).
struct shard_place {
  std::uint32_t ordinal = 0;   ///< below ordinals_max; may be `expected` or more: a replica that joined later
  std::uint32_t expected = 1;  ///< members that are waited for at the start
  bool operator==(const shard_place&) const = default;
};
inline constexpr std::uint32_t ordinals_max = 1024;
/// Nothing when the text is neither, or the host's name ends in no number.
std::optional<shard_place> parse_shard(std::string_view text, std::string_view host_name);

}  // namespace isobar::service
