#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/types.hpp"

namespace isobar::chain_ingest {

/// "https://api.massive.com" in parts.
struct base_url {
  bool tls = false;
  std::string host;
  std::string port;
};
/// Nothing when it is not http(s)://host[:port][/].
std::optional<base_url> parse_base_url(std::string_view text);
/// Path and query of a URL, whatever its host: a next_url is only ever followed on the base host, so that the key goes
/// nowhere else. Nothing when there is no path.
std::optional<std::string> target_of(std::string_view url);
/// Percent-encodes everything but unreserved characters.
std::string url_encode(std::string_view text);

enum class http_errc { resolve, connect, tls, timeout, closed, too_large, protocol, stopped };
std::string_view to_string(http_errc code);

struct http_response {
  int status = 0;
  std::string body;
  std::optional<duration_ns> retry_after;  ///< header Retry-After in seconds
};

struct http_options {
  base_url base;
  std::string ca_file{};                      ///< in addition to the system's certificates
  std::chrono::milliseconds timeout{10'000};  ///< of one whole request: name, connection, question, answer
  std::uint64_t body_bytes_max = 16u << 20;
};

/// GET requests one after another over one kept-alive connection. Blocks the calling thread, at most for `timeout`.
class http_client {
 public:
  /// Fails when the CA file cannot be read.
  static isobar::result<std::unique_ptr<http_client>, http_errc> make(http_options options);
  ~http_client();
  isobar::result<http_response, http_errc> get(const std::string& target, const std::stop_token& stop);

 private:
  struct impl;
  explicit http_client(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::chain_ingest
