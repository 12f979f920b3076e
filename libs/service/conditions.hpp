#pragma once
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "service/host.hpp"

namespace isobar::service {

/// The named conditions of /readyz and of gRPC health. Thread-safe.
class conditions {
 public:
  /// `owner`: index of the app it belongs to; `everyone` for the host's own.
  void add(std::size_t owner, std::string name, readiness check);
  /// From now on the answer is "draining", and no check is called any more.
  void drain();
  /// One line for each condition of `owner` and of the host that fails, "name: why"; empty: ready.
  std::string failing(std::size_t owner) const;
  /// The same over all owners.
  std::string failing() const { return failing(everyone); }

  static constexpr std::size_t everyone = static_cast<std::size_t>(-1);

 private:
  struct condition {
    std::size_t owner;
    std::string name;
    readiness check;
  };
  mutable std::mutex mutex_;
  std::vector<condition> all_;
  bool draining_ = false;
};

}  // namespace isobar::service
