#include "radar-physics/domain/engine.hpp"

#include "radar-physics/domain/medium_engine.hpp"

namespace isobar::radar_physics {

struct radar_engine::impl {
  medium_engine rules;
};

radar_engine::radar_engine(radar_config c, bool live) : impl_(new impl{medium_engine(std::move(c), live)}) {}
radar_engine::~radar_engine() = default;
radar_engine::radar_engine(radar_engine&&) noexcept = default;

void radar_engine::apply(const market::book_event& e, radar_sink& sink) { impl_->rules.apply(e, sink); }
void radar_engine::apply(std::span<const market::book_event> batch, radar_sink& sink) {
  impl_->rules.apply(batch, sink);
}
void radar_engine::advance(timestamp watermark, radar_sink& sink) { impl_->rules.advance(watermark, sink); }
void radar_engine::gap() { impl_->rules.gap(); }

void radar_engine::take(gex_input in) { impl_->rules.take(std::move(in)); }
void radar_engine::take(gate_input in) { impl_->rules.take(std::move(in)); }
void radar_engine::take(level_set_input in) { impl_->rules.take(std::move(in)); }
void radar_engine::take(calibration_table table) { impl_->rules.take(std::move(table)); }

const market::order_book& radar_engine::book() const { return impl_->rules.book(); }
const engine_counters& radar_engine::counters() const { return impl_->rules.counters(); }
const radar_config& radar_engine::config() const { return impl_->rules.config(); }
timestamp radar_engine::closed_until() const { return impl_->rules.closed_until(); }
std::size_t radar_engine::memory_bytes() const { return impl_->rules.memory_bytes(); }

void radar_engine::save(std::string& out) const { impl_->rules.save(out); }
bool radar_engine::restore(std::string_view bytes) { return impl_->rules.restore(bytes); }

}  // namespace isobar::radar_physics
