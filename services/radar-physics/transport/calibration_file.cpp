#include "radar-physics/transport/calibration_file.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>

namespace isobar::radar_physics {
namespace {

constexpr std::size_t id_bytes_max = 256;
constexpr std::size_t file_bytes_max = 1u << 20;

std::unexpected<failure<calibration_errc>> bad(std::string evidence) {
  return fail(calibration_errc::bad_value, std::move(evidence));
}

bool good_id(std::string_view id) {
  if (id.empty() || id.size() > id_bytes_max) return false;
  for (const char c : id)
    if (c <= ' ' || c > '~' || c == '"' || c == '\\') return false;
  return true;
}

result<double, calibration_errc> read_number(const simdjson::dom::object& from, const std::string& field,
                                             std::string_view key) {
  double v = 0;
  if (from[key].get(v) != simdjson::SUCCESS) return bad(field + "." + std::string(key) + ": absent or not a number");
  if (!std::isfinite(v)) return bad(field + "." + std::string(key) + ": not finite");
  return v;
}

result<calibration_table::bounds, calibration_errc> read_bounds(const simdjson::dom::object& all, metric m) {
  const std::string field = "metrics." + std::string(to_string(m));
  simdjson::dom::object o;
  if (all[to_string(m)].get(o) != simdjson::SUCCESS) return bad(field + ": absent or not an object");
  const auto low = read_number(o, field, "q05");
  if (!low) return std::unexpected(low.error());
  const auto high = read_number(o, field, "q95");
  if (!high) return std::unexpected(high.error());
  if (*high <= *low) return bad(field + ".q95: not above q05");
  return calibration_table::bounds{*low, *high};
}

}  // namespace

result<calibration_table, calibration_errc> parse_calibration(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object top, all;
  const simdjson::padded_string padded(json);
  if (const auto error = parser.parse(padded).get(top); error != simdjson::SUCCESS)
    return fail(calibration_errc::malformed, std::string("not a JSON object: ") + simdjson::error_message(error));
  calibration_table out;
  std::string_view id;
  if (top["id"].get(id) != simdjson::SUCCESS) return bad("id: absent or not text");
  if (!good_id(id)) return bad("id: empty, too long or with characters that an id has not");
  out.id = id;
  if (top["metrics"].get(all) != simdjson::SUCCESS) return bad("metrics: absent or not an object");
  for (std::size_t i = 0; i < metrics; ++i) {
    const auto read = read_bounds(all, static_cast<metric>(i));
    if (!read) return std::unexpected(read.error());
    out.bound[i] = *read;
  }
  if (all.size() != metrics)
    return bad("metrics: " + std::to_string(all.size()) + " of them, there are " + std::to_string(metrics));
  return out;
}

result<std::optional<date>, calibration_errc> parse_last_session(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object top;
  simdjson::dom::array all;
  const simdjson::padded_string padded(json);
  if (const auto error = parser.parse(padded).get(top); error != simdjson::SUCCESS)
    return fail(calibration_errc::malformed, std::string("not a JSON object: ") + simdjson::error_message(error));
  const auto found = top["sessions"].get(all);
  if (found == simdjson::NO_SUCH_FIELD) return std::optional<date>();
  if (found != simdjson::SUCCESS) return bad("sessions: not a list");
  std::optional<date> last;
  for (const auto item : all) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return bad("sessions: not all are text");
    const auto day = parse_iso_date(text);
    if (!day) return bad("sessions: \"" + std::string(text) + "\" is not a date");
    if (!last || *last < *day) last = day;
  }
  return last;
}

result<stored_calibration, calibration_errc> read_calibration_file(const std::filesystem::path& file) {
  std::error_code absent;
  const auto size = std::filesystem::file_size(file, absent);
  if (absent) return fail(calibration_errc::unreadable, file.string() + ": " + absent.message());
  if (size > file_bytes_max) return fail(calibration_errc::malformed, file.string() + ": larger than a megabyte");
  auto loaded = simdjson::padded_string::load(file.string());
  if (loaded.error()) return fail(calibration_errc::unreadable, file.string() + ": cannot be read");
  const std::string_view json(loaded.value());
  const auto table = parse_calibration(json);
  if (!table) return fail(table.error().code, file.string() + ": " + table.error().evidence);
  const auto last = parse_last_session(json);
  if (!last) return fail(last.error().code, file.string() + ": " + last.error().evidence);
  return stored_calibration{*table, *last};
}

std::string format_calibration(const calibration_table& table, const std::vector<std::string>& sessions) {
  std::string list;
  for (const std::string& s : sessions) list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", s);
  std::string out = fmt::format("{{\n  \"id\": \"{}\",\n  \"sessions\": [{}],\n  \"metrics\": {{", table.id, list);
  for (std::size_t i = 0; i < metrics; ++i) {
    const auto& b = table.bound[i];
    out += fmt::format("{}\n    \"{}\": {{\"q05\": {}, \"q95\": {}}}", i == 0 ? "" : ",",
                       to_string(static_cast<metric>(i)), b.q05, b.q95);
  }
  return out + "\n  }\n}\n";
}

}  // namespace isobar::radar_physics
