#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "feed-ingest/domain/directory.hpp"
#include "feed-ingest/domain/record.hpp"

namespace isobar::feed_ingest {

/// How much of the input has been read. Bytes are those of the files as they lie on the disk; 0 of 0: nobody knows.
struct source_progress {
  std::uint64_t bytes_read = 0, bytes = 0;
};

/// Where records come from: one stream in the order in which they were delivered. Used by one thread at a time.
class source {
 public:
  virtual ~source() = default;
  /// The next record, valid until the next call; nullptr at the end and behind an error, then for ever.
  virtual const input_record* next() = 0;
  /// Why next() ended; nothing at a regular end. Says file, byte and record.
  virtual std::optional<std::string> error() const = 0;
  virtual source_progress progress() const = 0;
  /// Records that next() has not given: of unknown types, or not to be read.
  virtual record_counts skipped() const = 0;
};

/// One input file as text for the checkpoint: name and size.
struct input_file {
  std::string name;
  std::uint64_t bytes = 0;
};

}  // namespace isobar::feed_ingest
