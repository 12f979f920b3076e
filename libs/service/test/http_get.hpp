#pragma once
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace isobar::service::test {

/// A connection that the test feeds piece by piece.
class http_client {
 public:
  explicit http_client(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)!connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  ~http_client() { close(fd_); }
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  /// False: the other side has closed.
  bool send(std::string_view piece) {
    char unused = 0;
    if (recv(fd_, &unused, 1, MSG_DONTWAIT | MSG_PEEK) == 0) return false;
    return ::send(fd_, piece.data(), piece.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(piece.size());
  }

 private:
  const int fd_;
};

/// Sends `request` to a port of this machine and reads until the other side closes; empty when nobody listens.
inline std::string talk(int port, std::string_view request) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string out;
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
    (void)!send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    char buffer[4096];
    for (ssize_t n; (n = recv(fd, buffer, sizeof buffer, 0)) > 0;) out.append(buffer, static_cast<std::size_t>(n));
  }
  close(fd);
  return out;
}

inline std::string http_get(int port, std::string_view path) {
  return talk(port, "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

/// "200" of "HTTP/1.1 200 OK ...".
inline std::string status_of(const std::string& reply) { return reply.size() > 12 ? reply.substr(9, 3) : reply; }

}  // namespace isobar::service::test
