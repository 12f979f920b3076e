#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "feed-ingest/domain/quote_maker.hpp"
#include "feed-ingest/domain/record.hpp"
#include "market/option_feed.hpp"

namespace isobar::feed_ingest {

/// One frame of feed.options.
struct option_segment {
  bool base = false;       ///< what was said before is void
  bool continues = false;  ///< of a base that goes on in the next segment
  std::vector<market::listed_option> contracts;
  std::vector<market::option_feed_event> events;
  bool operator==(const option_segment&) const = default;
};

struct option_desk_options {
  duration_ns base_every = seconds(60);  ///< of event time; 0: never again
  std::size_t contracts_max = 200'000;   ///< numbers given out; a definition beyond is refused
  std::size_t ladder_ticks = 64;         ///< of a contract's book: a few KiB each
};

/// What the desk has said so far.
struct option_counts {
  std::uint64_t listed = 0;  ///< now
  std::uint64_t quotes = 0, trades = 0, open_interests = 0, delisted = 0, bases = 0;
  bool operator==(const option_counts&) const = default;
};

/// The options on one underlying: numbers contracts, makes rows of their best prices, trades and open interest, and
/// repeats everything that is known at set times, so that who comes late is whole again. A contract is named when it is
/// listed, and again with its first event behind that or behind a base: a frame names what it uses first. Pure: the
/// same calls in the same order make the same segments, wherever cut() is called.
class option_desk {
 public:
  /// Contracts of one segment of a base: a base of many is several segments, of which the first says so and
  /// all but the last that they go on.
  static constexpr std::size_t base_contracts_max = 4'096;

  explicit option_desk(option_desk_options options) : options_(options) {}

  /// A definition of an option of the underlying: lists it, lists it again with what has changed, or delists it. A
  /// refused one leaves its instrument number without a contract.
  refusal define(const input_record& r);
  bool knows(std::uint32_t instrument_id) const { return by_id_.contains(instrument_id); }
  /// A record of a contract: unknown_instrument where no definition of its number stands, expired where it is not
  /// listed any more.
  refusal take(const input_record& r);
  /// The symbol's event time has come to `now`: contracts settle, a base may be due. Before the record of that time.
  void pass_time(timestamp now) {
    if (now.ns >= next_.ns) come_to(now);
    now_ = std::max(now_, now);
  }

  /// What is new, in order.
  std::vector<option_segment> cut() { return std::exchange(pending_, {}); }
  bool pending() const { return !pending_.empty(); }
  const option_counts& counts() const { return counts_; }
  std::size_t memory_bytes() const;

 private:
  struct contract {
    market::listed_option what;
    quote_maker best;
    std::optional<record_kind> trade_schema;
    market::option_feed_event quote, interest;  ///< last said; ts_event start_of_time: none
    bool listed = false;
    bool used = false;  ///< named in the frame of its first event behind its listing or a base
  };
  option_segment& open_segment();
  refusal take_statistic(contract& c, const market::statistic& s);
  refusal take_by_price(contract& c, const input_record& r);
  refusal take_trade(contract& c, const input_record& r);
  void say_quote(contract& c, const market::top_quote& row);
  void say(const market::option_feed_event& e);
  void list(contract& c);
  void delist(contract& c, timestamp at);
  void come_to(timestamp now);
  void say_base();
  void plan();

  option_desk_options options_;
  std::vector<contract> contracts_;  ///< by number
  std::unordered_map<std::string, std::uint32_t> by_name_;
  std::unordered_map<std::uint32_t, std::uint32_t> by_id_;
  std::set<std::pair<timestamp, std::uint32_t>> settling_;
  std::vector<option_segment> pending_;
  bool started_ = false;            ///< the first segment was begun
  bool segment_closed_ = false;     ///< news must not join the last pending segment: it is of a base
  timestamp now_ = start_of_time;   ///< event time of the symbol
  timestamp next_ = start_of_time;  ///< come_to() has something to do
  timestamp next_base_ = start_of_time;
  option_counts counts_;
};

}  // namespace isobar::feed_ingest
