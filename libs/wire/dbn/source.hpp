#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/dbn/error.hpp"

namespace isobar::wire::dbn {

struct source_error {
  errc code = errc::io;
  std::string what;
};

/// Where bytes come from, in pieces of the source's own choosing.
class byte_source {
 public:
  virtual ~byte_source() = default;
  /// The next piece, valid until the next call; empty at the end. After an error or the end the answer stays the same.
  virtual std::expected<std::string_view, source_error> next() = 0;
  /// For messages: a path, or what else the bytes are known as.
  virtual const std::string& name() const = 0;
  /// Bytes of the compressed input taken in so far; nothing when nothing was decompressed.
  virtual std::optional<std::uint64_t> compressed_offset() const { return std::nullopt; }
  /// The bytes are DBN already, not a zstd frame that may hold DBN.
  virtual bool decompressed() const { return false; }
};

/// Bytes in memory, which must outlive the source; handed out as one piece.
class memory_source final : public byte_source {
 public:
  explicit memory_source(std::string_view bytes, std::string name = "memory");
  std::expected<std::string_view, source_error> next() override;
  const std::string& name() const override { return name_; }

 private:
  std::string_view bytes_;
  std::string name_;
};

/// A file (or pipe), read in pieces of 256 KiB.
class file_source final : public byte_source {
 public:
  static std::expected<std::unique_ptr<file_source>, source_error> open(const std::filesystem::path& path);
  ~file_source() override;
  file_source(const file_source&) = delete;
  file_source& operator=(const file_source&) = delete;

  std::expected<std::string_view, source_error> next() override;
  const std::string& name() const override { return name_; }

 private:
  file_source(int descriptor, std::string name);
  int descriptor_;
  std::string name_;
  std::vector<char> piece_;
};

}  // namespace isobar::wire::dbn
