#include "core/error.hpp"
#include "telemetry/catalogue.hpp"

namespace isobar::telemetry {

const std::vector<double>& bucket_bounds(bucket_unit unit) {
  static const std::vector<double> seconds{1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2,
                                           2e-2, 5e-2, 0.1,  0.2,  0.5,  1,    2,    5,    10,   20,   50,   100};
  static const std::vector<double> bytes = [] {
    std::vector<double> out;
    for (int power = 6; power <= 26; ++power) out.push_back(static_cast<double>(1 << power));
    return out;
  }();
  static const std::vector<double> count{1,    2,    5,     10,    20,    50,     100,    200,    500,    1000,
                                         2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000};
  ISOBAR_ASSERT(unit != bucket_unit::none);
  return unit == bucket_unit::seconds ? seconds : unit == bucket_unit::bytes ? bytes : count;
}

}  // namespace isobar::telemetry
