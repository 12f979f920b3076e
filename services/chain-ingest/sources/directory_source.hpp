#pragma once
#include <memory>
#include <string>
#include <vector>

#include "chain-ingest/sources/recording.hpp"
#include "chain-ingest/sources/source.hpp"
#include "core/error.hpp"

namespace isobar::chain_ingest {

struct directory_options {
  std::vector<std::string> paths;  ///< files and folders (searched to any depth)
  duration_ns minute_interval{0};  ///< further chains of a minute archive, so far apart; 0: only at its first bar
  completeness_limits limits{};    ///< for recordings
  std::size_t files_max = 100'000;
};

/// Replays recorded chains in order of event time: CBOE end-of-day and delayed-quote CSV, minute archives and our own
/// recordings, told apart by their content. Every file is read once at the start, to learn its times and whether it is
/// sound, and again when its turn comes; one file at a time is held.
///
/// A minute archive gives a chain at the beginning of its first bar: every contract of the archive, the open interest
/// and the price of the underlying known by then, and no quote (none is known yet).
class directory_source final : public source {
 public:
  /// Fails, naming it, on a path that does not exist or holds no chain of the symbol.
  static isobar::result<std::unique_ptr<directory_source>, int> open(directory_options options,
                                                                     const isobar::symbol& s);
  ~directory_source() override;

  std::string_view kind() const override { return "directory"; }
  std::optional<timestamp> next_at() override;
  source_event next(std::stop_token stop) override;

  /// Files that hold no chain (universes, other symbols, other extensions).
  std::uint64_t skipped() const;
  std::size_t chains() const;

 private:
  struct impl;
  explicit directory_source(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::chain_ingest
