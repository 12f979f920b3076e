#include "service/frame_keeper.hpp"

#include "telemetry/log.hpp"

namespace isobar::service {

void frame_keeper::push(std::uint64_t sequence, std::shared_ptr<const std::string> bytes) {
  const auto before = frames_.dropped();
  frames_.push(sequence, std::move(bytes));
  show();
  const auto dropped = frames_.dropped() - before;
  if (dropped == 0) return;
  measured_.dropped.add(dropped);
  // Nobody misses what nobody has ever followed.
  if (!frames_.followed()) return;
  telemetry::logger(plan_.producer)
      .warn_limited("kept " + subject_,
                    "kept frames are at their bound, a consumer that comes back will have a gap "
                    "subject=" +
                        subject_ + " bytes=" + std::to_string(frames_.bytes()) +
                        " first=" + std::to_string(frames_.first()));
}

bool frame_keeper::answer(const wire::refill_request& asked) {
  if (plan_.bytes_max == 0 || asked.subject != subject_ || asked.symbol != plan_.of) return false;
  if (asked.purpose == wire::refill_purpose::release) {
    frames_.release(asked.requester, asked.from_sequence);
    show();
  }
  if (asked.purpose != wire::refill_purpose::want) return false;
  (void)bus_->publish(plan_.notes, wire::encode_refill_request({.symbol = plan_.of,
                                                                .requester = plan_.producer,
                                                                .from_sequence = frames_.first(),
                                                                .subject = subject_,
                                                                .purpose = wire::refill_purpose::kept}));
  measured_.answered.add(
      frames_.answer(asked.from_sequence, [&](const std::string& bytes) { (void)bus_->publish(answers_on(), bytes); }));
  return true;
}

}  // namespace isobar::service
