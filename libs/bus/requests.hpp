#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bus/bus.hpp"

namespace isobar::bus {

/// Requests that wait for their answer, by inbox subject. Bounded by the callers' time limits.
class pending_requests {
 public:
  using handler = std::function<void(result<message>)>;

  explicit pending_requests(std::string inbox_prefix) : prefix_(std::move(inbox_prefix)) {}

  /// The inbox to name in the request.
  std::string add(handler on_answer) {
    const std::scoped_lock lock(mutex_);
    std::string inbox = prefix_ + std::to_string(++last_);
    waiting_.emplace(inbox, std::move(on_answer));
    return inbox;
  }
  /// The handler, which the caller now must call; empty when somebody else took it.
  handler take(const std::string& inbox) {
    const std::scoped_lock lock(mutex_);
    const auto it = waiting_.find(inbox);
    if (it == waiting_.end()) return {};
    handler out = std::move(it->second);
    waiting_.erase(it);
    return out;
  }
  std::vector<handler> take_all() {
    const std::scoped_lock lock(mutex_);
    std::vector<handler> out;
    for (auto& [inbox, h] : waiting_) out.push_back(std::move(h));
    waiting_.clear();
    return out;
  }

 private:
  const std::string prefix_;
  std::mutex mutex_;
  std::unordered_map<std::string, handler> waiting_;
  std::uint64_t last_ = 0;
};

/// One answer that a thread waits for.
class answer_slot {
 public:
  void set(result<message> answer) {
    const std::scoped_lock lock(mutex_);
    answer_ = std::move(answer);
    changed_.notify_one();
  }
  std::optional<result<message>> wait_for(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return answer_.has_value(); });
    return std::exchange(answer_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<result<message>> answer_;
};

}  // namespace isobar::bus
