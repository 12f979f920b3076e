#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "ws-hydrator/sources/quote_source.hpp"

namespace isobar::ws_hydrator {

struct massive_options {
  isobar::symbol symbol;
  std::string url = "wss://socket.massive.com/options";  ///< ws:// or wss://
  std::string tls_ca;                                    ///< file; empty: the system's certificates
  std::string api_key;
  bool trades = true;
  std::chrono::milliseconds idle_timeout{60'000};  ///< a ping at half of it, then the connection counts as lost
  std::chrono::milliseconds connect_timeout{30'000};
  std::chrono::milliseconds reconnect{1'000}, reconnect_max{60'000};
  std::size_t frame_bytes_max = 16u << 20;
  std::size_t channel_events = 1u << 18;
  std::string record_file;  ///< empty: not recorded
  std::uint64_t record_bytes_max = std::uint64_t{1} << 30;
  std::function<timestamp()> clock;  ///< wall time: events later than five seconds after it are refused
};

struct ws_address {
  bool tls = false;
  std::string host, port, path;
};
enum class url_errc { bad_url };
isobar::result<ws_address, url_errc> parse_ws_url(const std::string& url);

/// The vendor's WebSocket (options-surface 2.1): waits for "connected", authenticates, waits for "auth_success",
/// subscribes; later filters change the live connection by difference. Reconnects for ever with back-off and jitter (a
/// wrong key: at the longest wait) and subscribes again; what was missed meanwhile is a loss of its channel.
class massive_source final : public quote_source {
 public:
  /// The URL must parse.
  explicit massive_source(massive_options options);
  ~massive_source() override;
  std::string kind() const override { return "massive"; }
  void start() override;
  void stop() override;
  void set_filter(std::vector<contract_key> wanted) override;
  source_status status() const override;
  bool clocked() const override { return true; }
  feed_channel& channel() override;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::ws_hydrator
