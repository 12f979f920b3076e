#pragma once
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace isobar::bus {

/// Lets callbacks through until it is closed. After close() returns, none runs any more and none will. Closing from
/// inside a callback of the same gate is allowed: it waits for the others only.
class callback_gate {
 public:
  callback_gate() = default;
  callback_gate(const callback_gate&) = delete;
  callback_gate& operator=(const callback_gate&) = delete;

  /// Runs `callback` on this thread unless the gate is closed; returns whether it ran. Several may run at once.
  template <class F>
  bool run(F&& callback) {
    const pass inside(*this);
    if (inside) std::forward<F>(callback)();
    return static_cast<bool>(inside);
  }

  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    const std::size_t own = passes_of_this_thread();
    idle_.wait(lock, [&] { return running_ <= own; });
  }

 private:
  /// One callback on this thread's stack.
  class pass {
   public:
    explicit pass(callback_gate& gate) : gate_(gate), outer_(innermost) {
      const std::scoped_lock lock(gate_.mutex_);
      entered_ = !gate_.closed_;
      if (!entered_) return;
      ++gate_.running_;
      innermost = this;
    }
    pass(const pass&) = delete;
    pass& operator=(const pass&) = delete;
    ~pass() {
      if (!entered_) return;
      innermost = outer_;
      const std::scoped_lock lock(gate_.mutex_);
      --gate_.running_;
      if (gate_.closed_) gate_.idle_.notify_all();
    }
    explicit operator bool() const { return entered_; }

   private:
    friend class callback_gate;
    callback_gate& gate_;
    pass* outer_;
    bool entered_ = false;
  };

  std::size_t passes_of_this_thread() const {
    std::size_t n = 0;
    for (const pass* p = innermost; p != nullptr; p = p->outer_) n += &p->gate_ == this;
    return n;
  }

  static inline thread_local pass* innermost = nullptr;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t running_ = 0;
  bool closed_ = false;
};

}  // namespace isobar::bus
