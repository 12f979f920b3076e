#pragma once
#include <expected>

#include "feed-ingest/sources/source.hpp"
#include "wire/dbn/csv.hpp"

namespace isobar::feed_ingest {

/// The rows of one Databento CSV export: mbo, or mbp-10, of which trades are taken.
class csv_source final : public source {
 public:
  static std::expected<std::unique_ptr<csv_source>, std::string> open(const std::string& path);

  const input_record* next() override;
  std::optional<std::string> error() const override;
  source_progress progress() const override { return {}; }
  record_counts skipped() const override;

 private:
  explicit csv_source(wire::dbn::csv_export rows) : rows_(std::move(rows)) {}

  wire::dbn::csv_export rows_;
  wire::dbn::csv_row row_;
  input_record record_;
};

}  // namespace isobar::feed_ingest
