#pragma once
#include <memory>
#include <mutex>

#include "service/checkpoint_store.hpp"

namespace isobar::service {

/// Checkpoints as a worker that stands by has them: it begins with the holder's and writes none, until it holds the
/// symbol itself. Thread-safe.
class standby_checkpoint final : public checkpoint_store {
 public:
  explicit standby_checkpoint(std::shared_ptr<const checkpoint_store> of_the_holder)
      : store_(std::move(of_the_holder)) {}
  void promote(std::shared_ptr<const checkpoint_store> own) {
    const std::lock_guard lock(mutex_);
    store_ = std::move(own);
  }

  std::optional<std::string> write(std::string_view content) const override { return store()->write(content); }
  std::optional<isobar::result<std::string, errc>> read(int generation) const override {
    return store()->read(generation);
  }
  void remove() const override { store()->remove(); }
  std::string place(int generation) const override { return store()->place(generation); }

 private:
  std::shared_ptr<const checkpoint_store> store() const {
    const std::lock_guard lock(mutex_);
    return store_;
  }
  mutable std::mutex mutex_;
  std::shared_ptr<const checkpoint_store> store_;
};

}  // namespace isobar::service
