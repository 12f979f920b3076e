#pragma once
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/symbol.hpp"
#include "decomposer/domain/registry.hpp"

namespace isobar::decomposer {

/// Position of a model in the registry.
std::optional<std::size_t> find_model(std::string_view name);

/// The last frame sent to each model, as queries see it: one per symbol and model. Thread-safe.
class last_inputs {
 public:
  explicit last_inputs(const std::vector<symbol>& symbols) {
    for (const auto& s : symbols) frames_[s];
  }
  bool knows(const symbol& s) const { return frames_.contains(s); }
  void put(const symbol& s, std::size_t model, std::shared_ptr<const std::string> frame);
  /// Null: nothing sent yet.
  std::shared_ptr<const std::string> find(const symbol& s, std::size_t model) const;

 private:
  mutable std::mutex mutex_;
  std::map<symbol, std::array<std::shared_ptr<const std::string>, models::size>> frames_;  ///< keys fixed
};

}  // namespace isobar::decomposer
