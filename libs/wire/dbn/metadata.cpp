#include "wire/dbn/metadata.hpp"

#include <algorithm>
#include <cstring>

namespace isobar::wire::dbn {
namespace {

constexpr std::size_t dataset_bytes = 16;
constexpr std::size_t fixed_bytes = 100;  // behind the prefix, before the schema of custom fields
constexpr std::uint16_t symbol_bytes_v1 = 22;
constexpr std::uint16_t symbol_bytes_max = 1024;
/// Names and mapping intervals of one file, in all: 20 MiB of memory. The vendor's option chains have some ten
/// thousand.
constexpr std::size_t entries_max = 300'000;

std::unexpected<failure<errc>> refuse(std::string why) { return fail(errc::metadata, std::move(why)); }

/// Takes fields off the front; past the end it gives zeros and remembers.
class field_reader {
 public:
  explicit field_reader(std::string_view bytes) : rest_(bytes) {}
  bool good() const { return good_; }
  std::size_t left() const { return rest_.size(); }

  std::string_view take(std::size_t n) {
    if (n > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  template <class Int>
  Int integer() {
    Int v{};
    const auto bytes = take(sizeof v);
    bytes.copy(reinterpret_cast<char*>(&v), bytes.size());
    return v;
  }
  std::string text(std::size_t n) {
    const auto field = take(n);
    return std::string(field.substr(0, field.find('\0')));
  }
  /// A count of things of at least `each` bytes: more than could be there is no count.
  std::size_t count(std::size_t each) {
    const auto n = integer<std::uint32_t>();
    if (n > rest_.size() / each) good_ = false;
    if (good_ && n > entries_left_) {
      crowded_ = true;
      good_ = false;
    }
    if (good_) entries_left_ -= n;
    return good_ ? n : 0;
  }
  /// The lists hold more than entries_max things in all.
  bool crowded() const { return crowded_; }

 private:
  std::string_view rest_;
  std::size_t entries_left_ = entries_max;
  bool good_ = true, crowded_ = false;
};

std::vector<std::string> take_texts(field_reader& in, std::size_t width) {
  std::vector<std::string> out(in.count(width));
  for (auto& t : out) t = in.text(width);
  return out;
}

/// A day of the years 1 to 9999.
std::optional<date> take_date(field_reader& in) {
  const auto value = in.integer<std::uint32_t>();
  return value <= 9999'12'31 ? from_yyyymmdd(static_cast<std::int32_t>(value)) : std::nullopt;
}

/// False when a date is no day.
bool take_mapping(field_reader& in, std::size_t width, symbol_mapping& out) {
  out.symbol = in.text(width);
  out.intervals.resize(in.count(2 * sizeof(std::uint32_t) + width));
  for (auto& interval : out.intervals) {
    const auto start = take_date(in);
    const auto end = take_date(in);
    if (!start || !end) return false;
    interval = {*start, *end, in.text(width)};
  }
  return true;
}

/// Appends fields; remembers a text that does not fit.
class field_writer {
 public:
  std::string bytes;
  std::string misfit;

  template <class Int>
  void integer(Int v) {
    bytes.append(reinterpret_cast<const char*>(&v), sizeof v);
  }
  void text(const std::string& t, std::size_t width) {
    const bool plain = std::all_of(t.begin(), t.end(), [](char c) { return c > 0; });
    if (t.size() >= width || !plain) misfit = t;
    bytes.append(t, 0, width);
    bytes.resize(bytes.size() + width - std::min(width, t.size()));
  }
  void texts(const std::vector<std::string>& all, std::size_t width) {
    integer(static_cast<std::uint32_t>(all.size()));
    for (const auto& t : all) text(t, width);
  }
};

}  // namespace

result<metadata, errc> decode_metadata(std::uint8_t version, std::string_view body) {
  if (version == 0 || version > newest_version)
    return fail(errc::version, "DBN version " + std::to_string(version) + "; versions 1 to 3 are read");
  field_reader in(body);
  metadata m;
  m.version = version;
  m.dataset = in.text(dataset_bytes);
  m.schema = static_cast<dbn::schema>(in.integer<std::uint16_t>());
  m.start = in.integer<std::uint64_t>();
  m.end = in.integer<std::uint64_t>();
  m.limit = in.integer<std::uint64_t>();
  if (version == 1) m.record_count_v1 = in.integer<std::uint64_t>();
  m.stype_in = static_cast<symbol_type>(in.integer<std::uint8_t>());
  m.stype_out = static_cast<symbol_type>(in.integer<std::uint8_t>());
  m.ts_out = in.integer<std::uint8_t>() != 0;
  m.symbol_cstr_len = version == 1 ? symbol_bytes_v1 : in.integer<std::uint16_t>();
  in.take(body.size() < fixed_bytes ? fixed_bytes : fixed_bytes - (body.size() - in.left()));
  if (!in.good()) return refuse("metadata of " + std::to_string(body.size()) + " bytes are too short");
  const std::size_t width = m.symbol_cstr_len;
  if (width < 2 || width > symbol_bytes_max) return refuse("symbol fields of " + std::to_string(width) + " bytes");
  if (in.integer<std::uint32_t>() != 0) return refuse("fields of an unknown kind");
  m.symbols = take_texts(in, width);
  m.partial = take_texts(in, width);
  m.not_found = take_texts(in, width);
  m.mappings.resize(in.count(width + sizeof(std::uint32_t)));
  for (auto& mapping : m.mappings)
    if (!take_mapping(in, width, mapping)) return refuse("mapping of " + mapping.symbol + " has a date that is no day");
  if (in.crowded()) return refuse("more than " + std::to_string(entries_max) + " symbols and mapping intervals");
  if (!in.good()) return refuse("lists of symbols pass the end of the metadata");
  return m;
}

result<std::string, errc> encode_metadata(const metadata& m) {
  if (m.version == 0 || m.version > newest_version)
    return fail(errc::version, "DBN version " + std::to_string(m.version) + "; versions 1 to 3 are written");
  field_writer out;
  out.bytes = "DBN";
  out.integer(m.version);
  out.integer(std::uint32_t{0});
  out.text(m.dataset, dataset_bytes);
  out.integer(static_cast<std::uint16_t>(m.schema));
  out.integer(m.start);
  out.integer(m.end);
  out.integer(m.limit);
  if (m.version == 1) out.integer(m.record_count_v1);
  out.integer(static_cast<std::uint8_t>(m.stype_in));
  out.integer(static_cast<std::uint8_t>(m.stype_out));
  out.integer(static_cast<std::uint8_t>(m.ts_out));
  const std::uint16_t width = m.version == 1 ? symbol_bytes_v1 : m.symbol_cstr_len;
  if (m.version > 1) out.integer(width);
  out.bytes.resize(metadata_prefix_bytes + fixed_bytes);
  out.integer(std::uint32_t{0});
  out.texts(m.symbols, width);
  out.texts(m.partial, width);
  out.texts(m.not_found, width);
  out.integer(static_cast<std::uint32_t>(m.mappings.size()));
  for (const auto& mapping : m.mappings) {
    out.text(mapping.symbol, width);
    out.integer(static_cast<std::uint32_t>(mapping.intervals.size()));
    for (const auto& interval : mapping.intervals) {
      out.integer(to_yyyymmdd(interval.start));
      out.integer(to_yyyymmdd(interval.end));
      out.text(interval.symbol, width);
    }
  }
  // Version 3 puts every record on a multiple of eight.
  if (m.version >= 3) out.bytes.resize((out.bytes.size() + 7) / 8 * 8);
  if (!out.misfit.empty()) return refuse("text does not fit its field: " + out.misfit);
  const auto length = static_cast<std::uint32_t>(out.bytes.size() - metadata_prefix_bytes);
  std::memcpy(out.bytes.data() + 4, &length, sizeof length);
  return std::move(out.bytes);
}

}  // namespace isobar::wire::dbn
