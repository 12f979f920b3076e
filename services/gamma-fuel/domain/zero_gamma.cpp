#include "gamma-fuel/domain/zero_gamma.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::gamma_fuel {
namespace {

struct point {
  double factor = 1, total = 0;
};

bool changes(const point& a, const point& b) { return (a.total < 0) != (b.total < 0); }

/// Total gamma by factor; remembers how large it gets.
class profile {
 public:
  profile(const market::repricing_profile& totals, double tolerance) : totals_(totals), tolerance_(tolerance) {}

  point at(double factor) {
    const point p{factor, totals_.at(factor)};
    largest_ = std::max(largest_, std::abs(p.total));
    return p;
  }
  bool believed(const point& p) const { return std::abs(p.total) > 1e-9 * largest_; }

  /// Inside a bracket: regula falsi (Illinois), every third step a halving; steps are never shorter than the tolerance,
  /// so that both ends come in.
  double refine(point a, point b) {
    constexpr int steps_max = 64;
    for (int i = 0; i < steps_max && b.factor - a.factor > tolerance_; ++i) {
      const double width = b.factor - a.factor;
      double x = i % 3 == 2 ? a.factor + width / 2 : a.factor + width * a.total / (a.total - b.total);
      const double margin = std::min(0.9 * tolerance_, width / 2);
      x = std::clamp(x, a.factor + margin, b.factor - margin);
      const point p = at(x);
      if (changes(a, p)) {
        b = p;
        a.total /= 2;
      } else {
        a = p;
        b.total /= 2;
      }
    }
    return a.factor + (b.factor - a.factor) / 2;
  }

 private:
  const market::repricing_profile& totals_;
  double tolerance_, largest_ = 0;
};

/// Walks away from the market in both directions.
class walk {
 public:
  walk(profile& p, double close_spacing) : profile_(p), close_spacing_(close_spacing), down_(p.at(1)), up_(down_) {}

  /// The nearest sign change within `reach` of the market.
  std::optional<double> to(double reach) {
    while (away_ < reach - 1e-9) {
      const bool is_close = away_ < zero_gamma_search::close - 1e-9;
      away_ =
          is_close ? std::min(away_ + close_spacing_, zero_gamma_search::close) : away_ + zero_gamma_search::spacing;
      const auto below = step(down_, 1 - away_), above = step(up_, 1 + away_);
      if (!below && !above) continue;
      if (!above || (below && 1 - *below <= *above - 1)) return below;
      return above;
    }
    return std::nullopt;
  }

 private:
  std::optional<double> step(point& from, double factor) {
    const point next = profile_.at(factor);
    if (!profile_.believed(next)) return std::nullopt;
    const point last = from;
    from = next;
    if (!profile_.believed(last) || !changes(last, next)) return std::nullopt;
    return last.factor < next.factor ? profile_.refine(last, next) : profile_.refine(next, last);
  }

  profile& profile_;
  double close_spacing_;
  point down_, up_;
  double away_ = 0;
};

/// The least deviation in the book, within bounds.
double close_spacing_of(const weighted_book& book) {
  double least = zero_gamma_search::spacing;
  for (std::size_t i = 0; i < book.weight.size(); ++i)
    if (book.weight[i] != 0 && book.options.total_deviation[i] > 0)
      least = std::min(least, book.options.total_deviation[i]);
  return std::max(least, zero_gamma_search::spacing_min);
}

bool has_both_signs(std::span<const double> weight) {
  const auto positive = [](double w) { return w > 0; };
  const auto negative = [](double w) { return w < 0; };
  return std::any_of(weight.begin(), weight.end(), positive) && std::any_of(weight.begin(), weight.end(), negative);
}

}  // namespace

std::optional<double> zero_gamma_search::find(const weighted_book& book, timestamp t, double underlying,
                                              double tolerance) {
  if (!has_both_signs(book.weight) || !(underlying > 0)) {
    last_far_.reset();
    return std::nullopt;
  }
  totals_.assign(book.options, book.weight);
  profile totals(totals_, tolerance);
  walk outward(totals, close_spacing_of(book));
  if (const auto found = outward.to(near)) {
    last_far_.reset();
    looked_at_ = start_of_time;
    return found;
  }
  const bool due = looked_at_ == start_of_time || t - look_again >= looked_at_;
  if (!due && !last_far_) return std::nullopt;
  if (!due) {
    constexpr double around = 0.0025;
    const double factor = *last_far_ / underlying;
    const point low = totals.at(factor * (1 - around)), high = totals.at(factor * (1 + around));
    if (changes(low, high) && std::abs(factor - 1) <= reach) {
      const double found = totals.refine(low, high);
      last_far_ = found * underlying;
      return found;
    }
  }
  looked_at_ = t;
  const auto found = outward.to(reach);
  last_far_.reset();
  if (found) last_far_ = *found * underlying;
  return found;
}

}  // namespace isobar::gamma_fuel
