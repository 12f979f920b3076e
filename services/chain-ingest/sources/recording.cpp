#include "chain-ingest/sources/recording.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "core/decimal.hpp"
#include "wire/massive_chain.hpp"

namespace isobar::chain_ingest {
namespace {

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string head(timestamp at, const isobar::symbol& s, std::uint64_t fetch, std::string_view kind) {
  return fmt::format(R"({{"ts_recv":{},"symbol":{},"fetch":{},"kind":"{}")", at.ns, json_text(s.str()), fetch, kind);
}

/// The JSON on one line; empty when it is none.
std::string minified(std::string_view body) {
  if (!simdjson::validate_utf8(body.data(), body.size())) return {};
  try {
    const simdjson::padded_string padded(body);
    simdjson::dom::parser parser;
    if (parser.parse(padded).error() != simdjson::SUCCESS) return {};
    std::string out(body.size(), '\0');
    std::size_t length = 0;
    if (simdjson::minify(body.data(), body.size(), out.data(), length) != simdjson::SUCCESS) return {};
    out.resize(length);
    return out;
  } catch (const simdjson::simdjson_error&) {
    return {};
  }
}

/// One line, understood.
struct entry {
  timestamp at;
  std::string symbol, kind, body;
  std::uint64_t fetch = 0;
  price spot = market::no_price;
  std::optional<date> expiry;
  std::map<date, strike_window> windows;
};

strike_width width_of(std::string_view text) { return strike_width(parse_nanos(text).value_or(0)); }

bool read_window(simdjson::ondemand::object o, std::map<date, strike_window>& out) {
  std::optional<date> expiry;
  strike_window w;
  for (auto field : o) {
    const std::string_view key = field.unescaped_key();
    const std::string_view text = field.value();
    if (key == "expiry")
      expiry = parse_iso_date(text);
    else if (key == "atm")
      w.atm = isobar::strike(width_of(text).value);
    else if (key == "half_range")
      w.half_range = width_of(text);
  }
  if (!expiry) return false;
  const strike_width asked = widened(w.half_range);
  w.low = w.atm - asked;
  w.high = w.atm + asked;
  out[*expiry] = w;
  return true;
}

std::optional<entry> read_line(std::string_view line) {
  try {
    const simdjson::padded_string padded(line);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document = parser.iterate(padded);
    entry e;
    bool stamped = false;
    for (auto field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      if (key == "ts_recv") {
        e.at.ns = field.value().get_int64();
        stamped = true;
      } else if (key == "symbol") {
        e.symbol = std::string_view(field.value());
      } else if (key == "kind") {
        e.kind = std::string_view(field.value());
      } else if (key == "fetch") {
        e.fetch = field.value().get_uint64();
      } else if (key == "spot") {
        e.spot = price(parse_nanos(std::string_view(field.value())).value_or(market::no_price.value));
      } else if (key == "expiry") {
        e.expiry = parse_iso_date(std::string_view(field.value()));
      } else if (key == "windows") {
        for (auto w : field.value().get_array()) {
          if (!read_window(w.get_object(), e.windows)) return std::nullopt;
        }
      } else if (key == "body") {
        e.body = std::string_view(simdjson::to_json_string(field.value()));
      }
    }
    if (!stamped || e.kind.empty()) return std::nullopt;
    return e;
  } catch (const simdjson::simdjson_error&) {
    return std::nullopt;
  }
}

/// Rebuilds fetches from their lines.
class assembler {
 public:
  assembler(std::string_view name, const isobar::symbol& s, completeness_limits limits)
      : name_(name), symbol_(s), limits_(limits) {}

  void line(std::string_view text, std::size_t number) {
    const auto e = read_line(text);
    if (!e) return refuse(refusal::malformed, last_, wire::at_line(name_, number) + ": not a line of a recording");
    last_ = e->at;
    if (e->symbol != symbol_.str()) return;
    if (e->kind == "begin") {
      unfinished();
      open_ = true;
      raw_ = {};
      raw_.spot = e->spot;
      windows_ = e->windows;
      proof_.reset();
      if (!windows_.empty()) proof_.emplace(windows_, limits_);
      unpaged_ended_ = false;
    } else if (e->kind == "page" && open_) {
      page(*e, number);
    } else if (e->kind == "end" && open_) {
      end(*e, number);
    }
  }

  void cut(std::size_t number) {
    refuse(refusal::malformed, last_,
           wire::at_line(name_, number) + ": last line has no line break: the recording was cut");
  }

  std::vector<recorded_event> finish() {
    unfinished();
    return std::move(out_);
  }

 private:
  void refuse(refusal why, timestamp at, std::string evidence) {
    out_.push_back({at, chain_refused{why, std::move(evidence), proof_ ? proof_->ratio() : 0}});
    open_ = false;
  }
  void unfinished() {
    if (open_) refuse(refusal::missing_page, last_, name_ + ": a fetch has no end");
  }

  void page(const entry& e, std::size_t number) {
    auto parsed = wire::parse_massive_page(e.body, wire::at_line(name_, number));
    if (!parsed) return refuse(refusal::malformed, e.at, parsed.error().evidence);
    raw_.counts += parsed->counts;
    if (raw_.spot == market::no_price) raw_.spot = parsed->spot;
    if (!proof_) {
      unpaged_ended_ = parsed->next_url.empty();
      raw_.contracts.insert(raw_.contracts.end(), std::make_move_iterator(parsed->contracts.begin()),
                            std::make_move_iterator(parsed->contracts.end()));
      return;
    }
    const auto ok =
        proof_->add_page(e.expiry.value_or(date{}), parsed->contracts, parsed->counts.rows, parsed->next_url);
    if (!ok) refuse(ok.error().code, e.at, wire::at_line(name_, number) + ": " + ok.error().evidence);
  }

  void end(const entry& e, std::size_t number) {
    if (proof_) {
      auto all = proof_->finish();
      if (!all) return refuse(all.error().code, e.at, wire::at_line(name_, number) + ": " + all.error().evidence);
      raw_.contracts = std::move(*all);
    } else if (!unpaged_ended_) {
      return refuse(refusal::missing_page, e.at,
                    wire::at_line(name_, number) + ": the last page is not in the recording");
    }
    raw_.source = "massive";
    raw_.origin = name_;
    raw_.ts_event = e.at;
    open_ = false;
    out_.push_back({e.at, chain_arrived{{std::move(raw_), windows_}, 0, 1, 0}});
  }

  std::string name_;
  isobar::symbol symbol_;
  completeness_limits limits_;
  std::vector<recorded_event> out_;
  timestamp last_;
  bool open_ = false, unpaged_ended_ = false;
  market::raw_chain raw_;
  std::map<date, strike_window> windows_;
  std::optional<completeness> proof_;
};

}  // namespace

std::string begin_line(timestamp at, const isobar::symbol& s, std::uint64_t fetch, price spot,
                       std::string_view underlying, const std::map<date, strike_window>& windows) {
  std::string out = head(at, s, fetch, "begin");
  if (spot != market::no_price) out += fmt::format(R"(,"spot":"{}")", format_nanos(spot.value));
  out += fmt::format(R"(,"underlying":{},"windows":[)", json_text(underlying));
  bool first = true;
  for (const auto& [expiry, w] : windows) {
    out += fmt::format(R"({}{{"expiry":"{}","atm":"{}","half_range":"{}"}})", first ? "" : ",", to_iso(expiry),
                       format_nanos(w.atm.value), format_nanos(w.half_range.value));
    first = false;
  }
  return out + "]}\n";
}

std::string body_line(timestamp at, const isobar::symbol& s, std::uint64_t fetch, std::string_view kind,
                      std::optional<date> expiry, std::string_view body) {
  std::string out = head(at, s, fetch, kind);
  if (expiry) out += fmt::format(R"(,"expiry":"{}")", to_iso(*expiry));
  const std::string json = minified(body);
  if (json.empty()) {
    const bool text = simdjson::validate_utf8(body.data(), body.size());
    return out + R"(,"text":)" + json_text(text ? body : std::string_view("(bytes that are not UTF-8)")) + "}\n";
  }
  return out + R"(,"body":)" + json + "}\n";
}

std::string end_line(timestamp at, const isobar::symbol& s, std::uint64_t fetch) {
  return head(at, s, fetch, "end") + "}\n";
}

std::vector<recorded_event> read_recording(std::string_view bytes, std::string_view name, const isobar::symbol& s,
                                           completeness_limits limits) {
  assembler lines(name, s, limits);
  for (std::size_t number = 1; !bytes.empty(); ++number) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      lines.cut(number);
      break;
    }
    lines.line(bytes.substr(0, end), number);
    bytes.remove_prefix(end + 1);
  }
  return lines.finish();
}

}  // namespace isobar::chain_ingest
