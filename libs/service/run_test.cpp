#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "service/exit_codes.hpp"
#include "service/test/http_get.hpp"
#include "testing/eventually.hpp"

extern char** environ;

namespace isobar::service {
namespace {

using clock = std::chrono::steady_clock;
using isobar::testing::eventually;

/// The echo program in a process of its own, with output to a file.
class echo {
 public:
  explicit echo(std::vector<std::string> flags) {
    flags.insert(flags.begin(), ISOBAR_ECHO);
    if (!std::ranges::any_of(flags, [](const std::string& f) { return f.starts_with("--data-dir="); }))
      flags.push_back("--data-dir=" + folder_.string());
    std::filesystem::create_directories(folder_);
    std::vector<char*> argv;
    for (std::string& f : flags) argv.push_back(f.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string errors = (folder_ / "stderr").string();
    posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    EXPECT_EQ(posix_spawn(&pid_, ISOBAR_ECHO, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~echo() {
    if (!code_) kill(pid_, SIGKILL), (void)wait();
    std::filesystem::remove_all(folder_);
  }
  void signal(int s) { kill(pid_, s); }
  /// Exit code, or 1000 + the signal that ended it.
  int wait() {
    int status = 0;
    if (!code_ && waitpid(pid_, &status, 0) == pid_)
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    return code_.value_or(-1);
  }
  bool running() { return kill(pid_, 0) == 0 && !code_; }
  /// Log and error messages.
  std::string errors() const { return text(folder_ / "stderr"); }
  bool wait_for(std::string_view line) {
    return eventually([&] { return errors().find(line) != std::string::npos; });
  }
  bool wait_started() { return wait_for("host started"); }
  /// From here on SIGTERM is the program's to handle.
  bool wait_signals_blocked() {
    return eventually([&] {
      const std::string status = text("/proc/" + std::to_string(pid_) + "/status");
      const auto at = status.find("SigBlk:\t");
      return at != std::string::npos && (std::stoull(status.substr(at + 8, 16), nullptr, 16) >> (SIGTERM - 1) & 1) != 0;
    });
  }
  /// "http_port" of the start line.
  int port(const std::string& which) {
    const std::string all = errors();
    const auto at = all.find(which + "=");
    return at == std::string::npos ? 0 : std::atoi(all.c_str() + at + which.size() + 1);
  }

 private:
  static std::string text(const std::filesystem::path& of) {
    std::ostringstream out;
    out << std::ifstream(of).rdbuf();
    return out.str();
  }
  static inline int made_ = 0;
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                  ("isobar-run-" + std::to_string(getpid()) + "-" + std::to_string(++made_));
  pid_t pid_ = -1;
  std::optional<int> code_;
};

TEST(Run, EndsAtSigtermUnderFiveSecondsTwoHundredTimesOfTwoHundred) {
  clock::duration slowest{};
  for (int i = 0; i < 200; ++i) {
    echo e({"--grpc=127.0.0.1:0", "--http=127.0.0.1:0"});
    // Half of them while still starting, at a different moment each.
    if (i % 2 == 0) {
      ASSERT_TRUE(e.wait_started()) << e.errors();
    } else {
      ASSERT_TRUE(e.wait_signals_blocked()) << e.errors();
    }
    const auto asked = clock::now();
    e.signal(SIGTERM);
    ASSERT_EQ(e.wait(), exit_ok) << "run " << i << ": " << e.errors();
    slowest = std::max(slowest, clock::now() - asked);
  }
  EXPECT_LT(slowest, std::chrono::seconds(5));
  RecordProperty("slowest_ms",
                 static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(slowest).count()));
  std::printf("slowest: %.1f ms\n", std::chrono::duration<double, std::milli>(slowest).count());
}

TEST(Run, WatchdogEndsAStuckDrain) {
  echo e({"--grpc=off", "--http=off", "--echo.stuck-drain", "--drain-ms=300"});
  ASSERT_TRUE(e.wait_started());
  e.signal(SIGINT);
  EXPECT_EQ(e.wait(), exit_watchdog);
  EXPECT_NE(e.errors().find("watchdog"), std::string::npos);
}

TEST(Run, ASecondSignalDoesNotWait) {
  echo e({"--grpc=off", "--http=off", "--echo.stuck-drain", "--drain-ms=600000"});
  ASSERT_TRUE(e.wait_started());
  e.signal(SIGTERM);
  ASSERT_TRUE(e.wait_for("host stops"));
  e.signal(SIGTERM);
  EXPECT_EQ(e.wait(), exit_watchdog);
}

TEST(Run, ReadyzSaysDrainingWhileItDrains) {
  echo e({"--grpc=off", "--http=127.0.0.1:0", "--echo.stuck-drain", "--drain-ms=3000"});
  ASSERT_TRUE(e.wait_started());
  const int port = e.port("http_port");
  EXPECT_EQ(test::status_of(test::http_get(port, "/readyz")), "200");
  e.signal(SIGTERM);
  std::string reply;
  EXPECT_TRUE(eventually([&] { return test::status_of(reply = test::http_get(port, "/readyz")) == "503"; })) << reply;
  EXPECT_NE(reply.find("draining"), std::string::npos);
  EXPECT_EQ(e.wait(), exit_watchdog);
}

TEST(Run, RefusesUnknownOptionsWithCodeTwo) {
  echo e({"--no-such-option"});
  EXPECT_EQ(e.wait(), exit_configuration);
  EXPECT_NE(e.errors().find("no-such-option"), std::string::npos) << e.errors();
}

TEST(Run, PortInUseEndsWithCodeThreeNamingTheAddress) {
  echo first({"--grpc=127.0.0.1:0", "--http=off"});
  ASSERT_TRUE(first.wait_started());
  const std::string taken = "127.0.0.1:" + std::to_string(first.port("grpc_port"));
  echo second({"--grpc=" + taken, "--http=off"});
  EXPECT_EQ(second.wait(), exit_cannot_start);
  EXPECT_NE(second.errors().find(taken), std::string::npos) << second.errors();
}

TEST(Run, UnwritableDataDirEndsWithCodeThree) {
  echo e({"--grpc=off", "--http=off", "--data-dir=/proc/isobar"});
  EXPECT_EQ(e.wait(), exit_cannot_start);
  EXPECT_NE(e.errors().find("/proc/isobar"), std::string::npos) << e.errors();
}

TEST(Run, PrintsItsConfiguration) {
  echo e({"--print-config"});
  EXPECT_EQ(e.wait(), exit_ok);
}

}  // namespace
}  // namespace isobar::service
