#include "wire/cboe_eod.hpp"

#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "core/decimal.hpp"
#include "market/root.hpp"
#include "wire/csv_reader.hpp"

namespace isobar::wire {
namespace {

enum column {
  spot,
  ticker,
  type,
  expiration,
  quotedate,
  strike_,
  last,
  bid,
  ask,
  volume,
  open_interest,
  iv,
  gamma_,
  needed
};
constexpr std::array<std::string_view, needed> names{"underlying_last", "optionroot", "type", "expiration", "quotedate",
                                                     "strike",          "last",       "bid",  "ask",        "volume",
                                                     "openinterest",    "impliedvol", "gamma"};

/// "04/26/2019".
std::optional<date> us_date(std::string_view text) {
  text = trim(text);
  if (text.size() != 10 || text[2] != '/' || text[5] != '/') return std::nullopt;
  const auto part = [&](std::size_t from, std::size_t n, int& out) {
    const auto [end, ec] = std::from_chars(text.data() + from, text.data() + from + n, out);
    return ec == std::errc{} && end == text.data() + from + n && out > 0;
  };
  int month = 0, day = 0, year = 0;
  if (!part(0, 2, month) || !part(3, 2, day) || !part(6, 4, year)) return std::nullopt;
  return make_date(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
}

class parser {
 public:
  parser(std::string_view bytes, std::string_view name) : reader_(bytes), name_(name) {}

  vendor_result<std::vector<market::raw_chain>> run() {
    if (auto ok = header(); !ok) return std::unexpected(ok.error());
    for (auto status = reader_.next(fields_); status != csv_reader::status::end; status = reader_.next(fields_)) {
      if (status != csv_reader::status::record) return refuse(vendor_errc::too_long, "line too long or broken quote");
      if (auto ok = row(); !ok) return std::unexpected(ok.error());
    }
    std::vector<market::raw_chain> chains;
    for (auto& [day, chain] : by_date_) chains.push_back(std::move(chain));
    if (chains.empty()) return fail(vendor_errc::empty, name_ + ": no contract after the header");
    return chains;
  }

 private:
  std::unexpected<failure<vendor_errc>> refuse(vendor_errc code, const std::string& why) const {
    return fail(code, at_line(name_, reader_.line()) + ": " + why);
  }
  std::string_view field(column c) const { return trim(fields_[static_cast<std::size_t>(at_[c])]); }

  vendor_result<void> header() {
    if (reader_.next(fields_) != csv_reader::status::record)
      return fail(vendor_errc::empty, name_ + ": no header line");
    columns_ = fields_.size();
    for (std::size_t c = 0; c < needed; ++c) {
      at_[c] = find_column(fields_, names[c]);
      if (at_[c] < 0) return refuse(vendor_errc::wrong_columns, "header has no column '" + std::string(names[c]) + "'");
    }
    alias_ = find_column(fields_, "optionalias");
    return {};
  }

  vendor_result<void> row() {
    if (!reader_.terminated() && !proved_whole()) {
      return refuse(vendor_errc::truncated, "last line has no line break: the file may be cut");
    }
    if (fields_.size() != columns_) {
      return refuse(vendor_errc::wrong_columns,
                    std::to_string(fields_.size()) + " columns, header has " + std::to_string(columns_));
    }
    const auto quoted_on = us_date(field(quotedate));
    if (!quoted_on) return refuse(vendor_errc::bad_value, "bad quotedate '" + std::string(field(quotedate)) + "'");
    market::raw_chain& chain = chain_of(*quoted_on);
    ++chain.counts.rows;

    auto id = market::parse_ticker(field(ticker), false);
    if (!id && is_adjusted_ticker(field(ticker))) {
      ++chain.counts.bad_root;
      return {};
    }
    if (!id) return refuse(vendor_errc::bad_ticker, "bad ticker '" + std::string(field(ticker)) + "'");
    if (auto ok = check(*id); !ok) return ok;
    chain.contracts.push_back({std::move(*id), state(chain), static_cast<std::uint32_t>(reader_.line())});
    return {};
  }

  bool proved_whole() const {
    return alias_ >= 0 && static_cast<std::size_t>(alias_) + 1 == columns_ && fields_.size() == columns_ &&
           trim(fields_.back()) == field(ticker);
  }

  /// The row's own words must say what its ticker says.
  vendor_result<void> check(const market::option_id& id) const {
    const auto k = parse_nanos(field(strike_));
    if (!k || isobar::strike(*k) != id.strike) {
      return refuse(vendor_errc::disagrees, "strike '" + std::string(field(strike_)) + "' differs from ticker '" +
                                                std::string(field(ticker)) + "'");
    }
    if (us_date(field(expiration)) != id.expiry) {
      return refuse(vendor_errc::disagrees, "expiration '" + std::string(field(expiration)) +
                                                "' differs from ticker '" + std::string(field(ticker)) + "'");
    }
    if (field(type) != (id.right == market::right::call ? "call" : "put")) {
      return refuse(vendor_errc::disagrees,
                    "type '" + std::string(field(type)) + "' differs from ticker '" + std::string(field(ticker)) + "'");
    }
    return {};
  }

  market::contract_state state(market::raw_chain& chain) const {
    market::contract_state s;
    s.bid = read_price(field(bid), chain.counts);
    s.ask = read_price(field(ask), chain.counts);
    s.ts_quote = chain.ts_event;
    // End-of-day files write 0 for "did not trade today".
    s.last = read_price(field(last), chain.counts);
    if (s.last == price(0)) s.last = market::no_price;
    s.volume = read_quantity(field(volume), chain.counts);
    s.open_interest = read_quantity(field(open_interest), chain.counts);
    s.implied_volatility = read_double(field(iv), chain.counts);
    s.gamma = read_double(field(gamma_), chain.counts);
    count_quote(s, chain.counts);
    return s;
  }

  market::raw_chain& chain_of(date day) {
    const auto [at, fresh] = by_date_.try_emplace(day);
    if (fresh) {
      at->second.source = "cboe-eod";
      at->second.origin = name_;
      at->second.ts_event = market::new_york_time(day, seconds(16 * 3600));
      at->second.spot = read_price(field(spot), at->second.counts);
      if (at->second.spot == price(0)) at->second.spot = market::no_price;
    }
    return at->second;
  }

  csv_reader reader_;
  std::string name_;
  std::vector<std::string_view> fields_;
  std::size_t columns_ = 0;
  std::array<int, needed> at_{};
  int alias_ = -1;
  std::map<date, market::raw_chain> by_date_;
};

}  // namespace

vendor_result<std::vector<market::raw_chain>> parse_cboe_eod(std::string_view bytes, std::string_view name) {
  if (auto ok = check_utf8(bytes, name); !ok) return std::unexpected(ok.error());
  return parser(bytes, name).run();
}

}  // namespace isobar::wire
