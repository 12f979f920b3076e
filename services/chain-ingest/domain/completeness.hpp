#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "chain-ingest/domain/refusal.hpp"
#include "chain-ingest/domain/request_window.hpp"
#include "market/raw_chain.hpp"

namespace isobar::chain_ingest {

struct completeness_limits {
  std::size_t page_size = 250;  ///< what was asked as `limit`
  std::size_t pages_max = 64;   ///< per expiry
  std::size_t contracts_max = 1u << 20;
};

/// Proof that a paged answer is whole: every expiry asked for is answered to its last page; pages that have a successor
/// are full; nothing comes twice; strikes do not descend; nothing unasked; the strikes of each expiry reach both ends
/// of the wanted range (to within one gap of the ladder). Anything else refuses the chain.
class completeness {
 public:
  completeness(std::map<date, strike_window> asked, completeness_limits limits);

  /// Contracts known from an earlier whole answer of the same exchange day: a listed contract does not vanish during
  /// the day, so those inside a window must come again. (Pages carry no total; this is what finds one that was left
  /// out.)
  void expect(const std::vector<market::option_id>& known);
  /// One page of the answer for `expiry`. `rows`: contracts on the page, adjusted ones included. `next`: its next_url;
  /// empty: the last page.
  outcome<void> add_page(date expiry, std::span<const market::raw_contract> contracts, std::uint64_t rows,
                         const std::string& next);
  /// After the last page of every expiry; the contracts in order of expiry and page.
  outcome<std::vector<market::raw_contract>> finish();
  /// Expiries answered to their last page over expiries asked for.
  double ratio() const;

 private:
  struct answer {
    std::vector<market::raw_contract> contracts;
    std::size_t pages = 0;
    bool ended = false;
    isobar::strike last_strike;
  };
  outcome<void> covers(date expiry, const answer& a) const;

  std::map<date, strike_window> asked_;
  completeness_limits limits_;
  std::map<date, answer> answers_;
  std::set<std::string> next_urls_;
  std::set<market::option_id> seen_;
  std::vector<market::option_id> known_;
};

}  // namespace isobar::chain_ingest
