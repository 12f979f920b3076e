#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "bus/bus.hpp"
#include "telemetry/log.hpp"

namespace isobar::service {

/// Writes the latest value of each key to a bucket from a thread of its own, because a write may block. A value that
/// was not yet written is replaced by a newer one: at most one waits per key.
class latest_writer {
 public:
  /// `owner`: the service, for logs. `on` outlives the writer.
  latest_writer(bus::bus& on, std::string bucket, std::string owner);
  ~latest_writer();
  void put(std::string key, std::shared_ptr<const std::string> value);
  /// Waits until everything was tried once; ends the thread.
  void close();
  std::uint64_t failures() const;

 private:
  void run();
  bool write(const std::string& key, const std::string& value);

  bus::bus& bus_;
  const std::string bucket_name_;
  std::shared_ptr<bus::kv_bucket> bucket_;
  telemetry::logger log_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, std::shared_ptr<const std::string>> waiting_;
  bool closing_ = false;
  std::uint64_t failures_ = 0;
  std::thread thread_;
};

}  // namespace isobar::service
