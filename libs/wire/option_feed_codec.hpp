#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "market/option_feed.hpp"
#include "wire/frame.hpp"

/// feed.quotes and feed.options. Encoders are deterministic; decoders reuse what they fill.
namespace isobar::wire {

inline constexpr std::size_t max_listed_options = 200'000;  ///< of one underlying

/// feed.quotes.
struct quote_frame {
  isobar::symbol symbol;
  std::uint32_t instrument_id = 0;
  std::vector<market::top_quote> quotes;
  bool operator==(const quote_frame&) const = default;
};
std::string encode_quotes(const quote_frame& frame, const frame_info& info);
result<frame_info, errc> decode_quotes(std::string_view bytes, quote_frame& into);

/// feed.options.
struct option_frame {
  isobar::symbol symbol;        ///< of the underlying
  bool base = false;            ///< what was known before is void
  bool base_continues = false;  ///< the base goes on in the next frame
  std::vector<market::listed_option> contracts;
  std::vector<market::option_feed_event> events;
  bool operator==(const option_frame&) const = default;
};
std::string encode_options(const option_frame& frame, const frame_info& info);
/// Refuses numbers beyond max_listed_options and columns that differ in length.
result<frame_info, errc> decode_options(std::string_view bytes, option_frame& into);

}  // namespace isobar::wire
