#pragma once
#include <algorithm>
#include <vector>

#include "market/option_chain.hpp"
#include "sim/customers.hpp"
#include "sim/listing.hpp"
#include "sim/quote_model.hpp"
#include "sim/random.hpp"

namespace isobar::sim {

/// One contract: what its market makers last decided, and what the feed has said so far.
struct leg {
  price bid = no_quote, ask = no_quote;  ///< decided; may be ahead of `published` inside a step
  quantity bid_size{0}, ask_size{0};
  std::uint64_t sequence = 0;
  market::contract_state published;
  holdings held;                                 ///< decided; may be ahead of `published` inside a step
  std::int64_t dealers = 0, dealers_opened = 0;  ///< position that dealers hold and the one they began with

  static constexpr price no_quote{INT64_MIN};  ///< nothing decided yet: differs from every quote
};

struct rung {
  isobar::strike strike;
  double points;  ///< the strike, for formulas
  leg legs[2];    ///< by market::right
};

/// The order in which an expiry's strikes are visited: outwards from the money, alternating sides. Of eight sweeps one
/// covers the whole ladder, one a half, two a quarter and four an eighth.
class sweep {
 public:
  /// Next position to visit in a ladder of `size` > 0 strikes; `centre` is asked for when a sweep begins.
  template <class Centre>
  std::size_t next(std::size_t size, Centre&& centre) {
    for (;;) {
      if (step_ >= depth_ || depth_ == 0) begin(size, centre());
      const std::size_t i = step_++;
      const std::size_t away = (i + 1) / 2;
      if (i % 2 == 1 && centre_ + away < size) return centre_ + away;
      if (i % 2 == 0 && away <= centre_) return centre_ - away;
    }
  }

 private:
  void begin(std::size_t size, std::size_t centre) {
    const std::size_t turn = number_++ % 8;
    const std::size_t share = turn == 0 ? 1 : turn == 4 ? 2 : turn % 2 == 0 ? 4 : 8;
    centre_ = centre;
    depth_ = 2 * std::max<std::size_t>(size / share, 1);
    step_ = 0;
  }
  std::size_t centre_ = 0, depth_ = 0, step_ = 0, number_ = 0;
};

/// One listed expiry.
struct plane {
  market::expiry_key key;
  market::root_spec root;
  timestamp settles_at;
  isobar::strike centre;    ///< of the ladder
  strike_width half_range;  ///< of its dense part
  std::vector<rung> rungs;  ///< ascending by strike
  expiry_market market;     ///< forward and spot are refreshed at each visit, time now and then
  double growth = 1;        ///< forward / spot
  sim::sweep sweep;

  std::size_t nearest(double spot) const;
};

/// Strikes of `wanted` that the plane does not list, inserted unquoted. Returns how many.
std::size_t list_missing(plane& p, const std::vector<isobar::strike>& wanted);
/// One more strike beyond each end, ten steps away. Returns how many (one when the lower end has reached zero).
std::size_t extend(plane& p);
/// A strike in the middle of a gap wider than the root's step, chosen at random; none: 0.
std::size_t fill_gap(plane& p, random& r);

}  // namespace isobar::sim
