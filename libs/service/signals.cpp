#include "service/signals.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "core/error.hpp"

namespace isobar::service {

namespace {

sigset_t ours() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void signals::block() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = ours();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

signals::signals(std::function<void(int signal)> on_signal) {
  block();
  const sigset_t set = ours();
  const int incoming = signalfd(-1, &set, SFD_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC);
  ISOBAR_ASSERT(incoming >= 0 && wake_ >= 0);
  thread_ = std::thread([incoming, wake = wake_, on_signal = std::move(on_signal)] {
    pollfd both[2] = {{incoming, POLLIN, 0}, {wake, POLLIN, 0}};
    while (true) {
      if (poll(both, 2, -1) < 0) continue;
      if (both[1].revents != 0) break;
      signalfd_siginfo info;
      if (both[0].revents != 0 && read(incoming, &info, sizeof info) == sizeof info)
        on_signal(static_cast<int>(info.ssi_signo));
    }
    close(incoming);
  });
}

signals::~signals() {
  const std::uint64_t one = 1;
  if (write(wake_, &one, sizeof one) != sizeof one) std::terminate();
  thread_.join();
  close(wake_);
}

}  // namespace isobar::service
