#include "radar-physics/domain/engine.hpp"

#include <utility>
#include <variant>

#include "radar-physics/domain/literal/literal_engine.hpp"
#include "radar-physics/domain/medium_engine.hpp"

namespace isobar::radar_physics {

/// One of the two sets of rules, as radar_config::rules says.
struct radar_engine::impl {
  std::variant<medium_engine, literal_engine> rules;

  template <class Call>
  decltype(auto) visit(Call&& call) {
    return std::visit(std::forward<Call>(call), rules);
  }
};

radar_engine::radar_engine(radar_config c, bool live) {
  if (c.rules == compat::literal) {
    impl_.reset(new impl{{literal_engine(std::move(c), live)}});
  } else {
    impl_.reset(new impl{{medium_engine(std::move(c), live)}});
  }
}
radar_engine::~radar_engine() = default;
radar_engine::radar_engine(radar_engine&&) noexcept = default;

void radar_engine::apply(const market::book_event& e, radar_sink& sink) {
  impl_->visit([&](auto& rules) { rules.apply(e, sink); });
}
void radar_engine::apply(std::span<const market::book_event> batch, radar_sink& sink) {
  impl_->visit([&](auto& rules) { rules.apply(batch, sink); });
}
void radar_engine::advance(timestamp watermark, radar_sink& sink) {
  impl_->visit([&](auto& rules) { rules.advance(watermark, sink); });
}
void radar_engine::gap() {
  impl_->visit([](auto& rules) { rules.gap(); });
}

void radar_engine::take(gex_input in) {
  impl_->visit([&](auto& rules) { rules.take(std::move(in)); });
}
void radar_engine::take(gate_input in) {
  impl_->visit([&](auto& rules) { rules.take(std::move(in)); });
}
void radar_engine::take(level_set_input in) {
  impl_->visit([&](auto& rules) { rules.take(std::move(in)); });
}
void radar_engine::take(calibration_table table) {
  impl_->visit([&](auto& rules) { rules.take(std::move(table)); });
}

const market::order_book& radar_engine::book() const {
  return impl_->visit([](const auto& rules) -> const market::order_book& { return rules.book(); });
}
const engine_counters& radar_engine::counters() const {
  return impl_->visit([](const auto& rules) -> const engine_counters& { return rules.counters(); });
}
const radar_config& radar_engine::config() const {
  return impl_->visit([](const auto& rules) -> const radar_config& { return rules.config(); });
}
timestamp radar_engine::closed_until() const {
  return impl_->visit([](const auto& rules) { return rules.closed_until(); });
}
std::size_t radar_engine::memory_bytes() const {
  return impl_->visit([](const auto& rules) { return rules.memory_bytes(); });
}

void radar_engine::save(std::string& out) const {
  impl_->visit([&](const auto& rules) { rules.save(out); });
}
bool radar_engine::restore(std::string_view bytes) {
  return impl_->visit([&](auto& rules) { return rules.restore(bytes); });
}

}  // namespace isobar::radar_physics
