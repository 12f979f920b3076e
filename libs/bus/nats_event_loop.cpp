#include "bus/nats_event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>

#include "core/error.hpp"

namespace isobar::bus {

nats_event_loop::nats_event_loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC)) {
  ISOBAR_ASSERT(epoll_ >= 0 && wake_ >= 0);
  epoll_event event{.events = EPOLLIN, .data = {.fd = wake_}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
  thread_ = std::thread([this] { run(); });
}

nats_event_loop::~nats_event_loop() {
  stop();
  close(epoll_);
  close(wake_);
}

void nats_event_loop::stop() {
  if (stopped_.exchange(true)) return;
  eventfd_write(wake_, 1);
  thread_.join();
}

natsStatus nats_event_loop::use_in(natsOptions* options) {
  return natsOptions_SetEventLoop(options, this, &on_attach, &on_read, &on_write, &on_detach);
}

void nats_event_loop::flush_now(natsConnection* connection) {
  {
    // The socket is full or the thread is about to write: it takes this along, and trying would only move memory.
    const std::scoped_lock lock(mutex_);
    if (polling_write_) return;
  }
  write_buffered(connection);
  if (natsConnection_Buffered(connection) > 0) poll_write(true);
}

void nats_event_loop::write_buffered(natsConnection* connection) {
  const std::scoped_lock lock(writing_);
  // The library takes a write of nothing for a closed connection.
  if (natsConnection_Buffered(connection) > 0) natsConnection_ProcessWriteEvent(connection);
}

// The library calls these four with its connection lock held: they must not call back into it.
natsStatus nats_event_loop::on_attach(void** user, void* loop, natsConnection* connection, natsSock socket) {
  *user = loop;
  static_cast<nats_event_loop*>(loop)->attach(connection, socket);
  return NATS_OK;
}

natsStatus nats_event_loop::on_read(void* user, bool add) {
  if (!add) static_cast<nats_event_loop*>(user)->detach();
  return NATS_OK;
}

natsStatus nats_event_loop::on_write(void* user, bool add) {
  static_cast<nats_event_loop*>(user)->poll_write(add);
  return NATS_OK;
}

natsStatus nats_event_loop::on_detach(void* user) {
  static_cast<nats_event_loop*>(user)->detach();
  return NATS_OK;
}

void nats_event_loop::attach(natsConnection* connection, int socket) {
  detach();
  const std::scoped_lock lock(mutex_);
  connection_ = connection;
  socket_ = socket;
  epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &event);
}

void nats_event_loop::detach() {
  const std::scoped_lock lock(mutex_);
  if (socket_ < 0) return;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, socket_, nullptr);
  socket_ = -1;
  polling_write_ = false;
}

void nats_event_loop::poll_write(bool on) {
  const std::scoped_lock lock(mutex_);
  if (socket_ < 0 || polling_write_ == on) return;
  polling_write_ = on;
  epoll_event event{.events = on ? EPOLLIN | EPOLLOUT : EPOLLIN, .data = {.fd = socket_}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_, &event);
}

void nats_event_loop::on_writable(natsConnection* connection) {
  write_buffered(connection);
  if (natsConnection_Buffered(connection) > 0) return;
  poll_write(false);
  // The library may have asked for a write just before: it asks once only.
  if (natsConnection_Buffered(connection) > 0) poll_write(true);
}

void nats_event_loop::run() {
  std::array<epoll_event, 4> events{};
  while (!stopped_) {
    const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n && !stopped_; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd == wake_) continue;
      // A stale event of a socket just replaced does no harm: the library tries its present, non-blocking one.
      natsConnection* connection = connection_;
      if (event.events & EPOLLOUT) on_writable(connection);
      if (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        const std::scoped_lock lock(reading_);
        natsConnection_ProcessReadEvent(connection);
      }
    }
  }
}

}  // namespace isobar::bus
