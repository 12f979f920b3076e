#pragma once
#include "feed-ingest/sources/source.hpp"
#include "wire/dbn/reader.hpp"

namespace isobar::feed_ingest {

/// The records of one DBN file (plain or zstd, with or without metadata), translated.
class dbn_source final : public source {
 public:
  /// `ahead`: decompress in a thread of its own.
  static std::expected<std::unique_ptr<dbn_source>, std::string> open(const std::string& path, bool ahead);

  const input_record* next() override;
  std::optional<std::string> error() const override;
  source_progress progress() const override;
  record_counts skipped() const override;

  /// Adds what the metadata map; false when there are none.
  bool add_mappings(instrument_directory& to) const;

 private:
  dbn_source(wire::dbn::reader reader, std::uint64_t bytes) : reader_(std::move(reader)), bytes_(bytes) {}

  wire::dbn::reader reader_;
  std::uint64_t bytes_ = 0;
  input_record record_;
};

}  // namespace isobar::feed_ingest
