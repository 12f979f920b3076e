#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace isobar::service {

/// One token bucket per client: `per_second` calls a second, and as many at once after a quiet second. At most
/// `clients_max` buckets: full ones are forgotten first (nothing is lost with them), and when none is full, newcomers
/// share one. Not thread-safe; time comes in as an argument.
class rate_limit {
 public:
  using time = std::chrono::steady_clock::time_point;
  explicit rate_limit(std::int64_t per_second, std::size_t clients_max = 4096)
      : per_second_(static_cast<double>(per_second)), clients_max_(clients_max) {}

  /// Takes one call of the client's; false: too many.
  bool admit(const std::string& client, time now);
  std::size_t clients() const { return buckets_.size(); }

 private:
  struct bucket {
    double left;
    time at;
  };
  double left(const bucket& b, time now) const;
  bucket& bucket_of(const std::string& client, time now);

  const double per_second_;
  const std::size_t clients_max_;
  std::map<std::string, bucket> buckets_;
  time swept_at_{};
  bucket shared_{0, {}};
};

}  // namespace isobar::service
