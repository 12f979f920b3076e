#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace isobar::wire::dbn {

/// Why a DBN stream cannot be read (on), or not be written.
enum class errc : std::uint8_t {
  io,           ///< the system refused to open, read or write
  empty,        ///< no bytes at all
  legacy_dbz,   ///< DBZ, the format before DBN
  window,       ///< a zstd frame wants more memory than the bound allows
  compression,  ///< bytes that are no zstd frame, or a damaged one
  truncated,    ///< the input ends inside a frame, the metadata or a record
  version,      ///< a version of DBN after 3, or 0
  metadata,     ///< the metadata contradict themselves or are over the bound
  record,       ///< a record's length contradicts its type
  layout,       ///< a record of another version than the file's (writing)
};

/// Where and why reading stopped.
struct read_error {
  errc code = errc::io;
  std::string file;          ///< name of the source
  std::string what;          ///< the evidence
  std::uint64_t offset = 0;  ///< byte of the decompressed stream at which the metadata or record begins
  std::optional<std::uint64_t> compressed_offset;  ///< bytes of the compressed input taken in by then
  std::uint64_t record = 0;                        ///< number of the record, from 1; 0: in the metadata

  /// "ES.dbn.zst: record 17 at byte 1249 (compressed byte 512): mbo record of 60 bytes, not 56".
  std::string text() const;
};

}  // namespace isobar::wire::dbn
