#include "service/conditions.hpp"

#include <exception>

namespace isobar::service {

void conditions::add(std::size_t owner, std::string name, readiness check) {
  const std::lock_guard lock(mutex_);
  all_.push_back({owner, std::move(name), std::move(check)});
}

void conditions::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  all_.clear();
}

std::string conditions::failing(std::size_t owner) const {
  const std::lock_guard lock(mutex_);
  if (draining_) return "draining\n";
  std::string out;
  for (const condition& c : all_) {
    if (owner != everyone && c.owner != everyone && c.owner != owner) continue;
    std::string why;
    try {
      why = c.check();
    } catch (const std::exception& e) {
      why = std::string("check threw: ") + e.what();
    }
    if (!why.empty()) out += c.name + ": " + why + "\n";
  }
  return out;
}

}  // namespace isobar::service
