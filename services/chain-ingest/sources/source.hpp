#pragma once
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

#include "chain-ingest/domain/ingest.hpp"

namespace isobar::chain_ingest {

struct chain_arrived {
  source_chain chain;
  double fetch_seconds = 0;    ///< from the first question to the last answer; 0: not fetched
  double completeness = 1;     ///< expiries answered to their last page / asked
  std::uint64_t overruns = 0;  ///< deadlines missed since the source began
};
/// The vendor answered, but not with a whole chain.
struct chain_refused {
  refusal why = refusal::malformed;
  std::string evidence;
  double completeness = 0;
};
/// The vendor did not answer. `reason` is a metric label: "timeout", "connect", "http_429", "http_5xx", ...
struct fetch_failed {
  std::string reason;
  std::string evidence;
};
struct source_ended {};
using source_event = std::variant<chain_arrived, chain_refused, fetch_failed, source_ended>;

/// Where chains come from. Each symbol has its own source and its own thread, which may block in next().
class source {
 public:
  virtual ~source() = default;
  /// "sim", "directory" or "massive": the word of the option `source`.
  virtual std::string_view kind() const = 0;
  /// Event time of what next() will give, where that is known beforehand (recorded and simulated input): nothing older
  /// can follow, so it is the watermark. end_of_time: the input has ended. Nothing: only a clock can tell.
  virtual std::optional<timestamp> next_at() = 0;
  /// Blocks until something happened. Returns source_ended when asked to stop.
  virtual source_event next(std::stop_token stop) = 0;
};

}  // namespace isobar::chain_ingest
