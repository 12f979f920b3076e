#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.hpp"
#include "core/types.hpp"
#include "market/window.hpp"

/// The option vendor's WebSocket messages (options-surface 2.1, 2.2; field names from the vendor's published examples):
/// JSON text frames, each an array of event objects (a single object is tolerated). Stamps are milliseconds. Dispatch
/// is on `ev`: the same letter means different things in different events.
namespace isobar::wire::massive {

/// `ev` "V": value of an index.
struct index_value {
  std::string ticker;  ///< "I:SPX"
  price value;
  timestamp ts_event;
  bool operator==(const index_value&) const = default;
};

/// `ev` "A" (second) or "AM" (minute): a bar.
struct aggregate {
  std::string ticker;
  bool minute = false;
  timestamp start, end;
  price open = market::no_price, high = market::no_price, low = market::no_price, close = market::no_price;
  quantity volume{0};
  quantity day_volume = market::no_quantity;
  bool operator==(const aggregate&) const = default;
};

/// `ev` "status": answers to connect, auth, subscribe, unsubscribe.
struct status {
  std::string state;  ///< "connected", "auth_success", "auth_failed", "success", "error", ...
  std::string message;
  bool operator==(const status&) const = default;
};

/// One event of a frame. option_event: `ev` "Q" (an ask price of zero means that there is no offer) or "T".
using ws_event = std::variant<market::option_event, index_value, aggregate, status>;

enum class ws_errc {
  oversize,    ///< frame longer than the limit
  malformed,   ///< not JSON, or JSON cut off; what came before the fault is kept
  not_events,  ///< JSON, but neither an object nor an array of objects
  too_many,    ///< more events than the limit: the rest is refused
};
std::string_view to_string(ws_errc code);

/// What parsing met; every event object of a frame is in exactly one of the counts.
struct ws_counts {
  std::uint64_t frames = 0;
  std::uint64_t bad_frames = 0;    ///< parse() failed
  std::uint64_t events = 0;        ///< handed out
  std::uint64_t bad_events = 0;    ///< a field missing, of another type, or not a number we can hold
  std::uint64_t bad_tickers = 0;   ///< contract's name outside the grammar
  std::uint64_t other_events = 0;  ///< `ev` that nothing here reads
};

struct ws_limits {
  std::size_t frame_bytes = 16u << 20;
  std::size_t frame_events = 1u << 18;
};

/// Reads frames; keeps its buffers, so that a frame costs no allocation once the largest has been seen (tickers are
/// short strings). Not thread-safe.
class ws_parser {
 public:
  explicit ws_parser(ws_limits limits = {});
  ~ws_parser();
  ws_parser(ws_parser&&) noexcept;
  ws_parser& operator=(ws_parser&&) noexcept;
  /// Replaces `out`. A bad event is counted and skipped; a bad frame keeps the events before the fault.
  result<void, ws_errc> parse(std::string_view frame, std::vector<ws_event>& out);
  const ws_counts& counts() const { return counts_; }

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
  ws_limits limits_;
  ws_counts counts_;
};

/// The frame as the vendor sends it. Times are cut to milliseconds.
std::string encode_frame(std::span<const ws_event> events);
void append_event(const ws_event& event, std::string& to);

/// What a client sends: {"action":"subscribe","params":"Q.O:...,T.O:..."}.
struct ws_action {
  std::string action;  ///< "auth", "subscribe", "unsubscribe"
  std::string params;
  bool operator==(const ws_action&) const = default;
};
std::string encode_action(const ws_action& action);
result<ws_action, ws_errc> parse_action(std::string_view text);

}  // namespace isobar::wire::massive
