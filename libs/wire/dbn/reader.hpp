#pragma once
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "wire/dbn/metadata.hpp"
#include "wire/dbn/record.hpp"
#include "wire/dbn/source.hpp"

namespace isobar::wire::dbn {

struct reader_options {
  bool fragment_ts_out = false;                ///< a fragment without metadata has sending times behind its records
  std::size_t metadata_bytes_max = 32u << 20;  ///< longer metadata are refused
};

/// Streams the records of a DBN file, live stream or fragment without metadata, of versions 1 to 3, plain or zstd.
/// Memory is bounded whatever the input's size: the metadata, one block, and what the source holds (decompress.hpp).
/// Not thread-safe; movable while no record of it is in use.
///
///   auto in = reader::open(path);            // or reader::over(source)
///   if (!in) return in.error().text();
///   while (const record r = in->next())
///     if (const auto* m = r.as<mbo_record>()) ...
///   if (const auto* e = in->error()) return e->text();
class reader {
 public:
  static std::expected<reader, read_error> open(const std::filesystem::path& path, reader_options options = {});
  /// Takes the source over; zstd in it is found by its first bytes.
  static std::expected<reader, read_error> over(std::unique_ptr<byte_source> source, reader_options options = {});

  /// The next record of a known type; false at the end and at an error, from then on for ever. The record is valid
  /// until the next call.
  record next() {
    const char* at = at_;
    if (end_ - at >= static_cast<std::ptrdiff_t>(sizeof(record_header))) [[likely]] {
      const auto words = static_cast<unsigned char>(at[0]);
      const std::size_t size = std::size_t{words} * 4;
      if (words_[static_cast<unsigned char>(at[1])] == words && size <= static_cast<std::size_t>(end_ - at))
          [[likely]] {
        at_ = at + size;
        ++records_;
        return record(at);
      }
    }
    return next_slow();
  }

  /// Why next() said no; nullptr at a regular end.
  const read_error* error() const { return error_ ? &*error_ : nullptr; }
  /// nullptr for a fragment.
  const dbn::metadata* metadata() const { return metadata_ ? &*metadata_ : nullptr; }
  /// Every record is followed by its sending time (record::ts_out).
  bool has_ts_out() const { return ts_out_; }
  const std::string& name() const { return source_->name(); }

  /// Records given out.
  std::uint64_t records() const { return records_; }
  /// Records skipped because their type is unknown, in all and by type.
  std::uint64_t unknown() const { return unknown_; }
  std::uint64_t unknown(std::uint8_t type) const { return unknown_by_type_.empty() ? 0 : unknown_by_type_[type]; }
  /// Bytes of the decompressed stream taken in, and of the compressed input where there is one: for progress.
  std::uint64_t offset() const { return block_offset_ + static_cast<std::uint64_t>(at_ - block_); }
  std::optional<std::uint64_t> compressed_offset() const { return source_->compressed_offset(); }

 private:
  reader(std::unique_ptr<byte_source> source, reader_options options);
  bool start(const reader_options& options);
  bool read_metadata(const reader_options& options, std::uint8_t version, std::uint32_t length);
  void use_ts_out(bool ts_out);
  record next_slow();
  record straddling();
  enum class verdict : std::uint8_t { good, unknown, bad };
  verdict judge(const char* at, std::uint64_t offset);
  bool fetch();
  bool take(std::size_t n, std::string& out);
  bool stop(errc code, std::string what, std::uint64_t offset);

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::uint64_t records_ = 0;
  /// Length byte of the usual layout of each type; of unknown types a number that no byte equals.
  std::array<std::uint16_t, 256> words_{};

  const char* block_ = nullptr;
  std::uint64_t block_offset_ = 0;
  std::unique_ptr<byte_source> source_;
  std::vector<char> head_;   // first pieces, when they were too short to tell what they are
  std::vector<char> carry_;  // the record that lies across two blocks
  std::optional<dbn::metadata> metadata_;
  std::optional<read_error> error_;
  std::vector<std::uint64_t> unknown_by_type_;
  std::uint64_t unknown_ = 0;
  bool ts_out_ = false;
  bool ended_ = false;
};

}  // namespace isobar::wire::dbn
