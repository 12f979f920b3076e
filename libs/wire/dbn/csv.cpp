#include "wire/dbn/csv.hpp"

#include <charconv>
#include <cstring>

#include "core/date.hpp"
#include "core/decimal.hpp"
#include "wire/dbn/convert.hpp"
#include "wire/dbn/decompress.hpp"

namespace isobar::wire::dbn {
namespace {

constexpr std::size_t line_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t rejects_kept = 20;
constexpr std::size_t levels = 10;
constexpr std::size_t absent = SIZE_MAX;

/// Position of every column that is read.
struct columns {
  std::size_t ts_recv, ts_event, instrument_id, action, side, depth, price, size, channel_id, order_id, flags, sequence,
      symbol;
  struct level {
    std::size_t bid_px, ask_px, bid_sz, ask_sz, bid_ct, ask_ct;
  };
  std::array<level, levels> level;
  bool by_price = false;
  std::size_t count = 0;
};

void split(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (;;) {
    const auto comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return;
    line.remove_prefix(comma + 1);
  }
}

/// The columns of a header, or the name of the first that is missing.
std::expected<columns, std::string> find_columns(const std::vector<std::string_view>& header) {
  columns c{};
  c.count = header.size();
  std::string missing;
  const auto optional = [&](std::string_view name) {
    for (std::size_t i = 0; i < header.size(); ++i)
      if (header[i] == name) return i;
    return absent;
  };
  const auto required = [&](std::string_view name) {
    const auto at = optional(name);
    if (at == absent && missing.empty()) missing = name;
    return at;
  };
  c.by_price = optional("bid_px_00") != absent;
  c.ts_event = required("ts_event");
  c.action = required("action");
  c.side = required("side");
  c.price = required("price");
  c.size = required("size");
  c.flags = required("flags");
  c.sequence = required("sequence");
  c.order_id = c.by_price ? optional("order_id") : required("order_id");
  c.depth = c.by_price ? required("depth") : absent;
  c.ts_recv = optional("ts_recv");
  c.instrument_id = optional("instrument_id");
  c.channel_id = optional("channel_id");
  c.symbol = optional("symbol");
  for (std::size_t i = 0; c.by_price && i < levels; ++i) {
    const auto end = "_0" + std::to_string(i);
    c.level[i] = {required("bid_px" + end), required("ask_px" + end), required("bid_sz" + end),
                  required("ask_sz" + end), required("bid_ct" + end), required("ask_ct" + end)};
  }
  if (!missing.empty()) return std::unexpected(missing);
  return c;
}

template <class Int>
bool take_integer(std::string_view text, Int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "2025-07-17T07:05:09.035793433Z", the same with a blank and "+00:00", or nanoseconds since 1970.
bool take_time(std::string_view text, timestamp& out) {
  if (take_integer(text, out.ns)) return out.ns >= 0;
  std::string iso(text);
  if (iso.ends_with("+00:00")) iso.replace(iso.size() - 6, 6, "Z");
  if (iso.size() > 10 && iso[10] == ' ') iso[10] = 'T';
  const auto parsed = parse_iso_timestamp(iso);
  if (parsed) out = *parsed;
  return parsed.has_value();
}

/// One letter of a table.
template <class Enum>
bool take_letter(const detail::letter_table& table, std::string_view text, Enum& out) {
  if (text.size() != 1) return false;
  const auto found = table.of[static_cast<unsigned char>(text[0])];
  out = static_cast<Enum>(found);
  return found != detail::no_letter;
}

}  // namespace

struct csv_export::state {
  std::unique_ptr<byte_source> source;
  std::string_view block;
  std::string carry;  // the line that lies across blocks
  bool ended = false;
  std::uint64_t line = 0;
  std::uint64_t rows = 0, rejected = 0;
  std::uint64_t offset = 0;
  columns at{};
  std::optional<bool> decimal;  // what the file's first price is
  std::vector<std::string_view> fields;
  std::vector<csv_reject> rejects;
  std::optional<read_error> error;

  enum class piece : std::uint8_t { line, too_long, end };
  piece next_line(std::string_view& out);
  bool take_price(std::string_view text, price& out);
  bool take_levels(csv_row& row);
  const char* take_row(csv_row& row);
  std::string_view field(std::size_t column) const { return column == absent ? std::string_view{} : fields[column]; }
};

/// A line without its break. Too long a line is passed over whole.
csv_export::state::piece csv_export::state::next_line(std::string_view& out) {
  carry.clear();
  bool too_long = false;
  for (;;) {
    if (block.empty() && !ended) {
      const auto got = source->next();
      if (!got)
        error =
            read_error{got.error().code, source->name(), got.error().what, offset, source->compressed_offset(), line};
      block = got ? *got : std::string_view{};
      ended = block.empty();
    }
    if (ended && carry.empty() && !too_long) return piece::end;
    const auto newline = block.find('\n');
    const auto part = block.substr(0, newline);
    offset += part.size() + (newline == std::string_view::npos ? 0 : 1);
    block.remove_prefix(newline == std::string_view::npos ? block.size() : newline + 1);
    too_long = too_long || carry.size() + part.size() > line_bytes_max;
    if (newline != std::string_view::npos && carry.empty())
      out = part;
    else if (!too_long)
      out = carry += part;
    if (newline == std::string_view::npos && !ended) {
      if (too_long) carry.clear();
      continue;
    }
    ++line;
    if (out.ends_with('\r')) out.remove_suffix(1);
    return too_long ? piece::too_long : piece::line;
  }
}

bool csv_export::state::take_price(std::string_view text, price& out) {
  out = market::no_price;
  if (text.empty()) return true;
  if (!decimal) decimal = text.find('.') != std::string_view::npos;
  if (!*decimal) return take_integer(text, out.value);
  const auto nanos = parse_nanos(text);
  if (nanos) out = price(*nanos);
  return nanos.has_value();
}

bool csv_export::state::take_levels(csv_row& row) {
  for (std::size_t i = 0; i < levels; ++i) {
    const auto& c = at.level[i];
    auto& l = row.levels[i];
    if (!take_price(fields[c.bid_px], l.bid) || !take_price(fields[c.ask_px], l.ask) ||
        !take_integer(fields[c.bid_sz], l.bid_size) || !take_integer(fields[c.ask_sz], l.ask_size) ||
        !take_integer(fields[c.bid_ct], l.bid_orders) || !take_integer(fields[c.ask_ct], l.ask_orders))
      return false;
  }
  return true;
}

/// What is wrong with the row, or nullptr.
const char* csv_export::state::take_row(csv_row& row) {
  if (fields.size() != at.count) return "another number of columns than the header";
  row = {};
  auto& e = row.event;
  std::uint64_t order = 0;
  if (!take_time(fields[at.ts_event], e.ts_event)) return "ts_event is no time";
  if (at.ts_recv != absent && !take_time(fields[at.ts_recv], row.ts_recv)) return "ts_recv is no time";
  if (!take_letter(detail::actions, fields[at.action], e.action)) return "action is no action";
  if (!take_letter(detail::sides, fields[at.side], e.side)) return "side is no side";
  if (!take_price(fields[at.price], e.price)) return "price is no price";
  if (!take_integer(fields[at.size], e.size)) return "size is no size";
  if (!take_integer(fields[at.flags], e.flags)) return "flags are no flags";
  if (!take_integer(fields[at.sequence], e.sequence)) return "sequence is no number";
  if (at.order_id != absent && !take_integer(fields[at.order_id], order)) return "order_id is no number";
  if (at.channel_id != absent && !take_integer(fields[at.channel_id], e.channel)) return "channel_id is no number";
  if (at.instrument_id != absent && !take_integer(fields[at.instrument_id], row.instrument_id))
    return "instrument_id is no number";
  if (at.depth != absent && !take_integer(fields[at.depth], row.depth)) return "depth is no number";
  if (at.by_price && !take_levels(row)) return "a level is no level";
  e.order = market::order_id{order};
  row.symbol = field(at.symbol);
  return nullptr;
}

std::expected<csv_export, read_error> csv_export::open(const std::filesystem::path& path) {
  auto file = file_source::open(path);
  if (!file) return std::unexpected(read_error{file.error().code, path, file.error().what, 0, std::nullopt, 0});
  return over(std::move(*file));
}

std::expected<csv_export, read_error> csv_export::over(std::unique_ptr<byte_source> source) {
  auto s = std::make_unique<state>();
  s->source = source->decompressed() ? std::move(source) : std::make_unique<decompressed_source>(std::move(source));
  const auto refuse = [&](errc code, std::string what) {
    return std::unexpected(read_error{code, s->source->name(), std::move(what), 0, std::nullopt, 0});
  };
  std::string_view header;
  const auto got = s->next_line(header);
  if (s->error) return std::unexpected(*s->error);
  if (got != state::piece::line) return refuse(errc::empty, "no header line");
  if (header.starts_with("\xEF\xBB\xBF")) header.remove_prefix(3);
  split(header, s->fields);
  const auto found = find_columns(s->fields);
  if (!found) return refuse(errc::record, "the header has no column " + found.error());
  s->at = *found;
  return csv_export(std::move(s));
}

csv_export::csv_export(std::unique_ptr<state> s) : state_(std::move(s)) {}
csv_export::~csv_export() = default;
csv_export::csv_export(csv_export&&) noexcept = default;
csv_export& csv_export::operator=(csv_export&&) noexcept = default;

bool csv_export::next(csv_row& row) {
  auto& s = *state_;
  std::string_view line;
  for (;;) {
    const auto got = s.next_line(line);
    if (got == state::piece::end || s.error) return false;
    const char* wrong = "longer than 65536 bytes";
    if (got == state::piece::line) {
      split(line, s.fields);
      wrong = s.take_row(row);
    }
    if (!wrong) {
      ++s.rows;
      return true;
    }
    ++s.rejected;
    if (s.rejects.size() < rejects_kept) s.rejects.push_back({s.line, wrong});
  }
}

bool csv_export::by_price() const { return state_->at.by_price; }
const std::optional<read_error>& csv_export::error() const { return state_->error; }
std::uint64_t csv_export::rows() const { return state_->rows; }
std::uint64_t csv_export::rejected() const { return state_->rejected; }
const std::vector<csv_reject>& csv_export::rejects() const { return state_->rejects; }

}  // namespace isobar::wire::dbn
