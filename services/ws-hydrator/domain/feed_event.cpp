#include "ws-hydrator/domain/feed_event.hpp"

namespace isobar::ws_hydrator {

feed_event to_feed_event(const market::option_event& e) {
  feed_event out;
  out.contract = key_of(e.id);
  out.ts_event = e.ts_event;
  out.sequence = e.sequence;
  if (e.kind == market::option_event::kind::quote) {
    out.first = e.bid;
    out.second = e.ask;
    out.first_size = e.bid_size;
    out.second_size = e.ask_size;
  } else {
    out.what = feed_event::kind::trade;
    out.first = e.last;
    out.first_size = e.size;
  }
  return out;
}

feed_event spot_event(timestamp ts, price level) {
  feed_event out;
  out.what = feed_event::kind::spot;
  out.ts_event = ts;
  out.first = level;
  return out;
}

std::string_view to_string(refusal r) {
  switch (r) {
    case refusal::none:
      return "none";
    case refusal::negative_price:
      return "negative_price";
    case refusal::absurd_price:
      return "absurd_price";
    case refusal::negative_size:
      return "negative_size";
    case refusal::absurd_size:
      return "absurd_size";
    case refusal::bad_time:
      return "bad_time";
    case refusal::bad_sequence:
      return "bad_sequence";
  }
  return "none";
}

}  // namespace isobar::ws_hydrator
