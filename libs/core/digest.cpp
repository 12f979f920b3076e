#include "core/digest.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstdio>

namespace isobar {

struct digest64::state {
  XXH3_state_t xxh;
};

digest64::digest64() : state_(std::make_unique<state>()) { XXH3_64bits_reset(&state_->xxh); }
digest64::~digest64() = default;
digest64::digest64(digest64&&) noexcept = default;
digest64& digest64::operator=(digest64&&) noexcept = default;

void digest64::update(std::string_view bytes) { XXH3_64bits_update(&state_->xxh, bytes.data(), bytes.size()); }

void digest64::update(std::int64_t value) {
  std::array<char, 8> bytes;
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
  update(std::string_view(bytes.data(), bytes.size()));
}

std::uint64_t digest64::value() const { return XXH3_64bits_digest(&state_->xxh); }

std::uint64_t hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string to_hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace isobar
