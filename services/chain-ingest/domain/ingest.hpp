#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "chain-ingest/domain/canonical.hpp"

namespace isobar::chain_ingest {

/// A chain as a source gives it: a vendor's picture, or one that is canonical already (the simulator's).
struct source_chain {
  std::variant<market::raw_chain, market::chain_snapshot> chain;
  /// Windows that were asked of the vendor, by expiry; empty: everything listed.
  std::map<date, strike_window> asked;

  timestamp ts_event() const;
};

struct ingest_options {
  isobar::symbol symbol;
  std::size_t expiries_max = 0;  ///< 0: all
  /// When set, raw chains that were not asked for by window are cut to the rule of options-surface 1.4 with this
  /// multiplier (no VIX in files).
  std::optional<double> window_em_mult{};
};

enum class health { empty, ok, partial, failed, slow, ended };
std::string_view to_string(health h);

struct ingest_counts {
  std::uint64_t published = 0;
  std::map<refusal, std::uint64_t> refused;
  std::uint64_t fetch_failures = 0;
  std::uint64_t refused_total() const;
};

/// What one symbol's worker knows. Every chain that goes in comes out as accepted or refused; the last accepted one
/// stands until a newer one is accepted.
class ingest {
 public:
  explicit ingest(ingest_options options) : options_(std::move(options)) {}

  /// The chain to publish. Refuses what canonicalise refuses and what is not newer than the chain before.
  outcome<std::shared_ptr<const market::chain_snapshot>> apply(source_chain chain);
  /// The source itself refused (format, completeness).
  void refused(refusal why, std::string evidence);
  /// The source got no answer at all.
  void failed(std::string evidence);
  void overrun() { health_ = health_ == health::ok ? health::slow : health_; }
  void ended() { health_ = health::ended; }

  const std::shared_ptr<const market::chain_snapshot>& latest() const { return latest_; }
  const ingest_counts& counts() const { return counts_; }
  /// Of the chain applied last.
  const canonical_counts& rows() const { return rows_; }
  const market::raw_counts& raw_rows() const { return raw_rows_; }
  health state() const { return health_; }
  const std::string& last_refusal() const { return last_refusal_; }

 private:
  outcome<market::chain_snapshot> make(source_chain chain);

  ingest_options options_;
  std::shared_ptr<const market::chain_snapshot> latest_;
  ingest_counts counts_;
  canonical_counts rows_;
  market::raw_counts raw_rows_;
  health health_ = health::empty;
  std::string last_refusal_;
};

}  // namespace isobar::chain_ingest
