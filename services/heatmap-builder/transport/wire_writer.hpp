#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace isobar::heatmap_builder {

/// Appends protobuf wire format to a string. Fields with default values are left out, as proto3 does; fields must be
/// written in ascending order for the bytes to equal protobuf's.
class wire_writer {
 public:
  explicit wire_writer(std::string& out) : out_(out) {}

  void varint_field(unsigned field, std::uint64_t value) {
    if (value == 0) return;
    varint(field << 3);
    varint(value);
  }
  void zigzag_field(unsigned field, std::int64_t value) { varint_field(field, zigzag(value)); }
  void fixed64_field(unsigned field, std::uint64_t value) {
    if (value == 0) return;
    varint((field << 3) | 1u);
    fixed64(value);
  }
  void double_field(unsigned field, double value) { fixed64_field(field, std::bit_cast<std::uint64_t>(value)); }
  void bytes_field(unsigned field, std::string_view value) {
    if (!value.empty()) message_field(field, value);
  }
  /// As bytes_field, but an empty message is still written.
  void message_field(unsigned field, std::string_view value) {
    varint((field << 3) | 2u);
    varint(value.size());
    out_.append(value);
  }

  static std::uint64_t zigzag(std::int64_t v) {
    return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
  }
  /// Writes a varint at `at`, which must have ten bytes of room; returns the end.
  static char* put_varint(char* at, std::uint64_t v) {
    while (v >= 0x80) {
      *at++ = static_cast<char>(v | 0x80);
      v >>= 7;
    }
    *at++ = static_cast<char>(v);
    return at;
  }

 private:
  void varint(std::uint64_t v) {
    char buffer[10];
    out_.append(buffer, static_cast<std::size_t>(put_varint(buffer, v) - buffer));
  }
  void fixed64(std::uint64_t v) {
    char buffer[8];
    for (char& c : buffer) {
      c = static_cast<char>(v & 0xff);
      v >>= 8;
    }
    out_.append(buffer, sizeof buffer);
  }

  std::string& out_;
};

}  // namespace isobar::heatmap_builder
