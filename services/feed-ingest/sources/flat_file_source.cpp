#include "feed-ingest/sources/flat_file_source.hpp"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <tuple>

#include "core/date.hpp"
#include "core/decimal.hpp"
#include "market/root.hpp"
#include "telemetry/log.hpp"
#include "wire/csv_reader.hpp"

namespace isobar::feed_ingest {
namespace {

const telemetry::logger& log() {
  static const telemetry::logger out("feed-ingest");
  return out;
}

constexpr unsigned buffer_bytes = 256 * 1024;
// The tape's correction indicators: 0 regular, 12 the corrected version of a trade.
constexpr std::string_view regular = "0", corrected = "12";
constexpr std::array<std::string_view, 4> cancelling{"201", "203", "205", "207"};

template <class Int>
bool whole_number(std::string_view text, Int& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool cancels(std::string_view conditions) {
  while (!conditions.empty()) {
    const auto comma = conditions.find(',');
    if (std::find(cancelling.begin(), cancelling.end(), wire::trim(conditions.substr(0, comma))) != cancelling.end())
      return true;
    if (comma == std::string_view::npos) return false;
    conditions.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

bool flat_file_source::bad(std::uint64_t line, std::string what) {
  skip(refusal::bad_value);
  const auto name = std::filesystem::path(files_[file_]).filename().string();
  log().warn_limited("flat file row",
                     "row refused file=" + name + " line=" + std::to_string(line) + " why=\"" + what + "\"");
  if (rejects_.size() < rejects_max) rejects_.push_back({name, line, std::move(what)});
  return true;
}

std::optional<std::uint32_t> flat_file_source::contract_of(std::string_view ticker, std::string& why) {
  if (const auto found = by_ticker_.find(ticker); found != by_ticker_.end()) return found->second;
  auto id = market::parse_ticker(ticker);
  if (!id) {
    why = "ticker " + std::string(ticker.substr(0, 32));
    return std::nullopt;
  }
  const auto root = market::find_root(id->root);
  std::string symbol = root ? std::string(root->symbol) : id->root;
  std::optional<std::uint32_t> number;
  if (symbols_.contains(symbol)) {
    number = static_cast<std::uint32_t>(contracts_.size());
    contracts_.push_back({std::string(ticker), std::move(*id), std::move(symbol)});
  } else if (by_ticker_.size() >= 4 * rows_max_) {
    return std::nullopt;
  }
  by_ticker_.emplace(std::string(ticker), number);
  return number;
}

/// False when the file cannot go on.
bool flat_file_source::take_row(std::string_view line, std::uint64_t number, const columns& at) {
  wire::csv_reader row(line);
  const auto needed =
      static_cast<std::size_t>(std::max({at.ticker, at.price, at.time, at.size, at.conditions, at.correction}));
  if (row.next(fields_) != wire::csv_reader::status::record || fields_.size() <= needed)
    return bad(number, std::to_string(fields_.size()) + " columns");
  const auto field = [&](int column) { return wire::trim(fields_[static_cast<std::size_t>(column)]); };
  std::string why;
  const auto named = contract_of(field(at.ticker), why);
  if (!why.empty()) return bad(number, why);
  if (!named) {
    skip(refusal::other_instrument);
    return true;
  }
  const auto correction = at.correction < 0 ? std::string_view() : field(at.correction);
  if ((!correction.empty() && correction != regular && correction != corrected) ||
      (at.conditions >= 0 && cancels(field(at.conditions)))) {
    skip(refusal::cancelled);
    return true;
  }
  trade t{.at = {}, .paid = {}, .size = 0, .contract = *named, .line = number};
  t.paid = price(parse_nanos(field(at.price)).value_or(0));
  if (t.paid <= price(0)) return bad(number, "price " + std::string(field(at.price).substr(0, 32)));
  if (!whole_number(field(at.size), t.size) || t.size == 0)
    return bad(number, "size " + std::string(field(at.size).substr(0, 32)));
  if (!whole_number(field(at.time), t.at.ns) || t.at.ns <= 0 || t.at == end_of_time)
    return bad(number, "sip_timestamp " + std::string(field(at.time).substr(0, 32)));
  if (trades_.size() >= rows_max_) {
    error_ = files_[file_] + ": line " + std::to_string(number) + ": more than " + std::to_string(rows_max_) +
             " trades of the symbols asked for";
    return false;
  }
  trades_.push_back(t);
  return true;
}

bool flat_file_source::read_header(std::string_view line, columns& to) {
  wire::csv_reader row(line);
  (void)row.next(fields_);
  const auto find = [&](const char* name) { return wire::find_column(fields_, name); };
  to = {find("ticker"), find("price"), find("sip_timestamp"), find("size"), find("conditions"), find("correction")};
  if (to.ticker >= 0 && to.price >= 0 && to.time >= 0 && to.size >= 0) return true;
  error_ = files_[file_] + ": line 1: not the columns ticker, price, sip_timestamp and size";
  return false;
}

/// The next file's trades, sorted; false at an error.
bool flat_file_source::load() {
  trades_.clear();
  at_ = 0;
  const auto& path = files_[file_];
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(path.c_str(), "rb"), gzclose);
  if (!in) {
    error_ = path + ": cannot be opened";
    return false;
  }
  (void)gzbuffer(in.get(), buffer_bytes);
  columns at;
  std::string line(line_max, '\0');
  for (std::uint64_t number = 1; gzgets(in.get(), line.data(), static_cast<int>(line.size())) != nullptr; ++number) {
    std::string_view text(line.data());
    const bool whole = text.ends_with('\n');
    if (!whole && gzeof(in.get()) == 0) {
      error_ = path + ": line " + std::to_string(number) + ": longer than " + std::to_string(line_max) + " bytes";
      return false;
    }
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    if (number == 1 ? !read_header(text, at) : (!text.empty() && !take_row(text, number, at))) return false;
  }
  int code = Z_OK;
  const std::string why = gzerror(in.get(), &code);
  if (code != Z_OK && code != Z_STREAM_END) {
    error_ = path + ": " + why;
    return false;
  }
  // Stable by the line: equal times stay in the file's order.
  std::sort(trades_.begin(), trades_.end(),
            [](const trade& a, const trade& b) { return std::tie(a.at, a.line) < std::tie(b.at, b.line); });
  if (!trades_.empty() && trades_.front().at < last_) {
    error_ = path + ": begins at " + to_iso(trades_.front().at) + ", before the end of the file before it";
    return false;
  }
  return true;
}

const input_record* flat_file_source::define(contract& c, timestamp at, std::uint32_t number) {
  c.defined = true;
  record_.kind = record_kind::definition;
  record_.is_trade = false;
  record_.instrument = {};
  auto& i = record_.instrument;
  i.id = number;
  i.raw_symbol = c.ticker;
  i.exchange = "OPRA";
  i.instrument_class = c.id.right == market::right::call ? 'C' : 'P';
  i.underlying = c.symbol;
  i.expiration = utc_midnight(c.id.expiry);
  i.option_strike = c.id.strike;
  i.ts_event = at;
  return &record_;
}

const input_record* flat_file_source::next() {
  while (at_ == trades_.size()) {
    if (error_ || file_ == files_.size()) return nullptr;
    if (!load()) return nullptr;
    ++file_;
  }
  const auto& t = trades_[at_];
  last_ = t.at;
  record_.refused = refusal::none;
  record_.instrument_id = t.contract + 1;
  record_.delivered = record_.event_time = t.at;
  auto& c = contracts_[t.contract];
  if (!c.defined) return define(c, t.at, t.contract + 1);
  ++at_;
  record_.kind = record_kind::trades;
  record_.is_trade = true;
  record_.trade = {t.at, t.paid, t.size, 0, market::book_side::none, 0};
  return &record_;
}

}  // namespace isobar::feed_ingest
