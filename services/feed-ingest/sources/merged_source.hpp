#pragma once
#include "feed-ingest/sources/source.hpp"

namespace isobar::feed_ingest {

/// Several sources as one, in order of delivery. A record's place in time is the largest time of delivery that its
/// source has said so far (of records without one: of their event), so that a source's own order is never changed, and
/// a snapshot, whose event times are history, comes where it was delivered. At equal times the source added first
/// speaks first. The first error ends the whole.
class merged_source final : public source {
 public:
  static constexpr std::size_t sources_max = 64;

  explicit merged_source(std::vector<std::unique_ptr<source>> parts);

  const input_record* next() override;
  std::optional<std::string> error() const override { return error_; }
  source_progress progress() const override;
  record_counts skipped() const override;

 private:
  struct part {
    std::unique_ptr<source> from;
    const input_record* head = nullptr;
    std::int64_t at = INT64_MIN;  ///< of head
  };
  bool advance(part& p);
  void choose();

  std::vector<part> parts_;
  std::size_t now_ = SIZE_MAX;      ///< part that speaks
  std::int64_t limit_ = INT64_MIN;  ///< it goes on while its head is before this,
  bool limit_included_ = false;     ///< or at it
  std::optional<std::string> error_;
  bool started_ = false;
};

}  // namespace isobar::feed_ingest
