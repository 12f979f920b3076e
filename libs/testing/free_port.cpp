#include "testing/free_port.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "core/error.hpp"

namespace isobar::testing {
namespace {

constexpr unsigned first = 20000;  // below net.ipv4.ip_local_port_range: no client socket takes it meanwhile
constexpr unsigned count = 12000;

bool bindable(std::uint16_t port) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool ok = s >= 0 && bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  if (s >= 0) close(s);
  return ok;
}

}  // namespace

std::uint16_t free_port() {
  static std::atomic<unsigned> next{static_cast<unsigned>(getpid()) * 37u};
  for (unsigned tries = 0; tries < count; ++tries) {
    const auto port = static_cast<std::uint16_t>(first + next++ % count);
    if (bindable(port)) return port;
  }
  ISOBAR_ASSERT(!"no free port");
}

}  // namespace isobar::testing
