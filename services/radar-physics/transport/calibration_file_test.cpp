#include "radar-physics/transport/calibration_file.hpp"

#include <gtest/gtest.h>

#include "testing/temp_dir.hpp"

namespace isobar::radar_physics {
namespace {

calibration_table table() {
  calibration_table t = bootstrap_calibration();
  t.id = "sessions/2023-12-25..2023-12-29/5/0f3a";
  t.bound[0] = {-1.7917594692280550, 1.6094379124341003};
  t.bound[5] = {0, 1e-300};
  return t;
}

/// `from` replaced by `to` once in the good file, and what the reader says to it.
std::string why(const std::string& from, const std::string& to) {
  std::string json = format_calibration(table(), {"2023-12-25"});
  const auto at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  json.replace(at, from.size(), to);
  const auto read = parse_calibration(json);
  return read ? "" : read.error().evidence;
}

TEST(CalibrationFile, ReadsBackWhatItWrote) {
  const auto read = parse_calibration(format_calibration(table(), {"2023-12-25", "2023-12-29"}));
  ASSERT_TRUE(read) << read.error().evidence;
  EXPECT_EQ(*read, table());
}

TEST(CalibrationFile, ErrorsNameTheField) {
  EXPECT_EQ(why("\"id\"", "\"name\""), "id: absent or not text");
  EXPECT_EQ(why("sessions/", "a b/"), "id: empty, too long or with characters that an id has not");
  EXPECT_EQ(why("\"metrics\"", "\"other\""), "metrics: absent or not an object");
  EXPECT_EQ(why("\"gex_abs\"", "\"gex\""), "metrics.gex_abs: absent or not an object");
  EXPECT_EQ(why("-1.791759469228055", "2"), "metrics.pull_add_log.q95: not above q05");
  EXPECT_EQ(why("-1.791759469228055", "\"x\""), "metrics.pull_add_log.q05: absent or not a number");
  EXPECT_EQ(why("-1.791759469228055", "1.6094379124341003"), "metrics.pull_add_log.q95: not above q05");
  EXPECT_EQ(why("{\"q05\": -1.791759469228055,", "{"), "metrics.pull_add_log.q05: absent or not a number");
  EXPECT_EQ(why("\"metrics\": {", "\"metrics\": {\"x\": {\"q05\": 0, \"q95\": 1},"), "metrics: 8 of them, there are 7");
  EXPECT_EQ(parse_calibration("[]").error().code, calibration_errc::malformed);
  EXPECT_EQ(parse_calibration("{\"id\": 1e").error().code, calibration_errc::malformed);
  EXPECT_EQ(parse_calibration("").error().code, calibration_errc::malformed);
  // Larger than a double: simdjson refuses it, or it is not finite.
  EXPECT_NE(why("-1.791759469228055", "-1e999"), "");
}

TEST(CalibrationFile, TheLastSessionIsRead) {
  EXPECT_EQ(*parse_last_session(format_calibration(table(), {"2023-12-29", "2023-12-25"})), make_date(2023, 12, 29));
  EXPECT_EQ(*parse_last_session(format_calibration(table(), {})), std::nullopt);
  EXPECT_EQ(*parse_last_session("{}"), std::nullopt);
  EXPECT_EQ(parse_last_session(format_calibration(table(), {"x"})).error().evidence, "sessions: \"x\" is not a date");
  EXPECT_EQ(parse_last_session("{\"sessions\": 1}").error().evidence, "sessions: not a list");
}

TEST(CalibrationFile, TheFileIsNamedToo) {
  testing::temp_dir dir;
  const auto good = dir.write("es.json", format_calibration(table(), {}));
  ASSERT_TRUE(read_calibration_file(good));
  const auto bad = dir.write("bad.json", "{}");
  EXPECT_EQ(read_calibration_file(bad).error().evidence, bad.string() + ": id: absent or not text");
  EXPECT_EQ(read_calibration_file(dir / "none.json").error().code, calibration_errc::unreadable);
}

}  // namespace
}  // namespace isobar::radar_physics
