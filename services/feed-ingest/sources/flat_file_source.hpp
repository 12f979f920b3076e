#pragma once
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "feed-ingest/sources/source.hpp"
#include "market/option.hpp"

namespace isobar::feed_ingest {

/// Option trades of Polygon-style flat files (us_options_opra/trades_v1): CSV with a header naming at least ticker,
/// price, sip_timestamp and size (conditions and correction where there are any; in any order), plain or gzip. Such
/// files are sorted by ticker: each is read whole, but only the trades of served symbols are kept, 32 bytes each, and
/// given out by sip_timestamp (equal times: in file order). Every contract is defined, as OPRA would, before its first
/// trade.
///
/// Not a trade: `correction` other than 0 (regular) and 12 (the corrected version): the trade was later cancelled,
/// marked erroneous or corrected, or the row is the cancellation itself; and the conditions 201, 203, 205 and 207
/// (cancelled). The trade that such a row cancels is not looked for: nothing in the file names it. Aggressors are
/// unknown.
class flat_file_source final : public source {
 public:
  static constexpr std::size_t rows_max_default = 16'000'000;  ///< kept of one file: 512 MiB
  static constexpr std::size_t line_max = 4'096;
  static constexpr std::size_t rejects_max = 20;

  /// Why a row was not taken.
  struct reject {
    std::string file;
    std::uint64_t line = 0;  ///< from 1, the header's
    std::string what;
  };

  /// `symbols`: whose options to take; files in order of time. Nothing is read yet.
  flat_file_source(std::vector<std::string> files, std::set<std::string, std::less<>> symbols,
                   std::size_t rows_max = rows_max_default)
      : files_(std::move(files)), symbols_(std::move(symbols)), rows_max_(rows_max) {}

  const input_record* next() override;
  std::optional<std::string> error() const override { return error_; }
  source_progress progress() const override { return {}; }
  record_counts skipped() const override { return skipped_; }
  /// The first of the bad rows.
  const std::vector<reject>& rejects() const { return rejects_; }

 private:
  struct trade {
    timestamp at;
    price paid;
    std::uint32_t size;
    std::uint32_t contract;
    std::uint64_t line;
  };
  static_assert(sizeof(trade) == 32);
  struct contract {
    std::string ticker;
    market::option_id id;
    std::string symbol;
    bool defined = false;
  };
  struct columns {
    int ticker = -1, price = -1, time = -1, size = -1, conditions = -1, correction = -1;
  };

  bool load();
  bool read_header(std::string_view line, columns& to);
  bool take_row(std::string_view line, std::uint64_t number, const columns& at);
  /// Number of the ticker's contract; nothing: not of a served symbol, or no ticker.
  std::optional<std::uint32_t> contract_of(std::string_view ticker, std::string& why);
  bool bad(std::uint64_t line, std::string what);
  void skip(refusal why) { ++skipped_.refused[static_cast<std::size_t>(why)]; }
  const input_record* define(contract& c, timestamp at, std::uint32_t number);

  std::vector<std::string> files_;
  std::set<std::string, std::less<>> symbols_;
  std::size_t rows_max_;
  std::size_t file_ = 0;  ///< being read, or next
  std::vector<trade> trades_;
  std::size_t at_ = 0;
  timestamp last_ = start_of_time;
  std::map<std::string, std::optional<std::uint32_t>, std::less<>> by_ticker_;
  std::vector<contract> contracts_;
  std::vector<std::string_view> fields_;
  record_counts skipped_;
  std::vector<reject> rejects_;
  std::optional<std::string> error_;
  input_record record_;
};

}  // namespace isobar::feed_ingest
