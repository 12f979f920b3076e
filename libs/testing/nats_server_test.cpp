#include "testing/nats_server.hpp"

#include <gtest/gtest.h>

#include "testing/free_port.hpp"

namespace isobar::testing {
namespace {

TEST(NatsServer, StartsStopsDiesAndComesBackOnItsPort) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  nats_server server;
  const auto port = server.port();
  EXPECT_TRUE(server.running());
  server.stop();
  EXPECT_FALSE(server.running());
  server.start();
  server.kill();
  server.start();
  EXPECT_TRUE(server.running());
  EXPECT_EQ(server.port(), port);
}

TEST(FreePort, IsAnotherOneEveryTime) { EXPECT_NE(free_port(), free_port()); }

TEST(TempDir, LeavesNothingBehind) {
  std::filesystem::path path;
  {
    const temp_dir dir;
    path = dir.write("deep/er/file", "x").parent_path();
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace isobar::testing
