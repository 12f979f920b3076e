#pragma once
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "decomposer/domain/registry.hpp"
#include "service/query_result.hpp"

namespace isobar::decomposer {

/// Position of a model in the registry.
std::optional<std::size_t> find_model(std::string_view name);

/// The last frame of one symbol sent to each model, as queries see it. Thread-safe.
class last_inputs {
 public:
  void put(std::size_t model, std::shared_ptr<const std::string> frame);
  /// Null: nothing sent yet.
  std::shared_ptr<const std::string> find(std::size_t model) const;

 private:
  mutable std::mutex mutex_;
  std::array<std::shared_ptr<const std::string>, models::size> frames_;
};
using inputs_by_symbol = service::stores_by_symbol<last_inputs>;

}  // namespace isobar::decomposer
