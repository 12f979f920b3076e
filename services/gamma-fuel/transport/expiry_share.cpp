#include "gamma-fuel/transport/expiry_share.hpp"

#include <algorithm>

#include "wire/units.hpp"

namespace isobar::gamma_fuel {
namespace {

using gex::v1::ExpiryProfile;
using gex::v1::GexProfile;
using service::query_errc;

bool is(const ExpiryProfile& e, const market::expiry_key& key) {
  return e.key().root() == key.root && e.key().expiry_yyyymmdd() == to_yyyymmdd(key.expiry);
}

const ExpiryProfile* find(const GexProfile& in, const market::expiry_key& key) {
  const auto found = std::ranges::find_if(in.expiries(), [&](const auto& e) { return is(e, key); });
  return found == in.expiries().end() ? nullptr : &*found;
}

/// Dealers' sign of calls and of puts under a convention.
struct convention {
  gex::v1::SignModel model;
  double call, put;
};
constexpr convention conventions[] = {{gex::v1::SIGN_MODEL_CALLS_POSITIVE, 1, -1},
                                      {gex::v1::SIGN_MODEL_PUTS_POSITIVE, -1, 1},
                                      {gex::v1::SIGN_MODEL_ALL_SHORT, -1, -1}};

void clear_what_is_of_all(GexProfile& p) {
  for (auto* column :
       {p.mutable_d1_gex_abs(), p.mutable_d2_gex_abs(), p.mutable_d3_gex_abs(), p.mutable_imbalance(),
        p.mutable_d1_imbalance(), p.mutable_d2_imbalance(), p.mutable_d3_imbalance(), p.mutable_model_spread()})
    column->Clear();
  p.clear_call_open_interest();
  p.clear_put_open_interest();
  p.clear_models();
  p.clear_contracts_priced();
  p.clear_left_out();
  p.clear_pins();
  p.clear_gravity();
  p.clear_minute_gravity();
  p.clear_volume();
}

using doubles = google::protobuf::RepeatedField<double>;

void write_convention(const convention& c, const doubles& calls, const doubles& puts, doubles& to) {
  for (int i = 0; i < calls.size(); ++i) to.Add(c.call * calls.Get(i) + c.put * puts.Get(i));
}

/// Every model as the landscape has it; the conventions' strikes are made of calls and puts, flow's come with the
/// share.
void write_models(const ExpiryProfile& share, GexProfile& p) {
  for (const auto& total : share.models()) {
    auto& model = *p.add_models() = total;
    const auto* const c = std::ranges::find(conventions, total.model(), &convention::model);
    if (c == std::end(conventions)) continue;
    auto& strikes = *model.mutable_strikes();
    write_convention(*c, share.call_gex_by_strike(), share.put_gex_by_strike(), *strikes.mutable_gex());
    write_convention(*c, share.call_vanna_by_strike(), share.put_vanna_by_strike(), *strikes.mutable_vanna());
    write_convention(*c, share.call_charm_by_strike(), share.put_charm_by_strike(), *strikes.mutable_charm());
  }
  for (int i = 0; i < p.strike_nanos_size(); ++i) {
    double low = p.models(0).strikes().gex(i), high = low;
    for (const auto& m : p.models()) {
      low = std::min(low, m.strikes().gex(i));
      high = std::max(high, m.strikes().gex(i));
    }
    p.add_model_spread(high - low);
  }
  p.set_total_model_spread(share.model_spread());
}

/// All columns of a share by strike are there, one entry a strike.
bool is_whole(const ExpiryProfile& share, int strikes) {
  const auto fits = [strikes](const doubles& column) { return column.size() == strikes; };
  const bool sides = fits(share.call_gex_by_strike()) && fits(share.put_gex_by_strike()) &&
                     fits(share.call_vanna_by_strike()) && fits(share.put_vanna_by_strike()) &&
                     fits(share.call_charm_by_strike()) && fits(share.put_charm_by_strike());
  const auto flow = std::ranges::find(share.models(), gex::v1::SIGN_MODEL_FLOW, &gex::v1::ModelProfile::model);
  return sides && flow != share.models().end() && fits(flow->strikes().gex()) && fits(flow->strikes().vanna()) &&
         fits(flow->strikes().charm());
}

}  // namespace

service::query_result<void> keep_expiry(const market::expiry_key& wanted, const std::string* detail, GexProfile& p) {
  if (!find(p, wanted)) return fail(query_errc::not_found, "expiry: " + to_string(wanted) + " is not in the landscape");
  GexProfile by_strike;
  if (!detail || !by_strike.ParseFromString(*detail))
    return fail(query_errc::not_found, "expiry: its strikes are not kept for the window of as_of_ns");
  const ExpiryProfile* const found = find(by_strike, wanted);
  const int strikes = p.strike_nanos_size();
  if (!found || !is_whole(*found, strikes))
    return fail(query_errc::not_found, "expiry: its strikes are not kept for the window of as_of_ns");
  clear_what_is_of_all(p);
  p.clear_expiries();
  const ExpiryProfile& share = *p.add_expiries() = *found;
  p.mutable_call_gex()->CopyFrom(share.call_gex_by_strike());
  p.mutable_put_gex()->CopyFrom(share.put_gex_by_strike());
  p.set_contracts(share.contracts());
  for (int i = 0; i < strikes; ++i) {
    const double call = p.call_gex(i), put = p.put_gex(i);
    p.add_imbalance((call - put) / (call + put + 1e-6));
  }
  write_models(share, p);
  return {};
}

}  // namespace isobar::gamma_fuel
