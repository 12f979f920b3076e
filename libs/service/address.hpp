#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "service/host.hpp"

namespace isobar::service {

/// Where a server listens.
struct address {
  std::string host;
  std::uint16_t port = 0;  ///< 0: any free one
  std::string text() const { return host + ":" + std::to_string(port); }
};

/// "127.0.0.1:7400", "localhost:0", "[::1]:7400". configuration when it is none of that; `option` names it.
result<address> parse_address(std::string_view text, std::string_view option);

/// True for "off" and for nothing.
inline bool is_off(std::string_view text) { return text.empty() || text == "off"; }

/// Binds and lets go again: port_in_use or configuration (no such host, not ours) naming the address. A server whose
/// library hides the cause of a failure calls it first.
result<void> check_can_listen(const address& where);

}  // namespace isobar::service
