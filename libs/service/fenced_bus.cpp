#include "service/fenced_bus.hpp"

namespace isobar::service {
namespace {

using namespace isobar::bus;
template <class T>
using answer = isobar::bus::result<T>;

/// What bus and buckets share.
struct fence {
  std::shared_ptr<symbol_gate> gate;
  std::shared_ptr<std::atomic<std::uint64_t>> refused;

  bool open() const { return gate->open(); }
  auto refuse(std::string_view what) const {
    ++*refused;
    return fail(isobar::bus::errc::closed, std::string(what) + ": the symbol is held no more");
  }
};

class fenced_bucket final : public kv_bucket {
 public:
  fenced_bucket(std::shared_ptr<kv_bucket> inner, fence f) : inner_(std::move(inner)), fence_(std::move(f)) {}

  answer<kv_entry> get(std::string_view key) override { return inner_->get(key); }
  answer<std::uint64_t> put(std::string_view key, std::string_view value) override {
    if (!fence_.open()) return fence_.refuse(key);
    return inner_->put(key, value);
  }
  answer<std::uint64_t> create(std::string_view key, std::string_view value) override {
    if (!fence_.open()) return fence_.refuse(key);
    return inner_->create(key, value);
  }
  answer<std::uint64_t> update(std::string_view key, std::string_view value, std::uint64_t revision) override {
    if (!fence_.open()) return fence_.refuse(key);
    return inner_->update(key, value, revision);
  }
  answer<void> remove(std::string_view key) override {
    if (!fence_.open()) return fence_.refuse(key);
    return inner_->remove(key);
  }
  answer<std::vector<kv_entry>> history(std::string_view key) override { return inner_->history(key); }
  answer<std::vector<std::string>> keys() override { return inner_->keys(); }
  answer<std::unique_ptr<kv_watch>> watch(std::string_view pattern,
                                          std::function<void(const kv_entry&)> on_entry) override {
    return inner_->watch(pattern, std::move(on_entry));
  }
  answer<stream_state> state() override { return inner_->state(); }
  std::uint64_t losses() const override { return inner_->losses(); }

 private:
  const std::shared_ptr<kv_bucket> inner_;
  const fence fence_;
};

class fenced_bus final : public isobar::bus::bus {
 public:
  fenced_bus(isobar::bus::bus& inner, fence f) : inner_(inner), fence_(std::move(f)) {}

  answer<void> publish(std::string_view subject, std::string payload) override {
    if (!fence_.open()) return fence_.refuse(subject);
    return inner_.publish(subject, std::move(payload));
  }
  answer<void> flush() override { return inner_.flush(); }
  answer<std::unique_ptr<subscription>> subscribe(std::string_view pattern, subscribe_options options,
                                                  std::function<void()> on_ready) override {
    return inner_.subscribe(pattern, std::move(options), std::move(on_ready));
  }
  answer<message> request(std::string_view subject, std::string payload, std::chrono::milliseconds limit) override {
    return inner_.request(subject, std::move(payload), limit);
  }
  void request_async(std::string_view subject, std::string payload, std::chrono::milliseconds limit,
                     std::function<void(answer<message>)> on_answer) override {
    inner_.request_async(subject, std::move(payload), limit, std::move(on_answer));
  }
  answer<std::shared_ptr<kv_bucket>> bucket(std::string_view name, kv_options options) override {
    auto opened = inner_.bucket(name, options);
    if (!opened) return opened;
    return std::make_shared<fenced_bucket>(std::move(*opened), fence_);
  }
  answer<void> keep(std::string_view name, stream_options options) override {
    return inner_.keep(name, std::move(options));
  }
  answer<std::shared_ptr<stream>> kept(std::string_view name) override { return inner_.kept(name); }
  std::size_t max_payload() const override { return inner_.max_payload(); }
  bus_stats stats() const override { return inner_.stats(); }
  /// The process's own matter.
  void on_connection(std::function<void(bool)>) override {}
  void close() override {}

 private:
  isobar::bus::bus& inner_;
  const fence fence_;
};

}  // namespace

std::shared_ptr<isobar::bus::bus> make_fenced_bus(isobar::bus::bus& inner, std::shared_ptr<symbol_gate> gate,
                                                  std::shared_ptr<std::atomic<std::uint64_t>> refused) {
  return std::make_shared<fenced_bus>(inner, fence{std::move(gate), std::move(refused)});
}

}  // namespace isobar::service
