#include "wire/cboe_delayed.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "core/decimal.hpp"
#include "wire/csv_reader.hpp"

namespace isobar::wire {
namespace {

constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};

/// Month by its full or three-letter English name, from 1; 0: none.
unsigned month_of(std::string_view text) {
  for (unsigned m = 0; m < months.size(); ++m) {
    if (text == months[m] || text == months[m].substr(0, 3)) return m + 1;
  }
  return 0;
}

/// Words of a text: letters and digits; everything else separates.
std::vector<std::string_view> words(std::string_view text) {
  const auto part = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  std::vector<std::string_view> out;
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && !part(text[at])) ++at;
    const std::size_t from = at;
    while (at < text.size() && part(text[at])) ++at;
    if (at > from) out.push_back(text.substr(from, at - from));
  }
  return out;
}

int number(std::string_view text) {
  int value = -1;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc{} && end == text.data() + text.size() ? value : -1;
}

std::optional<date> day_of(std::string_view month, std::string_view day, std::string_view year) {
  const unsigned m = month_of(month);
  const int d = number(day), y = number(year);
  if (m == 0 || d < 1 || y < 1900) return std::nullopt;
  return make_date(y, m, static_cast<unsigned>(d));
}

/// "Mon Feb 07 2022".
std::optional<date> expiry_of(std::string_view text) {
  const auto w = words(text);
  return w.size() == 4 ? day_of(w[1], w[2], w[3]) : std::nullopt;
}

/// Columns of one side; the header repeats their names, so each side is searched in its own half.
struct side_columns {
  std::size_t ticker, last, bid, ask, volume, iv, gamma, open_interest;
};

class parser {
 public:
  parser(std::string_view bytes, std::string_view name) : reader_(bytes), name_(name) {}

  vendor_result<market::raw_chain> run() {
    chain_.source = "cboe-delayed";
    chain_.origin = name_;
    if (auto ok = preamble(); !ok) return std::unexpected(ok.error());
    if (auto ok = header(); !ok) return std::unexpected(ok.error());
    for (auto status = reader_.next(fields_); status != csv_reader::status::end; status = reader_.next(fields_)) {
      if (status != csv_reader::status::record) return refuse(vendor_errc::too_long, "line too long or broken quote");
      if (auto ok = row(); !ok) return std::unexpected(ok.error());
    }
    if (chain_.contracts.empty()) return fail(vendor_errc::empty, name_ + ": no contract after the header");
    return std::move(chain_);
  }

 private:
  std::unexpected<failure<vendor_errc>> refuse(vendor_errc code, const std::string& why) const {
    return fail(code, at_line(name_, reader_.line()) + ": " + why);
  }

  bool next() { return reader_.next(fields_) == csv_reader::status::record; }

  vendor_result<void> preamble() {
    if (!next()) return fail(vendor_errc::empty, name_ + ": no lines");
    if (fields_.size() != 1 || !trim(fields_[0]).empty())
      return refuse(vendor_errc::wrong_columns, "first line is not blank");
    if (!next()) return refuse(vendor_errc::truncated, "no title line");
    for (const std::string_view f : fields_) {
      if (trim(f).starts_with("Last:")) chain_.spot = read_price(trim(f).substr(5), chain_.counts);
    }
    if (chain_.spot == price(0)) chain_.spot = market::no_price;
    if (!next()) return refuse(vendor_errc::truncated, "no date line");
    const std::string_view said = trim(fields_[0]);
    const auto at = said.starts_with("Date:") ? parse_cboe_time(said.substr(5)) : std::nullopt;
    if (!at) return refuse(vendor_errc::bad_value, "no time in the date line '" + std::string(said) + "'");
    chain_.ts_event = *at;
    return {};
  }

  vendor_result<void> header() {
    if (!next()) return refuse(vendor_errc::truncated, "no header line");
    columns_ = fields_.size();
    const int strike_at = find_column(fields_, "Strike"), expiry_at = find_column(fields_, "Expiration Date");
    if (strike_at < 0) return refuse(vendor_errc::wrong_columns, "header has no column 'Strike'");
    if (expiry_at < 0) return refuse(vendor_errc::wrong_columns, "header has no column 'Expiration Date'");
    strike_ = static_cast<std::size_t>(strike_at);
    expiry_ = static_cast<std::size_t>(expiry_at);
    if (auto ok = side("Calls", 0, strike_, calls_); !ok) return ok;
    return side("Puts", strike_ + 1, columns_, puts_);
  }

  vendor_result<void> side(std::string_view ticker, std::size_t from, std::size_t to, side_columns& out) {
    const std::vector<std::string_view> half(fields_.begin() + static_cast<std::ptrdiff_t>(from),
                                             fields_.begin() + static_cast<std::ptrdiff_t>(to));
    const std::array<std::pair<std::string_view, std::size_t*>, 8> wanted{{{ticker, &out.ticker},
                                                                           {"Last Sale", &out.last},
                                                                           {"Bid", &out.bid},
                                                                           {"Ask", &out.ask},
                                                                           {"Volume", &out.volume},
                                                                           {"IV", &out.iv},
                                                                           {"Gamma", &out.gamma},
                                                                           {"Open Interest", &out.open_interest}}};
    for (const auto& [name, at] : wanted) {
      const int found = find_column(half, name);
      if (found < 0) {
        return refuse(vendor_errc::wrong_columns,
                      "header has no column '" + std::string(name) + "' on the side of '" + std::string(ticker) + "'");
      }
      *at = from + static_cast<std::size_t>(found);
    }
    return {};
  }

  vendor_result<void> row() {
    if (!reader_.terminated())
      return refuse(vendor_errc::truncated, "last line has no line break: the file may be cut");
    if (fields_.size() != columns_) {
      return refuse(vendor_errc::wrong_columns,
                    std::to_string(fields_.size()) + " columns, header has " + std::to_string(columns_));
    }
    const auto k = parse_nanos(trim(fields_[strike_]));
    if (!k || *k <= 0) return refuse(vendor_errc::bad_value, "bad strike '" + std::string(fields_[strike_]) + "'");
    const auto expiry = expiry_of(fields_[expiry_]);
    if (!expiry) return refuse(vendor_errc::bad_value, "bad expiration date '" + std::string(fields_[expiry_]) + "'");
    if (auto ok = contract(calls_, market::right::call, isobar::strike(*k), *expiry); !ok) return ok;
    return contract(puts_, market::right::put, isobar::strike(*k), *expiry);
  }

  vendor_result<void> contract(const side_columns& at, market::right side, isobar::strike k, date expiry) {
    const std::string_view text = trim(fields_[at.ticker]);
    ++chain_.counts.rows;
    auto id = market::parse_ticker(text, false);
    if (!id && is_adjusted_ticker(text)) {
      ++chain_.counts.bad_root;
      return {};
    }
    if (!id) return refuse(vendor_errc::bad_ticker, "bad ticker '" + std::string(text) + "'");
    if (id->strike != k)
      return refuse(vendor_errc::disagrees, "strike differs from ticker '" + std::string(text) + "'");
    if (id->expiry != expiry) {
      return refuse(vendor_errc::disagrees, "expiration date differs from ticker '" + std::string(text) + "'");
    }
    if (id->right != side)
      return refuse(vendor_errc::disagrees, "ticker '" + std::string(text) + "' is on the other side");
    chain_.contracts.push_back({std::move(*id), state(at), static_cast<std::uint32_t>(reader_.line())});
    return {};
  }

  market::contract_state state(const side_columns& at) {
    market::contract_state s;
    s.bid = read_price(fields_[at.bid], chain_.counts);
    s.ask = read_price(fields_[at.ask], chain_.counts);
    s.ts_quote = chain_.ts_event;
    s.last = read_price(fields_[at.last], chain_.counts);
    if (s.last == price(0)) s.last = market::no_price;
    s.volume = read_quantity(fields_[at.volume], chain_.counts);
    s.open_interest = read_quantity(fields_[at.open_interest], chain_.counts);
    s.implied_volatility = read_double(fields_[at.iv], chain_.counts);
    s.gamma = read_double(fields_[at.gamma], chain_.counts);
    count_quote(s, chain_.counts);
    return s;
  }

  csv_reader reader_;
  std::string name_;
  std::vector<std::string_view> fields_;
  std::size_t columns_ = 0, strike_ = 0, expiry_ = 0;
  side_columns calls_{}, puts_{};
  market::raw_chain chain_;
};

}  // namespace

std::optional<timestamp> parse_cboe_time(std::string_view text) {
  auto w = words(text);
  std::erase(w, "at");
  // Month day year hour minute AM|PM zone
  if (w.size() != 7) return std::nullopt;
  const auto day = day_of(w[0], w[1], w[2]);
  const int hour = number(w[3]), minute = number(w[4]);
  if (!day || hour < 1 || hour > 12 || minute < 0 || minute > 59) return std::nullopt;
  if (w[5] != "AM" && w[5] != "PM") return std::nullopt;
  if (w[6] != "EST" && w[6] != "EDT") return std::nullopt;
  const std::int64_t hours_west = w[6] == "EST" ? 5 : 4;
  const std::int64_t clock = hour % 12 + (w[5] == "PM" ? 12 : 0);
  return utc_midnight(*day) + seconds((clock + hours_west) * 3600 + minute * 60);
}

bool is_cboe_delayed(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 2048);
  return (head.starts_with("\n") || head.starts_with("\r\n")) &&
         head.find("\nExpiration Date,Calls,") != std::string_view::npos;
}

vendor_result<market::raw_chain> parse_cboe_delayed(std::string_view bytes, std::string_view name) {
  if (auto ok = check_utf8(bytes, name); !ok) return std::unexpected(ok.error());
  return parser(bytes, name).run();
}

}  // namespace isobar::wire
