#include "radar-physics/domain/feature_formulas.hpp"

#include <cmath>

namespace isobar::radar_physics {
namespace {

double log_ratio(double a, double b) { return std::log((a + 1) / (b + 1)); }

/// f1 and f2, or f3 and f4: ten features of one side.
struct side_features {
  double com, convex, inner, at_delta, near_delta, away_share;
  double pull_add, pull_intensity, at_share, near_share;

  explicit side_features(const side_view& v)
      : com(log_ratio(v.end.distance(), v.start.distance())),
        convex(log_ratio(v.end.far, v.end.near)),
        inner(log_ratio(v.end.near, v.end.at)),
        at_delta(v.end.at / (v.end.total + 1) - v.start.at / (v.start.total + 1)),
        near_delta(v.end.near / (v.end.total + 1) - v.start.near / (v.start.total + 1)),
        away_share(v.flow.away + v.flow.toward > 0 ? v.flow.away / (v.flow.away + v.flow.toward + 1) : 0.5),
        pull_add(log_ratio(v.flow.pulled_rest, v.flow.added)),
        pull_intensity(std::log(1 + v.flow.pulled_rest / (v.start.total + 1))),
        at_share(v.flow.pulled_rest_at / (v.flow.pulled_rest + 1)),
        near_share(v.flow.pulled_rest_near / (v.flow.pulled_rest + 1)) {}
};

/// Features of the f half; the u half follows it in base_features.
constexpr std::size_t f_count = 25, u_count = 24;
static_assert(f_count + u_count == feature_vector::base);

}  // namespace

base_features features_of(const side_view& ask, const side_view& bid) {
  const side_features a(ask), b(bid);
  const double expansion = a.com + b.com, decay = a.pull_add + b.pull_add;
  const double up_expansion = a.com - b.com, up_flow = a.pull_add - b.pull_add;
  return {
      // f1, f2: the ask side; f3, f4: the bid side; f5 to f9: both.
      a.com,
      a.convex,
      a.inner,
      a.at_delta,
      a.near_delta,
      a.away_share,  //
      a.pull_add,
      a.pull_intensity,
      a.at_share,
      a.near_share,  //
      b.com,
      b.convex,
      b.inner,
      b.at_delta,
      b.near_delta,
      b.away_share,  //
      b.pull_add,
      b.pull_intensity,
      b.at_share,
      b.near_share,  //
      expansion,
      decay,
      expansion + decay,
      ask.end.nearest,
      bid.end.nearest,  //
      // u1 to u7: the way up opens; u8 to u14: the bid follows; u15 to u19: both.
      a.com,
      a.convex,
      a.inner,
      -a.at_delta,
      -a.near_delta,
      a.away_share,  //
      a.pull_add,
      a.pull_intensity,
      a.at_share,
      a.near_share,  //
      -b.com,
      -b.convex,
      -b.inner,
      b.at_delta,
      b.near_delta,
      1 - b.away_share,  //
      -b.pull_add,
      std::log(1 + bid.flow.added / (bid.start.total + 1)),  //
      1 - b.at_share - b.near_share,
      up_expansion,
      up_flow,
      up_expansion + up_flow,  //
      ask.end.nearest,
      bid.end.nearest,
  };
}

void feature_history::append(const base_features& now, std::int64_t reference, feature_vector& out) {
  settled_ = rows_ == references_.size() &&
             std::all_of(references_.begin(), references_.end(), [&](std::int64_t r) { return r == reference; });
  for (std::size_t i = 0; i < now.size(); ++i) {
    const double d1 = rows_ > 0 ? now[i] - last_[i] : 0;
    const double d2 = rows_ > 0 ? d1 - d1_[i] : 0;
    const double d3 = rows_ > 0 ? d2 - d2_[i] : 0;
    // f0 to f24, their d1, d2 and d3; then the same of u.
    const std::size_t at = i < f_count ? i : 4 * f_count + (i - f_count);
    const std::size_t stride = i < f_count ? f_count : u_count;
    out.value[at] = now[i];
    out.value[at + stride] = d1;
    out.value[at + 2 * stride] = d2;
    out.value[at + 3 * stride] = d3;
    settled_ = settled_ && now[i] == last_[i] && d1 == d1_[i] && d2 == d2_[i];
    last_[i] = now[i];
    d1_[i] = d1;
    d2_[i] = d2;
  }
  const std::int64_t before = references_.back();
  out.approach = rows_ < references_.size() ? 0 : (reference > before) - (reference < before);
  std::copy_backward(references_.begin(), references_.end() - 1, references_.end());
  references_.front() = reference;
  if (rows_ < references_.size()) ++rows_;
}

}  // namespace isobar::radar_physics
