#include "feed-ingest/config.hpp"

#include "config/config.hpp"
#include "core/date.hpp"
#include "feed-ingest/sources/merged_source.hpp"

namespace isobar::feed_ingest {

void configuration::declare(isobar::config::schema& s) {
  const auto name = [](const char* word) { return "feed-ingest." + std::string(word); };
  constexpr std::int64_t hour_ms = 3'600'000;
  s.choice(name("source"), source, {"sim", "dbn", "csv", "flat-files"}, "where records come from");
  s.option(name("files"), files,
           "files that source=dbn and source=csv read, merged in order of delivery; flat-files: one after the other");
  s.option(name("contracts"), contracts, "instruments that symbols stand for: SYMBOL=RAWSYMBOL or SYMBOL=NUMBER");
  s.option(name("symbols-max"), symbols_max, "symbols taken when --futures names none", 1, 1'000);
  s.option(name("frame-records"), frame_records, "a frame ends behind the event that reaches this many records", 64,
           1'024);
  s.option(name("frame-ms"), frame_ms, "a frame spans at most this much event time between events", 1, 60'000);
  s.option(name("speed"), speed, "files: event seconds per second; 0: as fast as consumers go", 0, 1e6);
  s.option(name("from"), from,
           "files: pacing (speed) begins at this event time, ISO 8601 UTC; all before is published at once");
  s.option(name("until"), until, "files: the input ends before the first record of this event time");
  s.choice(name("progress"), progress, {"auto", "true", "false"}, "a line a second on standard error; auto: terminals");
  s.option(name("lead-frames"), lead_frames, "book frames ahead of the slowest consumer", 1, 100'000);
  s.option(name("wait-for-consumers"), wait_for_consumers, "keep to lead-frames; else publish as fast as it goes");
  s.option(name("start-wait-ms"), start_wait_ms, "longest wait for the first progress report of a consumer", 0,
           hour_ms);
  s.option(name("refill-mebibytes"), refill_mebibytes, "book frames kept of a symbol until they are durable", 1,
           65'536);
  s.option(name("light-mebibytes"), light_mebibytes,
           "frames kept of feed.trades, feed.quotes and feed.options, each, until gamma-fuel needs them no more", 1,
           65'536);
  s.option(name("heartbeat-ms"), heartbeat_ms, "between heartbeats", 10, 60'000);
  s.option(name("resume"), resume, "go on behind the checkpoint that an earlier run of the same input left");
  s.option(name("exit-at-end"), exit_at_end, "end the process once the input is read and consumers have applied it");
  s.option(name("read-ahead"), read_ahead, "decompress in a thread of its own");
  s.option(name("quotes"), quotes, "publish best prices on feed.quotes");
  s.option(name("options-base-ms"), options_base_ms,
           "event time after which feed.options says everything again; 0: never", 0, 24 * hour_ms);
  sim::declare_options(s, sim);
}

std::string configuration::validate(const std::vector<symbol>& futures) const {
  if (!parse_contracts(contracts)) return "feed-ingest.contracts: words are SYMBOL=RAWSYMBOL, each symbol once";
  if (!from.empty() && !parse_iso_timestamp(from)) return "feed-ingest.from: not like 2024-03-11T14:30:00Z: " + from;
  if (!until.empty() && !parse_iso_timestamp(until))
    return "feed-ingest.until: not like 2024-03-11T14:30:00Z: " + until;
  if (simulated()) {
    if (resume) return "feed-ingest.resume: only files can be read again";
    for (const symbol& s : futures)
      if (const auto made = sim::futures_config(sim, s); !made) return "futures: " + made.error().evidence;
    return {};
  }
  if (files.empty()) return "feed-ingest.files: source=" + source + " needs files";
  if (files.size() > merged_source::sources_max)
    return "feed-ingest.files: more than " + std::to_string(merged_source::sources_max);
  return {};
}

input_options configuration::input(const std::vector<symbol>& futures) const {
  return {.csv = source == "csv",
          .flat_files = source == "flat-files",
          .files = files,
          .futures = futures,
          .binding = {.contracts = *parse_contracts(contracts), .symbols_max = static_cast<std::size_t>(symbols_max)},
          .read_ahead = read_ahead};
}

normaliser_options configuration::frames() const {
  return {.frame_records = static_cast<std::size_t>(frame_records),
          .frame_span = milliseconds(frame_ms),
          .quotes = quotes,
          .options = {.base_every = milliseconds(options_base_ms)}};
}

lane_options configuration::flow() const {
  return {.lead_frames = static_cast<std::uint64_t>(lead_frames), .wait_for_consumers = wait_for_consumers};
}

std::vector<std::string> configuration::identity() const {
  std::vector<std::string> out{
      "source " + source, "frame-records " + std::to_string(frame_records), "frame-ms " + std::to_string(frame_ms),
      std::string("quotes ") + (quotes ? "true" : "false"), "options-base-ms " + std::to_string(options_base_ms)};
  for (const auto& c : contracts) out.push_back("contract " + c);
  return out;
}

std::optional<std::map<std::string, std::string>> parse_contracts(const std::vector<std::string>& words) {
  std::map<std::string, std::string> out;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == word.size()) return std::nullopt;
    if (!out.try_emplace(word.substr(0, equals), word.substr(equals + 1)).second) return std::nullopt;
  }
  return out;
}

}  // namespace isobar::feed_ingest
