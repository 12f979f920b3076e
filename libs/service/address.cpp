#include "service/address.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace isobar::service {

result<address> parse_address(std::string_view text, std::string_view option) {
  const auto bad = [&](std::string_view why) {
    return fail(errc::configuration, "--" + std::string(option) + "=" + std::string(text) + ": " + std::string(why));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return bad("want host:port");
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return bad("want a port from 0 to 65535");
  return address{std::string(host), port};
}

result<void> check_can_listen(const address& where) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int e = getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found); e != 0)
    return fail(errc::configuration, where.text() + ": " + gai_strerror(e));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  const int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol);
  if (fd < 0) return fail(errc::internal, where.text() + ": " + std::strerror(errno));
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int error = bind(fd, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
  if (error == 0 && where.port != 0 && listen(fd, 1) != 0) error = errno;
  close(fd);
  if (error == 0) return {};
  return fail(error == EADDRINUSE ? errc::port_in_use : errc::configuration,
              where.text() + ": " + std::strerror(error));
}

}  // namespace isobar::service
