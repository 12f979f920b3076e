#include "bus/nkey.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace isobar::bus {
namespace {

constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::uint8_t prefix_seed = 18 << 3;  // 'S'
constexpr std::uint8_t prefix_user = 20 << 3;  // 'U'
constexpr std::size_t key_size = 32;

bool decode(std::string_view text, std::vector<std::uint8_t>& out) {
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = base32.find(c);
    if (value == std::string_view::npos) return false;
    bits = (bits << 5) | static_cast<std::uint32_t>(value);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return true;
}

std::string encode(const std::vector<std::uint8_t>& bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) out += base32[(bits >> (count - 5)) & 31];
  }
  if (count > 0) out += base32[(bits << (5 - count)) & 31];
  return out;
}

/// CRC-16/XMODEM.
std::uint16_t crc16(const std::uint8_t* bytes, std::size_t size) {
  std::uint16_t crc = 0;
  for (std::size_t i = 0; i < size; ++i) {
    crc = static_cast<std::uint16_t>(crc ^ (bytes[i] << 8));
    for (int bit = 0; bit < 8; ++bit) crc = static_cast<std::uint16_t>((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0));
  }
  return crc;
}

}  // namespace

result<std::string> nkey_public_user(std::string_view seed) {
  std::vector<std::uint8_t> raw;
  if (!decode(seed, raw) || raw.size() != key_size + 4) return fail(errc::library, "NKEY seed: not base32 of 36 bytes");
  const auto crc = static_cast<std::uint16_t>(raw[34] | (raw[35] << 8));
  if (crc16(raw.data(), 34) != crc) return fail(errc::library, "NKEY seed: checksum differs");
  const auto kind = static_cast<std::uint8_t>(((raw[0] & 7) << 5) | (raw[1] >> 3));
  if ((raw[0] & 0xf8) != prefix_seed || kind != prefix_user) return fail(errc::library, "NKEY seed: not a user seed");

  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw.data() + 2, key_size), &EVP_PKEY_free);
  std::vector<std::uint8_t> out(1 + key_size);
  std::size_t size = key_size;
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), out.data() + 1, &size) != 1) {
    return fail(errc::library, "NKEY seed: no public key from it");
  }
  out[0] = prefix_user;
  const std::uint16_t sum = crc16(out.data(), out.size());
  out.push_back(static_cast<std::uint8_t>(sum & 0xff));
  out.push_back(static_cast<std::uint8_t>(sum >> 8));
  return encode(out);
}

}  // namespace isobar::bus
