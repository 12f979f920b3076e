#pragma once
#include <string>
#include <vector>

namespace isobar::telemetry {

enum class kind { counter, gauge, histogram };
enum class bucket_unit { none, seconds, bytes, count };

/// One metric as metrics.yaml declares it; `labels` sorted.
struct declaration {
  std::string name;
  telemetry::kind kind;
  bucket_unit buckets;
  std::vector<std::string> labels;
  std::string help;
};

/// Every declared metric, by name. Generated at build time.
const std::vector<declaration>& catalogue();

/// Upper bounds shared by all histograms of a unit: seconds 1 us to 100 s and count 1 to 1,000,000 in steps of 1-2-5,
/// bytes 64 to 64 MiB in powers of two.
const std::vector<double>& bucket_bounds(bucket_unit unit);

}  // namespace isobar::telemetry
