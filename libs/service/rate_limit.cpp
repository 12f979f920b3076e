#include "service/rate_limit.hpp"

#include <algorithm>

namespace isobar::service {

double rate_limit::left(const bucket& b, time now) const {
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - b.at).count());
  return std::min(per_second_, b.left + seconds * per_second_);
}

rate_limit::bucket& rate_limit::bucket_of(const std::string& client, time now) {
  const auto found = buckets_.find(client);
  if (found != buckets_.end()) return found->second;
  // A sweep looks at every bucket, so a flood of new names must not start one each.
  if (buckets_.size() >= clients_max_ && now >= swept_at_ + std::chrono::seconds(1)) {
    swept_at_ = now;
    std::erase_if(buckets_, [&](const auto& entry) { return left(entry.second, now) >= per_second_; });
  }
  if (buckets_.size() >= clients_max_) return shared_;
  return buckets_.emplace(client, bucket{per_second_, now}).first->second;
}

bool rate_limit::admit(const std::string& client, time now) {
  bucket& b = bucket_of(client, now);
  b.left = left(b, now);
  b.at = std::max(b.at, now);
  if (b.left < 1) return false;
  b.left -= 1;
  return true;
}

}  // namespace isobar::service
