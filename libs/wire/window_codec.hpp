#pragma once
#include <string>
#include <string_view>

#include "isobar/window/v1/window.pb.h"
#include "market/window.hpp"
#include "wire/frame.hpp"

namespace isobar::wire {

/// frozen_window -> isobar.window.v1.ContractWindow. One per worker: it keeps its message and columns between windows,
/// so that a window costs no allocation once the largest has been seen.
class window_encoder {
 public:
  /// Replaces `to`. Sequence, quality and times of the header come from the window; producer and watermark (normally
  /// window.end) from `info`; record_count is rows and prints. Prices must be no_price or not negative; spot 0 is
  /// written as unknown.
  void encode(const market::frozen_window& window, const frame_info& info, std::string& to);
  std::string encode(const market::frozen_window& window, const frame_info& info);
  /// The message of the last encode, for gRPC answers.
  const window::v1::ContractWindow& message() const { return message_; }

 private:
  window::v1::ContractWindow message_;
};

/// ContractWindow -> frozen_window, into a reused struct.
class window_decoder {
 public:
  /// On failure `into` is unspecified but valid. A heartbeat leaves `into` with no rows and says so in the header.
  result<frame_info, errc> decode(std::string_view bytes, market::frozen_window& into);

 private:
  window::v1::ContractWindow message_;
};

std::string encode_window(const market::frozen_window& window, const frame_info& info);
result<framed<market::frozen_window>, errc> decode_window(std::string_view bytes);

/// window.resync: who asks for a base window of which symbol.
struct resync_request {
  isobar::symbol symbol;
  std::string requester;
  bool operator==(const resync_request&) const = default;
};
std::string encode_resync(const resync_request& request);
result<resync_request, errc> decode_resync(std::string_view bytes);

}  // namespace isobar::wire
