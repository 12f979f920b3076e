#pragma once
// Inside of libs/actors: what a scheduler must offer.

#include <memory>

#include "actors/cell.hpp"
#include "actors/worker.hpp"

namespace isobar::actors::detail {

class runtime {
 public:
  /// Waits until every launched worker has ended.
  virtual ~runtime() = default;
  /// Feeds `w` from the port until take() returns false. Urgent packets (lane::control) overtake the others.
  virtual std::shared_ptr<port> launch(std::unique_ptr<worker> w, spawn_options options) = 0;
};

/// CAF with the sharing policy.
std::unique_ptr<runtime> make_runtime(const system_options& options);

}  // namespace isobar::actors::detail
