#include "service/intake.hpp"

namespace isobar::service {

bus::result<std::shared_ptr<intake>> intake::open(bus::bus& on, std::string_view pattern,
                                                  bus::subscribe_options options, actors::ref to, int tag) {
  std::shared_ptr<intake> made(new intake(std::move(to), tag));
  auto subscription = on.subscribe(pattern, std::move(options), [weak = std::weak_ptr(made)] {
    const auto self = weak.lock();
    if (self && self->opened_) self->to_.send(intake_ready{self});
  });
  if (!subscription) return std::unexpected(subscription.error());
  made->subscription_ = std::move(*subscription);
  made->opened_ = true;
  // What arrived before the line above was not announced.
  made->to_.send(intake_ready{made});
  return made;
}

void intake::close() {
  std::unique_ptr<bus::subscription> ending;
  const std::lock_guard lock(mutex_);
  if (subscription_) last_ = subscription_->stats();
  ending = std::move(subscription_);
}

bus::subscription_stats intake::stats() const {
  const std::lock_guard lock(mutex_);
  return subscription_ ? subscription_->stats() : last_;
}

}  // namespace isobar::service
