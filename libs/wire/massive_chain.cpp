#include "wire/massive_chain.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>
#include <optional>

#include "core/decimal.hpp"

namespace isobar::wire {
namespace {

using simdjson::ondemand::json_type;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

/// A number as the exact decimal that was written; a double that was printed with more than nine decimals is rounded.
std::optional<std::int64_t> nanos_of(value v) {
  if (v.type() != json_type::number) return std::nullopt;
  std::string_view text = v.raw_json_token();
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  if (const auto exact = parse_nanos(text)) return exact;
  const double rounded = v.get_double();
  if (!std::isfinite(rounded) || std::fabs(rounded) > 9e9) return std::nullopt;
  return std::llround(rounded * 1e9);
}

price price_of(value v, market::raw_counts& counts) {
  if (v.is_null()) return market::no_price;
  const auto nanos = nanos_of(v);
  if (nanos && *nanos >= 0) return price(*nanos);
  ++counts.no_price;
  return market::no_price;
}

quantity quantity_of(value v, market::raw_counts& counts) {
  if (v.is_null()) return market::no_quantity;
  const auto nanos = nanos_of(v);
  if (nanos && *nanos >= 0) return quantity(*nanos / nanos_per_unit);
  ++counts.no_value;
  return market::no_quantity;
}

double double_of(value v, market::raw_counts& counts) {
  if (v.is_null()) return 0;
  if (v.type() == json_type::number) return v.get_double();
  ++counts.no_value;
  return 0;
}

/// Nanoseconds since 1970; anything else leaves the instant unknown.
timestamp instant_of(value v) {
  if (v.is_null() || v.type() != json_type::number) return start_of_time;
  std::int64_t ns = 0;
  return v.get_int64().get(ns) == simdjson::SUCCESS ? timestamp{ns} : start_of_time;
}

quantity or_zero(quantity q) { return q == market::no_quantity ? quantity(0) : q; }

/// What a contract's object says besides its state.
struct details {
  std::string ticker, type, expiration;
  std::optional<std::int64_t> strike;
};

class page_parser {
 public:
  page_parser(std::string_view name) : name_(name) {}

  vendor_result<massive_page> parse(object root) {
    bool results = false;
    std::string status, error;
    for (auto field : root) {
      const std::string_view key = field.unescaped_key();
      if (key == "results") {
        results = true;
        if (auto ok = contracts(field.value()); !ok) return std::unexpected(ok.error());
      } else if (key == "next_url") {
        if (!field.value().is_null()) page_.next_url = std::string_view(field.value());
      } else if (key == "request_id") {
        page_.request_id = std::string_view(field.value());
      } else if (key == "status") {
        status = std::string_view(field.value());
      } else if (key == "error" || key == "message") {
        error = std::string_view(field.value().raw_json_token());
      }
    }
    if (status != "OK" && status != "DELAYED") {
      return fail(vendor_errc::bad_json, name_ + ": status '" + status + "' " + error);
    }
    if (!results) return fail(vendor_errc::bad_json, name_ + ": no 'results'");
    return std::move(page_);
  }

 private:
  vendor_result<void> contracts(value list) {
    for (auto element : list.get_array()) {
      ++page_.counts.rows;
      if (auto ok = contract(element.get_object()); !ok) return ok;
    }
    return {};
  }

  vendor_result<void> contract(object o) {
    market::raw_contract c;
    c.line = static_cast<std::uint32_t>(page_.counts.rows);
    details says;
    for (auto field : o) {
      const std::string_view key = field.unescaped_key();
      if (key == "details")
        read_details(field.value(), says);
      else if (key == "last_quote")
        read_quote(field.value(), c.state);
      else if (key == "last_trade")
        read_trade(field.value(), c.state);
      else if (key == "underlying_asset")
        read_underlying(field.value());
      else if (key == "day")
        read_day(field.value(), c.state);
      else if (key == "greeks")
        read_greeks(field.value(), c.state);
      else if (key == "implied_volatility")
        c.state.implied_volatility = double_of(field.value(), page_.counts);
      else if (key == "open_interest")
        c.state.open_interest = quantity_of(field.value(), page_.counts);
    }
    auto id = market::parse_ticker(says.ticker);
    if (!id && is_adjusted_ticker(says.ticker)) {
      ++page_.counts.bad_root;
      return {};
    }
    if (!id) return refuse(vendor_errc::bad_ticker, c, "bad ticker '" + says.ticker + "'");
    if (says.strike && isobar::strike(*says.strike) != id->strike) {
      return refuse(vendor_errc::disagrees, c, "strike_price differs from ticker '" + says.ticker + "'");
    }
    if (!says.expiration.empty() && parse_iso_date(says.expiration) != id->expiry) {
      return refuse(vendor_errc::disagrees, c, "expiration_date differs from ticker '" + says.ticker + "'");
    }
    if (!says.type.empty() && says.type != (id->right == market::right::call ? "call" : "put")) {
      return refuse(vendor_errc::disagrees, c, "contract_type differs from ticker '" + says.ticker + "'");
    }
    c.id = std::move(*id);
    count_quote(c.state, page_.counts);
    page_.contracts.push_back(std::move(c));
    return {};
  }

  std::unexpected<failure<vendor_errc>> refuse(vendor_errc code, const market::raw_contract& c,
                                               const std::string& why) const {
    return fail(code, name_ + ": result " + std::to_string(c.line) + ": " + why);
  }

  template <class F>
  static void each(value v, F&& take) {
    if (v.is_null()) return;
    for (auto field : v.get_object()) take(std::string_view(field.unescaped_key()), field.value().value());
  }

  void read_details(value v, details& out) {
    each(v, [&](std::string_view key, value f) {
      if (key == "ticker")
        out.ticker = std::string_view(f);
      else if (key == "contract_type")
        out.type = std::string_view(f);
      else if (key == "expiration_date")
        out.expiration = std::string_view(f);
      else if (key == "strike_price")
        out.strike = nanos_of(f);
    });
  }
  void read_quote(value v, market::contract_state& s) {
    each(v, [&](std::string_view key, value f) {
      if (key == "bid")
        s.bid = price_of(f, page_.counts);
      else if (key == "ask")
        s.ask = price_of(f, page_.counts);
      else if (key == "bid_size")
        s.bid_size = or_zero(quantity_of(f, page_.counts));
      else if (key == "ask_size")
        s.ask_size = or_zero(quantity_of(f, page_.counts));
      else if (key == "last_updated")
        s.ts_quote = instant_of(f);
    });
  }
  void read_trade(value v, market::contract_state& s) {
    each(v, [&](std::string_view key, value f) {
      if (key == "price")
        s.last = price_of(f, page_.counts);
      else if (key == "size")
        s.last_size = or_zero(quantity_of(f, page_.counts));
      else if (key == "sip_timestamp")
        s.ts_trade = instant_of(f);
    });
  }
  void read_underlying(value v) {
    each(v, [&](std::string_view key, value f) {
      if ((key == "value" || key == "price") && page_.spot == market::no_price) {
        page_.spot = price_of(f, page_.counts);
        if (page_.spot == price(0)) page_.spot = market::no_price;
      }
    });
  }
  void read_day(value v, market::contract_state& s) {
    each(v, [&](std::string_view key, value f) {
      if (key == "volume") s.volume = quantity_of(f, page_.counts);
    });
  }
  void read_greeks(value v, market::contract_state& s) {
    each(v, [&](std::string_view key, value f) {
      if (key == "gamma") s.gamma = double_of(f, page_.counts);
    });
  }

  std::string name_;
  massive_page page_;
};

/// Runs `use` on the parsed document; whatever the library throws becomes bad_json (or truncated).
template <class T, class F>
vendor_result<T> with_document(std::string_view body, std::string_view name, F&& use) {
  if (auto ok = check_utf8(body, name); !ok) return std::unexpected(ok.error());
  try {
    const simdjson::padded_string padded(body);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document = parser.iterate(padded);
    vendor_result<T> out = use(document.get_object().value());
    if (out && document.current_location().error() != simdjson::OUT_OF_BOUNDS)
      return fail(vendor_errc::bad_json, std::string(name) + ": text after the document");
    return out;
  } catch (const simdjson::simdjson_error& e) {
    const bool cut = body.empty() || e.error() == simdjson::INCOMPLETE_ARRAY_OR_OBJECT ||
                     e.error() == simdjson::UNCLOSED_STRING || e.error() == simdjson::EMPTY;
    return fail(cut ? vendor_errc::truncated : vendor_errc::bad_json, std::string(name) + ": " + e.what());
  }
}

std::string decimal(std::int64_t nanos) { return format_nanos(nanos); }

void append_contract(std::string& out, const market::raw_contract& c, const massive_page_text& about) {
  const market::contract_state& s = c.state;
  fmt::format_to(std::back_inserter(out),
                 R"({{"details":{{"contract_type":"{}","exercise_style":"european","expiration_date":"{}",)"
                 R"("shares_per_contract":100,"strike_price":{},"ticker":"{}"}})",
                 c.id.right == market::right::call ? "call" : "put", to_iso(c.id.expiry), decimal(c.id.strike.value),
                 market::to_ticker(c.id));
  out += R"(,"last_quote":{)";
  if (s.bid != market::no_price) fmt::format_to(std::back_inserter(out), R"("bid":{},)", decimal(s.bid.value));
  if (s.ask != market::no_price) fmt::format_to(std::back_inserter(out), R"("ask":{},)", decimal(s.ask.value));
  if (s.ts_quote != start_of_time) fmt::format_to(std::back_inserter(out), R"("last_updated":{},)", s.ts_quote.ns);
  fmt::format_to(std::back_inserter(out), R"("bid_size":{},"ask_size":{},"timeframe":"REAL-TIME"}})", s.bid_size.value,
                 s.ask_size.value);
  if (s.last != market::no_price) {
    fmt::format_to(std::back_inserter(out), R"(,"last_trade":{{"price":{},"size":{})", decimal(s.last.value),
                   s.last_size.value);
    if (s.ts_trade != start_of_time) fmt::format_to(std::back_inserter(out), R"(,"sip_timestamp":{})", s.ts_trade.ns);
    out += "}";
  }
  if (s.volume != market::no_quantity)
    fmt::format_to(std::back_inserter(out), R"(,"day":{{"volume":{}}})", s.volume.value);
  if (s.open_interest != market::no_quantity)
    fmt::format_to(std::back_inserter(out), R"(,"open_interest":{})", s.open_interest.value);
  if (s.gamma != 0) fmt::format_to(std::back_inserter(out), R"(,"greeks":{{"gamma":{}}})", s.gamma);
  if (s.implied_volatility != 0)
    fmt::format_to(std::back_inserter(out), R"(,"implied_volatility":{})", s.implied_volatility);
  fmt::format_to(std::back_inserter(out), R"(,"underlying_asset":{{"ticker":"{}")", about.underlying);
  if (about.spot != market::no_price)
    fmt::format_to(std::back_inserter(out), R"(,"value":{})", decimal(about.spot.value));
  out += "}}";
}

}  // namespace

vendor_result<massive_page> parse_massive_page(std::string_view body, std::string_view name) {
  return with_document<massive_page>(body, name, [&](object root) { return page_parser(name).parse(root); });
}

vendor_result<price> parse_massive_value(std::string_view body, std::string_view name) {
  return with_document<price>(body, name, [&](object root) -> vendor_result<price> {
    std::optional<price> found;
    std::string trouble;
    for (auto field : root) {
      const std::string_view key = field.unescaped_key();
      if (key == "error" || key == "message") trouble = std::string_view(field.value().raw_json_token());
      if (key != "results") continue;
      for (auto element : field.value().get_array()) {
        for (auto inner : element.get_object()) {
          const std::string_view inner_key = inner.unescaped_key();
          if (inner_key == "error") trouble = std::string_view(inner.value().raw_json_token());
          if (inner_key != "value" || found) continue;
          const auto nanos = nanos_of(inner.value());
          if (nanos && *nanos > 0) found = price(*nanos);
        }
      }
    }
    if (!trouble.empty()) return fail(vendor_errc::bad_json, std::string(name) + ": " + trouble);
    if (!found) return fail(vendor_errc::bad_json, std::string(name) + ": no positive value in results");
    return *found;
  });
}

std::string to_massive_page(std::span<const market::raw_contract> contracts, const massive_page_text& about) {
  std::string out = fmt::format(R"({{"status":"OK","request_id":"{}","results":[)", about.request_id);
  for (std::size_t i = 0; i < contracts.size(); ++i) {
    if (i) out += ',';
    append_contract(out, contracts[i], about);
  }
  out += ']';
  if (!about.next_url.empty()) fmt::format_to(std::back_inserter(out), R"(,"next_url":"{}")", about.next_url);
  out += '}';
  return out;
}

std::string to_massive_value(std::string_view ticker, price value) {
  return fmt::format(R"({{"status":"OK","results":[{{"ticker":"{}","value":{},"timeframe":"REAL-TIME"}}]}})", ticker,
                     decimal(value.value));
}

}  // namespace isobar::wire
