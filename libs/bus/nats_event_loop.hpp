#pragma once
#include <nats/nats.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace isobar::bus {

/// The socket side of one libnats connection: one epoll thread that reads and, when told, writes.
///
/// Why not the library's own threads: its flusher waits a millisecond before it writes, and its Flush() waits for a
/// round trip. With an event loop of ours a burst leaves in one non-blocking write on the publisher's own thread
/// (flush_now), and a server that stops reading can never block a publisher.
class nats_event_loop {
 public:
  nats_event_loop();
  ~nats_event_loop();
  nats_event_loop(const nats_event_loop&) = delete;
  nats_event_loop& operator=(const nats_event_loop&) = delete;

  /// Makes `options` use this loop, which must outlive every connection made from them.
  natsStatus use_in(natsOptions* options);
  /// Writes what the connection has buffered, as far as the socket takes it; the loop's thread writes the rest.
  void flush_now(natsConnection* connection);
  /// Returns once the read that may be running is over. The library's reader uses a subscription that it has looked up
  /// without holding it: between ending one and destroying it, wait for the reader. Not from the loop's own thread.
  void wait_for_reader() { const std::scoped_lock lock(reading_); }
  /// Joins the thread. Call after natsConnection_Close and before natsConnection_Destroy.
  void stop();

 private:
  static natsStatus on_attach(void** user, void* loop, natsConnection* connection, natsSock socket);
  static natsStatus on_read(void* user, bool add);
  static natsStatus on_write(void* user, bool add);
  static natsStatus on_detach(void* user);

  void run();
  void attach(natsConnection* connection, int socket);
  void detach();
  void poll_write(bool on);
  void on_writable(natsConnection* connection);
  void write_buffered(natsConnection* connection);

  int epoll_ = -1;
  int wake_ = -1;
  std::mutex reading_;
  std::mutex writing_;  ///< taken before the library's connection lock
  std::mutex mutex_;    ///< taken after it
  int socket_ = -1;
  bool polling_write_ = false;
  std::atomic<natsConnection*> connection_{nullptr};
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace isobar::bus
