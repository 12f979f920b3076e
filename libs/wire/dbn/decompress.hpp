#pragma once
#include <cstddef>
#include <memory>
#include <span>

#include "wire/dbn/source.hpp"

namespace isobar::wire::dbn {

/// Largest zstd window taken on, as a power of two: 32 MiB. The vendor's files use 2 MiB.
inline constexpr int zstd_window_log_max = 25;
/// Decompressed bytes handed on at a time.
inline constexpr std::size_t block_bytes = std::size_t{128} * 1024;

/// Turns a source that may be zstd (any number of frames, skippable ones among them) or plain into plain bytes. What it
/// is shows in the first bytes; legacy DBZ is refused there. Memory: the frame's window, at most 2^25 bytes, and a
/// block.
class decompressor {
 public:
  explicit decompressor(std::unique_ptr<byte_source> raw);
  ~decompressor();
  decompressor(decompressor&&) noexcept;
  decompressor& operator=(decompressor&&) noexcept;

  /// Looks at the first bytes; call it once, before the others.
  std::expected<void, source_error> begin();
  /// The input is zstd.
  bool compressed() const;
  /// zstd: fills `into` as far as the input goes; less than all of it only at the end or before an error.
  std::expected<std::size_t, source_error> fill(std::span<char> into);
  /// Plain input: its next piece as it is.
  std::expected<std::string_view, source_error> pass();
  /// Bytes of the raw input taken in.
  std::uint64_t taken() const;
  const std::string& name() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// A decompressor as a source: plain input passes through uncopied.
class decompressed_source final : public byte_source {
 public:
  explicit decompressed_source(std::unique_ptr<byte_source> raw);
  std::expected<std::string_view, source_error> next() override;
  const std::string& name() const override { return input_.name(); }
  std::optional<std::uint64_t> compressed_offset() const override;
  bool decompressed() const override { return true; }

 private:
  decompressor input_;
  std::vector<char> block_;
  bool begun_ = false;
};

}  // namespace isobar::wire::dbn
