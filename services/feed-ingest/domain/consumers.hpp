#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

namespace isobar::feed_ingest {

/// How far the consumers of one symbol's book frames say they are. Reports that count no frames are not consumers of
/// them.
class consumers {
 public:
  static constexpr std::size_t participants_max = 64;

  void report(const std::string& participant, std::uint64_t input_sequence, std::uint64_t durable_sequence) {
    const auto found = all_.find(participant);
    if (found == all_.end()) {
      if (input_sequence == 0 || all_.size() >= participants_max) return;
      all_[participant] = {input_sequence, durable_sequence};
      return;
    }
    // A consumer that restarts says less than it did: what it applied is then what counts, what was durable stays so.
    found->second.input = input_sequence;
    found->second.durable = std::max(found->second.durable, durable_sequence);
  }
  bool any() const { return !all_.empty(); }
  /// Last frame that all have applied; 0 before the first report.
  std::uint64_t least_input() const { return least(&progress::input); }
  /// Last frame that none will ask for again; 0 before the first report.
  std::uint64_t least_durable() const { return least(&progress::durable); }

 private:
  struct progress {
    std::uint64_t input = 0, durable = 0;
  };
  std::uint64_t least(std::uint64_t progress::* which) const {
    if (all_.empty()) return 0;
    std::uint64_t out = UINT64_MAX;
    for (const auto& [name, p] : all_) out = std::min(out, p.*which);
    return out;
  }
  std::map<std::string, progress> all_;
};

}  // namespace isobar::feed_ingest
