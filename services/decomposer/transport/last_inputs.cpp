#include "decomposer/transport/last_inputs.hpp"

#include <algorithm>

namespace isobar::decomposer {

std::optional<std::size_t> find_model(std::string_view name) {
  const auto at = std::find(models::names.begin(), models::names.end(), name);
  if (at == models::names.end()) return std::nullopt;
  return static_cast<std::size_t>(at - models::names.begin());
}

void last_inputs::put(std::size_t model, std::shared_ptr<const std::string> frame) {
  const std::lock_guard lock(mutex_);
  frames_.at(model) = std::move(frame);
}

std::shared_ptr<const std::string> last_inputs::find(std::size_t model) const {
  const std::lock_guard lock(mutex_);
  return frames_.at(model);
}

}  // namespace isobar::decomposer
