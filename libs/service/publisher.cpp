#include "service/publisher.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace isobar::service {

wire::frame_info publisher::header(const frame_extent& extent) const {
  wire::frame_info out;
  out.producer = producer_;
  out.sequence = sequence_;
  out.ts_first = extent.ts_first;
  out.ts_last = extent.ts_last;
  out.record_count = extent.record_count;
  out.quality = extent.quality;
  out.watermark = extent.watermark;
  return out;
}

bus::result<void> publisher::heartbeat(timestamp watermark, market::quality quality) {
  tell(watermark, quality);
  return bus_->publish(subject_, wire::encode_heartbeat(header({.quality = quality, .watermark = watermark})));
}

void publisher::tell(timestamp watermark, market::quality quality) {
  told_ = std::max(told_, watermark);
  told_quality_ = quality;
}

std::string publisher::keep(std::string bytes) {
  if (keeper_) keeper_->push(sequence_, std::make_shared<const std::string>(bytes));
  return bytes;
}

bool publisher::answer(const wire::refill_request& asked) {
  if (!keeper_ || !keeper_->answer(asked)) return false;
  if (told_ != start_of_time)
    (void)bus_->publish(keeper_->answers_on(),
                        wire::encode_heartbeat(header({.quality = told_quality_, .watermark = told_})));
  (void)flush();
  return true;
}

bus::result<void> publisher::send(std::string bytes) {
  const std::size_t size = bytes.size();
  auto sent = bus_->publish(subject_, std::move(bytes));
  if (!sent) {
    if (metrics_) metrics_->rejected("not_published").add();
    telemetry::logger(producer_).warn_limited(
        subject_, "bus refused frame subject=" + subject_ + " sequence=" + std::to_string(sequence_) +
                      " bytes=" + std::to_string(size) + " error=" + std::string(bus::to_string(sent.error().code)) +
                      " " + sent.error().evidence);
    return sent;
  }
  if (metrics_) {
    metrics_->frames_out.add();
    metrics_->frame_bytes.observe(static_cast<double>(size));
  }
  return sent;
}

}  // namespace isobar::service
