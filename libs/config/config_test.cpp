#include "config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace isobar::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct options {
  std::string bus = "local";
  std::int64_t window_ms = 200;
  double rate = 0.05;
  bool json = false;
  std::vector<std::string> widths{"5", "10"};
  std::vector<symbol> symbols;
  std::string scale = "spec";
  std::string api_key;
  std::vector<std::string> words;
};

class Config : public ::testing::Test {
 protected:
  Config() { declare(schema_, now_); }

  static void declare(schema& s, options& o) {
    s.option("bus", o.bus, "Where the bus is");
    s.option("heatmap-builder.window-ms", o.window_ms, "Window in milliseconds", 50, 1000);
    s.option("heatmap-builder.rate", o.rate, "Rate a year", -1.0, 1.0);
    s.option("log-json", o.json, "Log JSON lines");
    s.option("heatmap-builder.widths", o.widths, "Widths in points");
    s.option("symbols", o.symbols, "Symbols to work on");
    s.choice("colorizer.scale", o.scale, {"spec", "safe"}, "Colour scale");
    s.secret("chain-ingest.api-key", o.api_key, "Vendor key");
  }

  std::string run(std::vector<const char*> arguments, std::vector<const char*> environment = {}) {
    arguments.insert(arguments.begin(), "isobar");
    environment.push_back(nullptr);
    const auto done = schema_.parse(static_cast<int>(arguments.size()), arguments.data(), environment.data());
    if (done) return "ok";
    code_ = done.error().code;
    return done.error().evidence;
  }

  std::string file(const std::string& text, const std::string& name = "c.toml") {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    const auto dir = std::filesystem::path(::testing::TempDir()) / "isobar_config" / test->name();
    std::filesystem::create_directories(dir);
    std::ofstream(dir / name) << text;
    return (dir / name).string();
  }

  schema schema_{"isobar", "A test", "1.2.3"};
  options now_;
  errc code_ = errc::help;
};

TEST_F(Config, KeepsDefaultsWhenNothingIsGiven) {
  EXPECT_EQ(run({}), "ok");
  EXPECT_EQ(now_.window_ms, 200);
  EXPECT_EQ(now_.widths, (std::vector<std::string>{"5", "10"}));
}

TEST_F(Config, FlagWinsOverEnvironmentOverFileOverDefault) {
  const auto path = file("bus = \"file\"\nlog-json = true\n[heatmap-builder]\nwindow-ms = 300\nrate = -0.5\n");
  EXPECT_EQ(run({"--config", path.c_str(), "--heatmap-builder.window-ms", "500"},
                {"ISOBAR_HEATMAP_BUILDER_WINDOW_MS=400", "ISOBAR_BUS=env", "HOME=/"}),
            "ok");
  EXPECT_EQ(now_.window_ms, 500);
  EXPECT_EQ(now_.bus, "env");
  EXPECT_EQ(now_.rate, -0.5);
  EXPECT_TRUE(now_.json);
  EXPECT_EQ(now_.scale, "spec");
}

TEST_F(Config, ReadsTheFileNamedByTheEnvironment) {
  const auto path = "ISOBAR_CONFIG=" + file("symbols = [\"SPX\", \"ES\"]\n");
  EXPECT_EQ(run({}, {path.c_str()}), "ok");
  ASSERT_EQ(now_.symbols.size(), 2u);
  EXPECT_EQ(now_.symbols[1].str(), "ES");
}

TEST_F(Config, ReadsListsSwitchesAndTheLastOfARepeatedFlag) {
  EXPECT_EQ(run({"--symbols=SPX,ES", "--heatmap-builder.widths", "1, 2", "--log-json", "--bus=a", "--bus", "b"}), "ok");
  EXPECT_EQ(now_.symbols.size(), 2u);
  EXPECT_EQ(now_.widths, (std::vector<std::string>{"1", "2"}));
  EXPECT_TRUE(now_.json);
  EXPECT_EQ(now_.bus, "b");
  EXPECT_EQ(run({"--log-json=false"}), "ok");
  EXPECT_FALSE(now_.json);
}

TEST_F(Config, AcceptsNegativeNumbersAsValues) {
  EXPECT_EQ(run({"--heatmap-builder.rate", "-0.25"}), "ok");
  EXPECT_EQ(now_.rate, -0.25);
}

TEST_F(Config, RefusesAnUnknownKeyNamingFileLineAndNeighbour) {
  const auto path = file("bus = \"x\"\n\n[heatmap-builder]\nwindos-ms = 300\n");
  EXPECT_EQ(run({"--config", path.c_str()}),
            path + ":4: unknown key heatmap-builder.windos-ms (did you mean heatmap-builder.window-ms?)");
  EXPECT_EQ(code_, errc::usage);
}

TEST_F(Config, RefusesAnUnknownFlagAndVariableNamingTheNeighbour) {
  EXPECT_EQ(run({"--simbols", "SPX"}), "unknown flag --simbols (did you mean symbols?)");
  EXPECT_EQ(run({}, {"ISOBAR_SYMBOL=SPX"}),
            "unknown environment variable ISOBAR_SYMBOL (did you mean ISOBAR_SYMBOLS?)");
  EXPECT_EQ(run({}, {"ISOBAR_SHARED=/x"}), "ok");
  schema_.ignore_environment("ISOBAR_SYMBOL");
  EXPECT_EQ(run({}, {"ISOBAR_SYMBOL=SPX"}), "ok");
}

TEST_F(Config, NamesKeyValueBoundsAndOriginOfABadValue) {
  EXPECT_EQ(run({"--heatmap-builder.window-ms=5"}),
            "heatmap-builder.window-ms: 5 is outside 50..1000 (from flag --heatmap-builder.window-ms)");
  EXPECT_EQ(run({}, {"ISOBAR_HEATMAP_BUILDER_WINDOW_MS=2000"}),
            "heatmap-builder.window-ms: 2000 is outside 50..1000 (from environment ISOBAR_HEATMAP_BUILDER_WINDOW_MS)");
  const auto path = file("[heatmap-builder]\nwindow-ms = \"200\"\n");
  EXPECT_EQ(run({"--config", path.c_str()}),
            "heatmap-builder.window-ms: \"200\" must stand without quotes (from " + path + ":2)");
  EXPECT_EQ(run({"--colorizer.scale", "red"}),
            "colorizer.scale: red is none of spec, safe (from flag --colorizer.scale)");
  EXPECT_EQ(now_.window_ms, 200) << "a refused configuration changes no target";
}

TEST_F(Config, NamesAMissingOrBrokenFile) {
  EXPECT_EQ(run({"--config", "/nowhere/c.toml"}), "cannot read the configuration file /nowhere/c.toml");
  EXPECT_EQ(code_, errc::unreadable);
  EXPECT_THAT(run({"--config", "/tmp"}), HasSubstr("cannot read"));
  const auto path = file("bus = local\n");
  EXPECT_EQ(run({"--config", path.c_str()}), "bus: local is not quoted (from " + path + ":1)");
  const auto broken = file("bus = \"local\n");
  EXPECT_EQ(run({"--config", broken.c_str()}), broken + ":1: string without its closing quote");
}

TEST_F(Config, RefusesAFlagWithoutItsValueAndAStrayWord) {
  EXPECT_THAT(run({"--bus"}), HasSubstr("--bus"));
  EXPECT_EQ(code_, errc::usage);
  EXPECT_EQ(run({"stray"}), "unexpected word stray");
}

TEST_F(Config, HandsPositionalsOver) {
  schema_.positionals("COMMAND", now_.words, "what to do");
  EXPECT_EQ(run({"query", "--bus", "b", "tile"}), "ok");
  EXPECT_EQ(now_.words, (std::vector<std::string>{"query", "tile"}));
  EXPECT_THAT(run({"query", "--tile"}), HasSubstr("unknown flag --tile"));
}

TEST_F(Config, ShowsNoCredentialsOfAUrl) {
  EXPECT_EQ(run({"--bus", "nats://me:hun@ter2@host:4222,tls://token@other/a@b"}), "ok");
  EXPECT_THAT(schema_.print(), HasSubstr("bus = \"nats://<redacted>@host:4222,tls://<redacted>@other/a@b\""));
  EXPECT_EQ(run({"--bus", "nats://host:4222"}), "ok");
  EXPECT_THAT(schema_.print(), HasSubstr("bus = \"nats://host:4222\""));
}

TEST_F(Config, TakesSecretsOnlyFromEnvironmentOrFile) {
  EXPECT_EQ(run({}, {"ISOBAR_CHAIN_INGEST_API_KEY=s3cret"}), "ok");
  EXPECT_EQ(now_.api_key, "s3cret");
  EXPECT_THAT(schema_.print(), Not(HasSubstr("s3cret")));
  EXPECT_THAT(schema_.print(), HasSubstr("\"<redacted>\""));

  const auto by_file = "ISOBAR_CHAIN_INGEST_API_KEY_FILE=" + file("from-file\n", "key");
  EXPECT_EQ(run({}, {by_file.c_str()}), "ok");
  EXPECT_EQ(now_.api_key, "from-file");
  EXPECT_THAT(run({}, {by_file.c_str(), "ISOBAR_CHAIN_INGEST_API_KEY=x"}), HasSubstr("both"));
  EXPECT_EQ(run({}, {"ISOBAR_CHAIN_INGEST_API_KEY_FILE=/nowhere"}),
            "chain-ingest.api-key: cannot read the file /nowhere (from ISOBAR_CHAIN_INGEST_API_KEY_FILE)");

  const auto flag = run({"--chain-ingest.api-key=s3cret"});
  EXPECT_THAT(flag, HasSubstr("is a secret"));
  EXPECT_THAT(flag, Not(HasSubstr("s3cret")));
  const auto path = file("[chain-ingest]\napi-key = \"s3cret\"\n");
  const auto key = run({"--config", path.c_str()});
  EXPECT_THAT(key, HasSubstr(":2: chain-ingest.api-key is a secret"));
  EXPECT_THAT(key, Not(HasSubstr("s3cret")));
}

TEST_F(Config, PrintsAFileThatConfigAccepts) {
  const auto text = run({"--print-config", "--symbols", "SPX,ES", "--heatmap-builder.rate=0.125"},
                        {"ISOBAR_BUS=a\"b\\c", "ISOBAR_CHAIN_INGEST_API_KEY=s3cret"});
  EXPECT_EQ(code_, errc::printed);
  EXPECT_THAT(text, HasSubstr("environment ISOBAR_BUS"));
  EXPECT_THAT(text, HasSubstr("flag --symbols"));
  EXPECT_THAT(text, HasSubstr("default"));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));

  schema again("isobar", "A test", "1.2.3");
  options read;
  declare(again, read);
  const auto path = file(text);
  const char* arguments[] = {"isobar", "--config", path.c_str()};
  const auto done = again.parse(3, arguments, nullptr);
  ASSERT_TRUE(done) << done.error().evidence;
  EXPECT_EQ(read.bus, "a\"b\\c");
  EXPECT_EQ(read.rate, 0.125);
  EXPECT_EQ(read.symbols, now_.symbols);
  EXPECT_EQ(read.widths, now_.widths);
}

TEST_F(Config, GivesHelpAndVersion) {
  const auto help = run({"--help"});
  EXPECT_EQ(code_, errc::help);
  for (const auto* part : {"--heatmap-builder.window-ms", "50..1000", "Window in milliseconds", "200", "spec|safe",
                           "ISOBAR_CHAIN_INGEST_API_KEY_FILE", "--print-config"}) {
    EXPECT_THAT(help, HasSubstr(part));
  }
  EXPECT_EQ(run({"--version"}), "isobar 1.2.3\n");
}

TEST_F(Config, GivesTheValueToEveryTargetOfAName) {
  std::int64_t other = 999;
  schema_.option("heatmap-builder.window-ms", other, "ignored", 50, 1000);
  EXPECT_EQ(run({}), "ok");
  EXPECT_EQ(other, 200);
  EXPECT_EQ(run({"--heatmap-builder.window-ms", "70"}), "ok");
  EXPECT_EQ(other, 70);
  EXPECT_EQ(now_.window_ms, 70);
}

}  // namespace
}  // namespace isobar::config
