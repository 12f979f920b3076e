#include "wire/minute_quotes.hpp"

#include <zip.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "core/decimal.hpp"
#include "market/root.hpp"
#include "wire/csv_reader.hpp"

namespace isobar::wire {
namespace {

constexpr std::int64_t strike_scale = 10'000;
constexpr duration_ns bar_width = seconds(60);

enum class file_kind { quote, trade, open_interest };
enum class zone { utc, new_york, chicago };

/// What an entry's name says.
struct entry_name {
  date day;
  market::root_spec root;
  file_kind kind = file_kind::quote;
  std::optional<market::option_id> option;
  std::string contract_month;
  zone times = zone::utc;
};

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (std::size_t at; (at = text.find(by)) != std::string_view::npos; text.remove_prefix(at + 1)) {
    parts.push_back(text.substr(0, at));
  }
  parts.push_back(text);
  return parts;
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<date> day_of(std::string_view text) {
  const auto value = text.size() == 8 ? integer(text) : std::nullopt;
  return value ? from_yyyymmdd(static_cast<std::int32_t>(*value)) : std::nullopt;
}

vendor_result<entry_name> parse_name(std::string_view path, std::string_view archive) {
  std::string_view stem = path.substr(path.find_last_of('/') + 1);
  const auto refuse = [&](std::string_view why) {
    return fail(vendor_errc::bad_value, std::string(archive) + "/" + std::string(path) + ": " + std::string(why));
  };
  if (!stem.ends_with(".csv")) return refuse("name does not end in .csv");
  stem.remove_suffix(4);
  const auto parts = split(stem, '_');
  if (parts.size() < 4 || parts.size() > 8 || parts[2] != "minute") return refuse("not a minute file's name");

  entry_name out;
  const auto day = day_of(parts[0]);
  if (!day) return refuse("no date in the name");
  out.day = *day;
  std::string root(parts[1]);
  for (char& c : root) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  const auto spec = market::find_root(root);
  if (!spec) return refuse("unknown root " + root);
  out.root = *spec;

  if (parts[3] == "quote") {
    out.kind = file_kind::quote;
  } else if (parts[3] == "trade") {
    out.kind = file_kind::trade;
  } else if (parts[3] == "openinterest") {
    out.kind = file_kind::open_interest;
  } else {
    return refuse("kind is none of quote, trade, openinterest");
  }

  const bool is_future = root == "ES";
  if (parts.size() == 8) {
    const auto strike_value = integer(parts[6]);
    const auto expiry = day_of(parts[7]);
    if (!strike_value || *strike_value == 0 || *strike_value > INT64_MAX / nanos_per_unit) return refuse("bad strike");
    if (!expiry) return refuse("bad expiry");
    if (parts[5] != "call" && parts[5] != "put") return refuse("right is neither call nor put");
    out.option = market::option_id{root, *expiry, parts[5] == "call" ? market::right::call : market::right::put,
                                   isobar::strike(*strike_value * (nanos_per_unit / strike_scale))};
    out.times = is_future ? zone::utc : zone::new_york;
  } else if (parts.size() <= 5) {
    if (parts.size() == 5) out.contract_month = parts[4];
    out.times = is_future ? zone::utc : zone::chicago;
  } else {
    return refuse("wrong number of words in the name");
  }
  return out;
}

timestamp instant(const entry_name& entry, std::int64_t ms) {
  switch (entry.times) {
    case zone::utc:
      return utc_midnight(entry.day) + milliseconds(ms);
    case zone::new_york:
      return market::new_york_time(entry.day, milliseconds(ms));
    case zone::chicago:
      return market::chicago_time(entry.day, milliseconds(ms));
  }
  return start_of_time;
}

price scaled(std::string_view text, std::int64_t scale, market::raw_counts& counts) {
  const price p = read_price(text, counts);
  return p == market::no_price ? p : price(p.value / scale);
}

/// Parses the lines of one entry into `out`.
class entry_parser {
 public:
  entry_parser(const entry_name& entry, std::string label, minute_archive& out)
      : entry_(entry), label_(std::move(label)), out_(out) {
    scale_ = entry.option ? entry.root.minute_quote_scale : 1;
  }

  vendor_result<void> parse(std::string_view bytes) {
    if (auto ok = check_utf8(bytes, label_); !ok) return ok;
    csv_reader reader(bytes);
    std::vector<std::string_view> fields;
    constexpr std::array<std::size_t, 3> columns{11, 6, 2};
    const std::size_t wanted = columns[static_cast<std::size_t>(entry_.kind)];
    std::int64_t last_ms = -1;
    for (auto status = reader.next(fields); status != csv_reader::status::end; status = reader.next(fields)) {
      if (status != csv_reader::status::record)
        return refuse(vendor_errc::too_long, reader, "line too long or broken quote");
      if (fields.size() != wanted) {
        return refuse(vendor_errc::wrong_columns, reader,
                      std::to_string(fields.size()) + " columns, want " + std::to_string(wanted));
      }
      const auto ms = integer(fields[0]);
      if (!ms || *ms >= 86'400'000) return refuse(vendor_errc::bad_value, reader, "bad time of day");
      ++out_.counts.rows;
      if (*ms <= last_ms) ++out_.out_of_order;
      last_ms = *ms;
      row(fields, *ms, reader.line());
    }
    return {};
  }

 private:
  vendor_result<void> refuse(vendor_errc code, const csv_reader& reader, std::string_view why) const {
    return fail(code, at_line(label_, reader.line()) + ": " + std::string(why));
  }

  void row(const std::vector<std::string_view>& f, std::int64_t ms, std::size_t line) {
    switch (entry_.kind) {
      case file_kind::quote:
        return quote(f, instant(entry_, ms) + bar_width, line);
      case file_kind::trade:
        return trade(f, instant(entry_, ms) + bar_width, line);
      case file_kind::open_interest:
        if (entry_.option) {
          out_.open_interest.push_back({*entry_.option, instant(entry_, ms), read_quantity(f[1], out_.counts)});
        }
    }
  }

  void quote(const std::vector<std::string_view>& f, timestamp at, std::size_t line) {
    market::contract_state s;
    s.bid = scaled(f[4], scale_, out_.counts);
    s.ask = scaled(f[9], scale_, out_.counts);
    s.bid_size = size(f[5]);
    s.ask_size = size(f[10]);
    count_quote(s, out_.counts);
    if (!entry_.option) {
      if (s.two_sided()) out_.underlying.push_back({entry_.contract_month, at, mid_of(s)});
      return;
    }
    market::option_event e;
    e.id = *entry_.option;
    e.kind = market::option_event::kind::quote;
    e.ts_event = at;
    e.sequence = line;
    e.bid = s.bid;
    e.ask = s.ask;
    e.bid_size = s.bid_size;
    e.ask_size = s.ask_size;
    out_.events.push_back(std::move(e));
  }

  void trade(const std::vector<std::string_view>& f, timestamp at, std::size_t line) {
    const price close = scaled(f[4], scale_, out_.counts);
    if (!entry_.option) {
      if (close != market::no_price) out_.underlying.push_back({entry_.contract_month, at, close});
      return;
    }
    market::option_event e;
    e.id = *entry_.option;
    e.kind = market::option_event::kind::trade;
    e.ts_event = at;
    e.sequence = line;
    e.last = close;
    e.size = size(f[5]);
    out_.events.push_back(std::move(e));
  }

  quantity size(std::string_view text) {
    const quantity q = read_quantity(text, out_.counts);
    return q == market::no_quantity ? quantity(0) : q;
  }

  const entry_name& entry_;
  std::string label_;
  minute_archive& out_;
  std::int64_t scale_ = 1;
};

struct zip_closer {
  void operator()(zip_t* z) const { zip_discard(z); }
};
struct zip_file_closer {
  void operator()(zip_file_t* f) const { zip_fclose(f); }
};

vendor_result<std::string> read_entry(zip_t* zip, zip_uint64_t index, std::uint64_t size, const std::string& label) {
  const std::unique_ptr<zip_file_t, zip_file_closer> file(zip_fopen_index(zip, index, 0));
  if (!file) return fail(vendor_errc::bad_archive, label + ": " + zip_strerror(zip));
  std::string bytes(size, '\0');
  std::uint64_t got = 0;
  while (got < size) {
    const zip_int64_t n = zip_fread(file.get(), bytes.data() + got, size - got);
    if (n <= 0) return fail(vendor_errc::bad_archive, label + ": " + zip_file_strerror(file.get()));
    got += static_cast<std::uint64_t>(n);
  }
  char beyond = 0;  // reading to the end makes the library verify the checksum
  if (zip_fread(file.get(), &beyond, 1) != 0) return fail(vendor_errc::bad_archive, label + ": damaged");
  return bytes;
}

bool earlier(const market::option_event& a, const market::option_event& b) {
  if (a.ts_event != b.ts_event) return a.ts_event < b.ts_event;
  if (a.id != b.id) return a.id < b.id;
  if (a.kind != b.kind) return a.kind < b.kind;
  return a.sequence < b.sequence;
}

void order(minute_archive& out) {
  std::sort(out.contracts.begin(), out.contracts.end());
  out.contracts.erase(std::unique(out.contracts.begin(), out.contracts.end()), out.contracts.end());
  // Events were appended contract by contract in ascending order of contract.
  std::stable_sort(out.events.begin(), out.events.end(),
                   [](const auto& a, const auto& b) { return a.ts_event < b.ts_event; });
  std::stable_sort(out.open_interest.begin(), out.open_interest.end(),
                   [](const auto& a, const auto& b) { return a.id < b.id; });
  std::stable_sort(out.underlying.begin(), out.underlying.end(), [](const auto& a, const auto& b) {
    return a.ts_event != b.ts_event ? a.ts_event < b.ts_event : a.contract < b.contract;
  });
}

struct archive_entry {
  zip_uint64_t index;
  std::uint64_t size;
  std::string name;
  entry_name says;
};

vendor_result<std::vector<archive_entry>> list_entries(zip_t* zip, const std::string& label,
                                                       const minute_limits& limits) {
  const zip_int64_t count = zip_get_num_entries(zip, 0);
  if (count < 0 || static_cast<std::size_t>(count) > limits.entries) {
    return fail(vendor_errc::bad_archive,
                label + ": " + std::to_string(count) + " entries, limit " + std::to_string(limits.entries));
  }
  std::vector<archive_entry> entries;
  std::size_t total = 0;
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    zip_stat_t stat;
    if (zip_stat_index(zip, i, 0, &stat) != 0 || !(stat.valid & ZIP_STAT_NAME) || !(stat.valid & ZIP_STAT_SIZE)) {
      return fail(vendor_errc::bad_archive, label + ": entry without name or size");
    }
    total += stat.size;
    if (stat.size > limits.entry_bytes || total > limits.total_bytes) {
      return fail(vendor_errc::bad_archive, label + "/" + stat.name + ": larger than the limit when unpacked");
    }
    auto says = parse_name(stat.name, label);
    if (!says) return std::unexpected(says.error());
    entries.push_back({i, stat.size, stat.name, std::move(*says)});
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.says.option < b.says.option; });
  return entries;
}

}  // namespace

vendor_result<minute_archive> parse_minute_archive(std::string_view zip_bytes, std::string_view name,
                                                   minute_limits limits) {
  const std::string label(name);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(zip_bytes.data(), zip_bytes.size(), 0, &error);
  const std::unique_ptr<zip_t, zip_closer> zip(source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr);
  if (!zip) {
    if (source) zip_source_free(source);
    std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    return fail(vendor_errc::bad_archive, label + ": " + why);
  }

  auto entries = list_entries(zip.get(), label, limits);
  if (!entries) return std::unexpected(entries.error());
  if (entries->empty()) return fail(vendor_errc::empty, label + ": no entries");
  minute_archive out;
  out.symbol = entries->front().says.root.symbol;
  for (const archive_entry& entry : *entries) {
    const std::string entry_label = label + "/" + entry.name;
    if (entry.says.root.symbol != out.symbol) {
      return fail(vendor_errc::disagrees, entry_label + ": symbol differs from " + out.symbol);
    }
    auto bytes = read_entry(zip.get(), entry.index, entry.size, entry_label);
    if (!bytes) return std::unexpected(bytes.error());
    if (entry.says.option) out.contracts.push_back(*entry.says.option);
    if (auto ok = entry_parser(entry.says, entry_label, out).parse(*bytes); !ok) return std::unexpected(ok.error());
  }
  order(out);
  return out;
}

vendor_result<minute_archive> read_minute_archive(const std::string& path, minute_limits limits) {
  auto bytes = read_file(path, limits.total_bytes);
  if (!bytes) return std::unexpected(bytes.error());
  return parse_minute_archive(*bytes, std::filesystem::path(path).filename().string(), limits);
}

vendor_result<std::vector<market::option_event>> read_minute_quotes(const std::vector<std::string>& paths,
                                                                    minute_limits limits) {
  std::vector<market::option_event> all;
  for (const std::string& path : paths) {
    auto archive = read_minute_archive(path, limits);
    if (!archive) return std::unexpected(archive.error());
    all.insert(all.end(), std::make_move_iterator(archive->events.begin()),
               std::make_move_iterator(archive->events.end()));
  }
  std::stable_sort(all.begin(), all.end(), earlier);
  return all;
}

}  // namespace isobar::wire
