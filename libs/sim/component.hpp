#pragma once
#include <memory>
#include <variant>
#include <vector>

#include "market/window.hpp"
#include "sim/futures_market.hpp"
#include "sim/option_market.hpp"

namespace isobar::sim {

/// What a simulated feed can say. A new market adds its record here (crypto depth, option order flow). Facts are rare
/// and large, so they are shared.
using market_event = std::variant<market::option_event, market::book_event, std::shared_ptr<const futures_fact>>;

struct stamped_event {
  timestamp ts_event;
  std::size_t component = 0;  ///< position in the market that merged it
  market_event event;
};

/// One simulated feed. The plug for further markets: implement this, add it to a merged_market.
class market_component {
 public:
  virtual ~market_component() = default;
  /// Appends every event of [now(), until) in event-time order. Must not depend on how calls divide time.
  virtual void advance(timestamp until, std::vector<stamped_event>& out) = 0;
  virtual timestamp now() const = 0;
};

/// An option_market as a component.
class option_component final : public market_component {
 public:
  explicit option_component(config c) : market_(std::move(c)) {}
  void advance(timestamp until, std::vector<stamped_event>& out) override;
  timestamp now() const override { return market_.now(); }
  const option_market& market() const { return market_; }

 private:
  option_market market_;
  std::vector<market::option_event> scratch_;
};

/// A futures_market as a component: orders and facts in order of delivery, at equal times facts first. Snapshot records
/// are stamped with the session's start, when they are delivered.
class futures_component final : public market_component {
 public:
  explicit futures_component(futures_market_config c) : market_(std::move(c)) {}
  void advance(timestamp until, std::vector<stamped_event>& out) override;
  timestamp now() const override { return market_.now(); }
  const futures_market& market() const { return market_; }

 private:
  futures_market market_;
  std::vector<market::book_event> scratch_;
};

/// Components as one stream, merged by event time; at equal times the component added first speaks first.
class merged_market {
 public:
  void add(std::unique_ptr<market_component> component) { components_.push_back(std::move(component)); }
  void advance(timestamp until, std::vector<stamped_event>& out);

 private:
  std::vector<std::unique_ptr<market_component>> components_;
};

}  // namespace isobar::sim
