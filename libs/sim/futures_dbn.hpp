#pragma once
#include <functional>

#include "sim/futures_market.hpp"
#include "wire/dbn/writer.hpp"

namespace isobar::sim {

/// How a recording of simulated sessions is written.
struct futures_dbn_options {
  bool facts = true;         ///< definitions, statistics and statuses too (a mixed stream); false: orders alone
  std::uint8_t version = 3;  ///< of DBN; facts need 3
};

/// What a recording holds so far.
struct futures_dbn_totals {
  std::uint64_t orders = 0;                             ///< MBO records
  std::uint64_t facts = 0;                              ///< definition, statistics and status records
  timestamp first = end_of_time, last = start_of_time;  ///< arrival (ts_recv) of the first and last record
};

/// Told of the totals and the event time reached about every `futures_dbn_stride` of event time.
using futures_dbn_progress = std::function<void(const futures_dbn_totals&, timestamp)>;
inline constexpr duration_ns futures_dbn_stride = milliseconds(500);

/// The metadata of such a recording: dataset GLBX.MDP3, every contract with its instrument id.
wire::dbn::metadata futures_dbn_metadata(const std::vector<futures_market_config>& sessions,
                                         const futures_dbn_options& options);

/// Runs the sessions to their ends and writes them as one file, merged by arrival. Records arrive about a tenth of a
/// millisecond after their ts_event, those of an event together, snapshots at the session's
/// start and facts at once. The sessions must
/// pass check(), have a duration and differ in their instrument ids. `out` must have been made with
/// futures_dbn_metadata(); it is finished. Errors: version, and the writer's.
result<futures_dbn_totals, wire::dbn::errc> write_futures_dbn(wire::dbn::writer& out,
                                                              const std::vector<futures_market_config>& sessions,
                                                              const futures_dbn_options& options,
                                                              const futures_dbn_progress& progress = {});

// One record each, as Databento would say it; the inverses of wire/dbn/convert.hpp.
wire::dbn::mbo_record to_dbn(const market::book_event& e, std::uint32_t instrument_id, timestamp arrived);
wire::dbn::definition_v3 to_dbn(const market::instrument& i, timestamp arrived);
wire::dbn::statistics_v3 to_dbn(const market::statistic& s, std::uint32_t instrument_id, timestamp arrived);
wire::dbn::status_record to_dbn(const market::trading_status& s, std::uint32_t instrument_id, timestamp arrived);

}  // namespace isobar::sim
