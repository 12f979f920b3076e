#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <set>

#include "chain-ingest/domain/cadence.hpp"
#include "chain-ingest/domain/completeness.hpp"
#include "chain-ingest/sources/http_client.hpp"
#include "chain-ingest/sources/recorder.hpp"
#include "chain-ingest/sources/source.hpp"
#include "wire/massive_chain.hpp"

namespace isobar::chain_ingest {

struct massive_options {
  http_options http;
  std::string api_key;           ///< added to every request; never logged, recorded or sent to another host
  std::string underlying;        ///< "I:SPX"
  strike_width strike_step;      ///< of the underlying's roots
  std::size_t expiries_max = 5;  ///< first so many dates
  double em_mult = 2.25;
  cadence_options cadence;
  completeness_limits limits;
  std::size_t page_retries = 2;                     ///< of one request that failed or was answered 5xx
  duration_ns page_retry_wait = milliseconds(200);  ///< doubles
  duration_ns expiries_refresh = seconds(300);      ///< the list of expiries is asked for this often
  std::function<timestamp()> clock;
  std::function<double()> jitter;  ///< 0..1
};

/// Polls a Massive/Polygon-compatible REST endpoint. One cycle: index value, VIX (absence is allowed), now and then the
/// list of expiries, then every page of every expiry's strike window; a chain is given only when it is proved whole.
/// Its event time is the clock's when the last page had come. Cycles keep to deadlines (cadence).
class massive_source final : public source {
 public:
  /// `records` may be null. Fails when the HTTP client cannot be made.
  static isobar::result<std::unique_ptr<massive_source>, http_errc> open(massive_options options,
                                                                         const isobar::symbol& s,
                                                                         std::unique_ptr<recorder> records);
  std::string_view kind() const override { return "massive"; }
  std::optional<timestamp> next_at() override { return std::nullopt; }
  source_event next(std::stop_token stop) override;

 private:
  massive_source(massive_options options, const isobar::symbol& s, std::unique_ptr<recorder> records,
                 std::unique_ptr<http_client> client);

  /// Why a cycle ended early.
  struct trouble {
    source_event event;
    bool rate_limited = false;
    std::optional<duration_ns> retry_after;
  };
  template <class T>
  using attempt = std::expected<T, trouble>;

  attempt<chain_arrived> cycle(const std::stop_token& stop);
  attempt<std::string> get(std::string target, const std::stop_token& stop);
  attempt<price> value_of(const std::string& ticker, std::string_view kind, const std::stop_token& stop);
  attempt<price> spot(const std::stop_token& stop);
  attempt<void> refresh_expiries(price at, const std::stop_token& stop);
  attempt<void> fetch_expiry(date expiry, const strike_window& w, completeness& proof, market::raw_chain& raw,
                             const std::stop_token& stop);
  static trouble refused(refusal why, std::string evidence, double ratio = 0);
  std::string chain_target(std::string_view filters) const;
  void write(std::string_view kind, std::optional<date> expiry, std::string_view body);

  massive_options options_;
  isobar::symbol symbol_;
  std::unique_ptr<recorder> records_;
  std::unique_ptr<http_client> client_;
  cadence cadence_;
  std::set<date> expiries_;
  timestamp expiries_at_ = start_of_time;
  price share_price_ = market::no_price;  ///< of underlyings that are no index, from the list of expiries
  std::vector<market::option_id> known_;  ///< contracts of the last whole answer
  date known_on_;                         ///< and its exchange day
  std::uint64_t fetch_ = 0;
};

}  // namespace isobar::chain_ingest
