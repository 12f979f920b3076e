#include "wire/massive_ws.hpp"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <optional>

#include "core/decimal.hpp"

namespace isobar::wire::massive {
namespace {

namespace ondemand = simdjson::ondemand;

/// Raw text of the fields that any event has; strings keep their quotes.
struct fields {
  std::string_view ev, sym, status, message, bp, ap, bs, as, t, q, p, s, val, big_t, v, av, o, c, h, l, e;

  std::string_view* slot(std::string_view key) {
    struct entry {
      std::string_view key;
      std::string_view fields::* member;
    };
    static constexpr std::array<entry, 21> table{
        {{"ev", &fields::ev}, {"sym", &fields::sym},       {"bp", &fields::bp},
         {"ap", &fields::ap}, {"bs", &fields::bs},         {"as", &fields::as},
         {"t", &fields::t},   {"q", &fields::q},           {"p", &fields::p},
         {"s", &fields::s},   {"val", &fields::val},       {"T", &fields::big_t},
         {"v", &fields::v},   {"av", &fields::av},         {"o", &fields::o},
         {"c", &fields::c},   {"h", &fields::h},           {"l", &fields::l},
         {"e", &fields::e},   {"status", &fields::status}, {"message", &fields::message}}};
    for (const entry& at : table)
      if (at.key == key) return &(this->*at.member);
    return nullptr;
  }
};

std::string_view trimmed(std::string_view raw) {
  while (!raw.empty() && (raw.back() == ' ' || raw.back() == '\n' || raw.back() == '\r' || raw.back() == '\t'))
    raw.remove_suffix(1);
  return raw;
}

/// Text between the quotes; nothing for other types and for text with escapes, which no field of ours has.
std::optional<std::string_view> text(std::string_view raw) {
  if (raw.size() < 2 || raw.front() != '"' || raw.back() != '"') return std::nullopt;
  raw = raw.substr(1, raw.size() - 2);
  if (raw.find('\\') != std::string_view::npos) return std::nullopt;
  return raw;
}

std::optional<std::int64_t> whole(std::string_view raw) {
  const auto nanos = parse_nanos(raw);
  if (nanos && *nanos % nanos_per_unit == 0) return *nanos / nanos_per_unit;
  std::int64_t value = 0;  // above nine billion: too large for nanos, and then always written plainly
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc{} || end != raw.data() + raw.size()) return std::nullopt;
  return value;
}

std::optional<timestamp> stamp(std::string_view raw) {
  const auto ms = whole(raw);
  if (!ms || *ms <= 0 || *ms > INT64_MAX / 1'000'000) return std::nullopt;
  return timestamp{*ms * 1'000'000};
}

/// A field that may be absent: `otherwise` then.
template <class T>
bool read(std::string_view raw, T& to, bool required) {
  if (raw.empty()) return !required;
  if constexpr (std::is_same_v<T, timestamp>) {
    const auto value = stamp(raw);
    if (value) to = *value;
    return value.has_value();
  } else if constexpr (std::is_same_v<T, price>) {
    const auto value = parse_nanos(raw);
    if (value) to = price(*value);
    return value.has_value();
  } else {
    const auto value = whole(raw);
    if (value) to = T(*value);
    return value.has_value();
  }
}

bool read_sequence(std::string_view raw, std::uint64_t& to) {
  if (raw.empty()) return true;
  const auto value = whole(raw);
  if (!value || *value < 0) return false;
  to = static_cast<std::uint64_t>(*value);
  return true;
}

enum class verdict { good, bad, bad_ticker, other };

verdict read_option(const fields& f, bool quote, market::option_event& e) {
  const auto ticker = text(f.sym);
  if (!ticker) return verdict::bad;
  auto id = market::parse_ticker(*ticker);
  if (!id) return verdict::bad_ticker;
  e.id = std::move(*id);
  if (!read(f.t, e.ts_event, true) || !read_sequence(f.q, e.sequence)) return verdict::bad;
  if (!quote) {
    e.kind = market::option_event::kind::trade;
    return read(f.p, e.last, true) && read(f.s, e.size, true) ? verdict::good : verdict::bad;
  }
  if (f.bp.empty() && f.ap.empty()) return verdict::bad;
  if (!read(f.bp, e.bid, false) || !read(f.ap, e.ask, false) || !read(f.bs, e.bid_size, false) ||
      !read(f.as, e.ask_size, false))
    return verdict::bad;
  if (e.ask == price(0)) e.ask = market::no_price;
  return verdict::good;
}

verdict read_aggregate(const fields& f, bool minute, aggregate& a) {
  const auto ticker = text(f.sym);
  if (!ticker) return verdict::bad;
  a.ticker = *ticker;
  a.minute = minute;
  const bool good = read(f.s, a.start, true) && read(f.e, a.end, true) && read(f.o, a.open, true) &&
                    read(f.h, a.high, true) && read(f.l, a.low, true) && read(f.c, a.close, true) &&
                    read(f.v, a.volume, false) && read(f.av, a.day_volume, false);
  return good ? verdict::good : verdict::bad;
}

verdict read_event(const fields& f, std::vector<ws_event>& out) {
  const auto ev = text(f.ev);
  if (!ev) return verdict::bad;
  const auto add = [&](auto value, verdict v) {
    if (v == verdict::good) out.emplace_back(std::move(value));
    return v;
  };
  if (*ev == "Q" || *ev == "T") {
    market::option_event e;
    const verdict v = read_option(f, *ev == "Q", e);
    return add(std::move(e), v);
  }
  if (*ev == "A" || *ev == "AM") {
    aggregate a;
    const verdict v = read_aggregate(f, *ev == "AM", a);
    return add(std::move(a), v);
  }
  if (*ev == "V") {
    const auto ticker = text(f.big_t);
    index_value value;
    if (!ticker || !read(f.val, value.value, true) || !read(f.t, value.ts_event, true)) return verdict::bad;
    value.ticker = *ticker;
    return add(std::move(value), verdict::good);
  }
  if (*ev == "status") {
    const auto state = text(f.status);
    if (!state) return verdict::bad;
    return add(status{std::string(*state), std::string(text(f.message).value_or(""))}, verdict::good);
  }
  return verdict::other;
}

void append_number(std::string& to, std::string_view key, std::int64_t value) {
  to.append(",\"").append(key).append("\":").append(std::to_string(value));
}
void append_price(std::string& to, std::string_view key, price p) {
  if (p != market::no_price) to.append(",\"").append(key).append("\":").append(format_nanos(p.value));
}
void append_text(std::string& to, std::string_view key, std::string_view value) {
  to.append(",\"").append(key).append("\":\"").append(value).append("\"");
}
std::int64_t ms(timestamp t) { return floor_div(t.ns, 1'000'000); }

void append(std::string& to, const market::option_event& e) {
  const bool quote = e.kind == market::option_event::kind::quote;
  to.append(quote ? "{\"ev\":\"Q\"" : "{\"ev\":\"T\"");
  append_text(to, "sym", market::to_ticker(e.id));
  if (quote) {
    append_price(to, "bp", e.bid);
    append_price(to, "ap", e.ask == market::no_price ? price(0) : e.ask);
    append_number(to, "bs", e.bid_size.value);
    append_number(to, "as", e.ask_size.value);
  } else {
    append_price(to, "p", e.last);
    append_number(to, "s", e.size.value);
  }
  append_number(to, "t", ms(e.ts_event));
  append_number(to, "q", static_cast<std::int64_t>(e.sequence));
}

void append(std::string& to, const index_value& v) {
  to.append("{\"ev\":\"V\"");
  append_text(to, "T", v.ticker);
  append_price(to, "val", v.value);
  append_number(to, "t", ms(v.ts_event));
}

void append(std::string& to, const aggregate& a) {
  to.append(a.minute ? "{\"ev\":\"AM\"" : "{\"ev\":\"A\"");
  append_text(to, "sym", a.ticker);
  append_number(to, "v", a.volume.value);
  if (a.day_volume != market::no_quantity) append_number(to, "av", a.day_volume.value);
  append_price(to, "o", a.open);
  append_price(to, "c", a.close);
  append_price(to, "h", a.high);
  append_price(to, "l", a.low);
  append_number(to, "s", ms(a.start));
  append_number(to, "e", ms(a.end));
}

void append(std::string& to, const status& s) {
  to.append("{\"ev\":\"status\"");
  append_text(to, "status", s.state);
  append_text(to, "message", s.message);
}

}  // namespace

std::string_view to_string(ws_errc code) {
  switch (code) {
    case ws_errc::oversize:
      return "oversize";
    case ws_errc::malformed:
      return "malformed";
    case ws_errc::not_events:
      return "not_events";
    case ws_errc::too_many:
      return "too_many";
  }
  return "malformed";
}

struct ws_parser::impl {
  ondemand::parser parser;
  std::string padded;

  /// One event object into `out`; simdjson's error otherwise.
  simdjson::error_code event(ondemand::object object, std::vector<ws_event>& out, ws_counts& counts) {
    fields f;
    for (auto field : object) {
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return error;
      std::string_view* slot = f.slot(key);
      if (slot == nullptr) continue;
      ondemand::value value;
      if (const auto error = field.value().get(value)) return error;
      *slot = trimmed(value.raw_json_token());
    }
    switch (read_event(f, out)) {
      case verdict::good:
        ++counts.events;
        break;
      case verdict::bad:
        ++counts.bad_events;
        break;
      case verdict::bad_ticker:
        ++counts.bad_tickers;
        break;
      case verdict::other:
        ++counts.other_events;
        break;
    }
    return simdjson::SUCCESS;
  }

  result<void, ws_errc> frame(std::size_t size, const ws_limits& limits, std::vector<ws_event>& out,
                              ws_counts& counts) {
    const auto malformed = [](simdjson::error_code e) { return fail(ws_errc::malformed, simdjson::error_message(e)); };
    ondemand::document document;
    if (const auto e = parser.iterate(simdjson::padded_string_view(padded.data(), size, padded.size())).get(document))
      return malformed(e);
    ondemand::json_type type;
    if (const auto e = document.type().get(type)) return malformed(e);
    if (type == ondemand::json_type::object) {
      ondemand::object object;
      if (const auto e = document.get_object().get(object)) return malformed(e);
      if (const auto e = event(object, out, counts)) return malformed(e);
      return {};
    }
    ondemand::array array;
    if (type != ondemand::json_type::array || document.get_array().get(array)) return fail(ws_errc::not_events, "");
    std::size_t seen = 0;
    for (auto element : array) {
      if (++seen > limits.frame_events) return fail(ws_errc::too_many, std::to_string(limits.frame_events));
      ondemand::value value;
      if (const auto e = element.get(value)) return malformed(e);
      if (const auto e = value.type().get(type)) return malformed(e);
      if (type != ondemand::json_type::object) {
        ++counts.bad_events;
        continue;
      }
      ondemand::object object;
      if (const auto e = value.get_object().get(object)) return malformed(e);
      if (const auto e = event(object, out, counts)) return malformed(e);
    }
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS)
      return fail(ws_errc::malformed, "text after the frame");
    return {};
  }
};

ws_parser::ws_parser(ws_limits limits) : impl_(std::make_unique<impl>()), limits_(limits) {}
ws_parser::~ws_parser() = default;
ws_parser::ws_parser(ws_parser&&) noexcept = default;
ws_parser& ws_parser::operator=(ws_parser&&) noexcept = default;

result<void, ws_errc> ws_parser::parse(std::string_view frame, std::vector<ws_event>& out) {
  out.clear();
  ++counts_.frames;
  result<void, ws_errc> parsed;
  if (frame.size() > limits_.frame_bytes) {
    parsed = fail(ws_errc::oversize, std::to_string(frame.size()) + " bytes");
  } else {
    impl_->padded.assign(frame);
    impl_->padded.append(simdjson::SIMDJSON_PADDING, ' ');
    parsed = impl_->frame(frame.size(), limits_, out, counts_);
  }
  if (!parsed) ++counts_.bad_frames;
  return parsed;
}

void append_event(const ws_event& event, std::string& to) {
  std::visit([&](const auto& e) { append(to, e); }, event);
  to.push_back('}');
}

std::string encode_frame(std::span<const ws_event> events) {
  std::string out = "[";
  for (const ws_event& e : events) {
    if (out.size() > 1) out.push_back(',');
    append_event(e, out);
  }
  out.push_back(']');
  return out;
}

std::string encode_action(const ws_action& action) {
  return "{\"action\":\"" + action.action + "\",\"params\":\"" + action.params + "\"}";
}

result<ws_action, ws_errc> parse_action(std::string_view frame) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (const auto e = parser.parse(frame.data(), frame.size()).get(document))
    return fail(ws_errc::malformed, simdjson::error_message(e));
  std::string_view action, params;
  if (document["action"].get(action) || document["params"].get(params)) return fail(ws_errc::not_events, "no action");
  return ws_action{std::string(action), std::string(params)};
}

}  // namespace isobar::wire::massive
