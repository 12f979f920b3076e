#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace isobar {

/// A 64-bit running hash (XXH3) over bytes: geometry hashes, determinism digests, rendezvous weights.
class digest64 {
 public:
  digest64();
  ~digest64();
  digest64(digest64&&) noexcept;
  digest64& operator=(digest64&&) noexcept;

  void update(std::string_view bytes);
  /// Adds the value in little-endian order whatever the machine.
  void update(std::int64_t value);
  std::uint64_t value() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Hash of one piece of bytes.
std::uint64_t hash64(std::string_view bytes);

/// Sixteen lower-case hexadecimal digits.
std::string to_hex(std::uint64_t value);

}  // namespace isobar
