#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::ws_hydrator::testing {

/// A local server that speaks the vendor's protocol (options-surface 2.1) on ws://127.0.0.1: greets, checks the key,
/// keeps the set of subscribed channels, acknowledges each, and sends what the test tells it to. Thread-safe.
class vendor_ws_server {
 public:
  explicit vendor_ws_server(std::string key);
  ~vendor_ws_server();

  std::string url() const;
  /// Channels of the connection that lives ("Q.O:...").
  std::set<std::string> channels() const;
  /// Actions received over the whole life, as "auth", "subscribe 3", "unsubscribe 1" (channels in the message).
  std::vector<std::string> actions() const;
  int connections() const;
  bool authenticated() const;
  int pings() const;

  /// Sends one text frame to the connection that lives.
  void send(std::string text);
  /// Sends it in continuation frames of at most `piece` bytes.
  void send_fragmented(std::string text, std::size_t piece);
  /// Closes the connection with a code (1012: service restart).
  void close(std::uint16_t code);
  /// Answers nothing any more, pings neither, until thaw().
  void freeze();
  void thaw();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::ws_hydrator::testing
