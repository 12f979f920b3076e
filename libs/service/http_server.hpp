#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "service/address.hpp"

namespace isobar::service {

struct http_reply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

struct http_limits {
  std::size_t connections_max = 64;  ///< one more ends the one that has kept us waiting for its request the longest
  std::uint32_t request_bytes_max = 8192;  ///< header and body each
  std::int64_t idle_ms_max = 10'000;       ///< to send a whole request, to take an answer, between two
};

/// A small HTTP/1.1 server for operators and probes: GET and HEAD, one thread, bounded.
class http_server {
 public:
  /// Called on the server's thread with the path, without the query.
  using handler = std::function<http_reply(std::string_view path)>;
  http_server(handler answer, http_limits limits = {});
  ~http_server();
  result<void> start(const address& listen);
  int port() const;
  /// Connections ended because too many were open: new ones, or in their favour idle ones.
  std::uint64_t connections_refused() const;
  /// Closes every connection and ends the thread. Idempotent.
  void stop();

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace isobar::service
