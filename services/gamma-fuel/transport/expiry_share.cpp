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
}

}  // namespace

service::query_result<void> keep_expiry(const market::expiry_key& wanted, const std::string* detail, GexProfile& p) {
  if (!find(p, wanted)) return fail(query_errc::not_found, "expiry: " + to_string(wanted) + " is not in the landscape");
  GexProfile by_strike;
  if (!detail || !by_strike.ParseFromString(*detail))
    return fail(query_errc::not_found, "expiry: its strikes are not kept for the window of as_of_ns");
  const ExpiryProfile* const found = find(by_strike, wanted);
  const int strikes = p.strike_nanos_size();
  if (!found || found->call_gex_by_strike_size() != strikes || found->put_gex_by_strike_size() != strikes)
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
  for (const convention& c : conventions) {
    auto& model = *p.add_models();
    model.set_model(c.model);
    for (int i = 0; i < strikes; ++i) model.mutable_strikes()->add_gex(c.call * p.call_gex(i) + c.put * p.put_gex(i));
    model.set_total_gex(c.call * share.call_gex() + c.put * share.put_gex());
  }
  return {};
}

}  // namespace isobar::gamma_fuel
