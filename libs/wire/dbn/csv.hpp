#pragma once
// Databento's CSV exports of the schemas mbo and mbp-10, plain or zstd, columns found by their names. Prices are
// decimals
// ("5.51") or, when the file's first price has no point, integers in 1e-9; empty: none. Times are ISO or integer
// nanoseconds. No field of such an export is quoted.
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "market/futures_feed.hpp"
#include "wire/dbn/source.hpp"

namespace isobar::wire::dbn {

/// One level of both sides.
struct csv_level {
  price bid = market::no_price, ask = market::no_price;
  std::uint32_t bid_size = 0, ask_size = 0;
  std::uint32_t bid_orders = 0, ask_orders = 0;
  bool operator==(const csv_level&) const = default;
};

struct csv_row {
  market::book_event event;  ///< order 0 where the file has no column of orders
  timestamp ts_recv = start_of_time;
  std::uint32_t instrument_id = 0;
  std::string symbol;
  std::uint8_t depth = 0;              ///< mbp-10: the level that changed
  std::array<csv_level, 10> levels{};  ///< mbp-10: the book after the row
};

struct csv_reject {
  std::uint64_t line = 0;  ///< from 1, the header's
  std::string what;
};

/// Streams the rows of one export. Bounded memory: a block and a line of at most 64 KiB. Not thread-safe.
class csv_export {
 public:
  /// Errors: io; empty; record when the header misses a column.
  static std::expected<csv_export, read_error> open(const std::filesystem::path& path);
  static std::expected<csv_export, read_error> over(std::unique_ptr<byte_source> source);
  ~csv_export();
  csv_export(csv_export&&) noexcept;
  csv_export& operator=(csv_export&&) noexcept;

  /// The file is mbp-10: rows have levels.
  bool by_price() const;
  /// The next good row; false at the end and at an error of the source. Bad rows are skipped and counted.
  bool next(csv_row& row);
  const std::optional<read_error>& error() const;

  std::uint64_t rows() const;      ///< given out
  std::uint64_t rejected() const;  ///< skipped
  /// The first 20 of them.
  const std::vector<csv_reject>& rejects() const;

 private:
  struct state;
  explicit csv_export(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace isobar::wire::dbn
