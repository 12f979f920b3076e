#include "bus/sequence.hpp"

namespace isobar::bus {

arrival sequence_check::observe(std::uint64_t sequence, bool heartbeat) {
  if (!seen_) return accept(arrival::first, sequence);
  return heartbeat ? observe_heartbeat(sequence) : observe_data(sequence);
}

arrival sequence_check::observe_data(std::uint64_t sequence) {
  if (sequence == last_ + 1) return accept(arrival::next, sequence);
  if (sequence > last_) {
    missing_ += sequence - last_ - 1;
    return accept(arrival::gap, sequence);
  }
  if (sequence <= 1 || (behind_ && sequence == *behind_ + 1)) return accept(arrival::restarted, sequence);
  behind_ = sequence;
  return arrival::duplicate;
}

arrival sequence_check::observe_heartbeat(std::uint64_t sequence) {
  if (sequence == last_) return accept(arrival::next, sequence);
  if (sequence > last_) {
    missing_ += sequence - last_;
    return accept(arrival::gap, sequence);
  }
  if (sequence == 0 || (behind_ && sequence >= *behind_)) return accept(arrival::restarted, sequence);
  behind_ = sequence;
  return arrival::duplicate;
}

arrival sequence_check::accept(arrival kind, std::uint64_t sequence) {
  seen_ = true;
  last_ = sequence;
  behind_.reset();
  return kind;
}

}  // namespace isobar::bus
