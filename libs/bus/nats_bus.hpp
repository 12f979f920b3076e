#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "bus/bus.hpp"

namespace isobar::bus {

struct nats_options {
  std::string url = "nats://127.0.0.1:4222";          ///< tls:// needs tls_ca_file; the certificate must name the host
  std::string name = {};                              ///< connection name seen in the server's monitoring
  std::string credentials_file = {};                  ///< NATS .creds file; empty: none
  std::string nkey_seed_file = {};                    ///< NKEY seed file; empty: none
  std::string tls_ca_file = {};                       ///< non-empty turns TLS on
  std::string tls_cert_file = {}, tls_key_file = {};  ///< client certificate; both or neither
  std::chrono::milliseconds reconnect_wait{250};      ///< first wait; doubles to reconnect_wait_max, with jitter
  std::chrono::milliseconds reconnect_wait_max{5000};
  std::chrono::milliseconds connect_timeout{2000};
  std::size_t pending_bytes_max = 64u << 20;   ///< buffered while disconnected; beyond it publish() refuses
  std::string inbox_prefix = "_INBOX_isobar";  ///< answers arrive below it, "_INBOX_<user>": the operator's unless told
};

/// A bus over one libnats connection. Returns at once even if no server answers yet: it goes on trying with jitter for
/// ever, stats().connected and on_connection() tell, publish() buffers up to its bound. Fails only on options that can
/// never work (bad URL, unreadable file). A server that refuses the credentials twice in a row ends it: everything then
/// says errc::closed, and stats().ended.
result<std::unique_ptr<bus>> make_nats_bus(nats_options options);

}  // namespace isobar::bus
