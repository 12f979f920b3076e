#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "service/standby_ledger.hpp"

namespace isobar::service {

/// The bus of a worker that stands by: it hears everything and may ask for what it misses, but what it publishes is
/// held against what the symbol's holder publishes, until promote(). From then on it is a fenced_bus. Of what is no
/// frame of the outputs (progress, acknowledgements) the last of each subject is kept and said at the promotion.
/// Thread-safe.
class standby_bus final : public bus::bus {
 public:
  template <class T>
  using answer = isobar::bus::result<T>;
  /// `outputs`: the subjects whose frames are compared; `requests`: the subject on which a worker asks for frames.
  struct subjects_of {
    std::vector<std::string> outputs;
    std::string requests;
  };
  /// `fenced`: the bus of the symbol's own gate.
  standby_bus(std::shared_ptr<isobar::bus::bus> fenced, subjects_of which)
      : inner_(std::move(fenced)), which_(std::move(which)) {}
  ~standby_bus() override { hear_no_more(); }

  /// Begins to listen to the holder.
  answer<void> follow();
  /// What it has made is, frame by frame, what the holder published.
  bool agrees();
  /// Publishes what the holder has not, and from now on everything. False: the two have come apart, nothing is
  /// published, and the worker is to be started anew.
  bool promote();
  bool standing_by() const { return standing_by_; }
  /// Bytes of frames that wait.
  std::size_t held_bytes() const;

  answer<void> publish(std::string_view subject, std::string payload) override;
  answer<void> flush() override { return inner_->flush(); }
  answer<std::unique_ptr<isobar::bus::subscription>> subscribe(std::string_view pattern,
                                                               isobar::bus::subscribe_options options,
                                                               std::function<void()> on_ready) override {
    return inner_->subscribe(pattern, std::move(options), std::move(on_ready));
  }
  answer<isobar::bus::message> request(std::string_view subject, std::string payload,
                                       std::chrono::milliseconds limit) override {
    return inner_->request(subject, std::move(payload), limit);
  }
  void request_async(std::string_view subject, std::string payload, std::chrono::milliseconds limit,
                     std::function<void(answer<isobar::bus::message>)> on_answer) override {
    inner_->request_async(subject, std::move(payload), limit, std::move(on_answer));
  }
  answer<std::shared_ptr<isobar::bus::kv_bucket>> bucket(std::string_view name,
                                                         isobar::bus::kv_options options) override {
    return inner_->bucket(name, options);
  }
  answer<void> keep(std::string_view name, isobar::bus::stream_options options) override {
    return inner_->keep(name, std::move(options));
  }
  answer<std::shared_ptr<isobar::bus::stream>> kept(std::string_view name) override { return inner_->kept(name); }
  std::size_t max_payload() const override { return inner_->max_payload(); }
  isobar::bus::bus_stats stats() const override { return inner_->stats(); }
  /// The process's own matter.
  void on_connection(std::function<void(bool)>) override {}
  void close() override {}

 private:
  void listen();
  void hear_no_more();
  void keep(const std::string& subject, std::string payload);
  bool is_output(std::string_view subject) const;

  const std::shared_ptr<isobar::bus::bus> inner_;
  const subjects_of which_;
  std::atomic<bool> standing_by_{true};
  mutable std::mutex mutex_;
  standby_ledger ledger_{{}};
  std::map<std::string, std::string> last_said_;  ///< of each subject that is no output; heartbeats of those that are
  std::mutex listening_;
  std::vector<std::unique_ptr<isobar::bus::subscription>> heard_;
};

}  // namespace isobar::service
