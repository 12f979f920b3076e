#include "testing/nats_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/error.hpp"
#include "testing/eventually.hpp"
#include "testing/free_port.hpp"

namespace isobar::testing {
namespace {

constexpr std::chrono::seconds start_limit{20};

/// The first bytes that a client gets; empty when nobody answers within a second.
std::string greeting(std::uint16_t port) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval limit{.tv_sec = 1, .tv_usec = 0};
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::array<char, 256> buffer{};
  ssize_t n = 0;
  if (connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) n = recv(s, buffer.data(), buffer.size(), 0);
  close(s);
  return std::string(buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
}

}  // namespace

std::optional<std::string> nats_server::program() {
  std::string path = "/usr/sbin";
  if (const char* set = std::getenv("PATH")) path += std::string(":") + set;
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string candidate = folder + "/nats-server";
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

nats_server::nats_server(options o, bool started) : options_(std::move(o)), port_(free_port()) {
  std::ostringstream config;
  config << "host: 127.0.0.1\nport: " << port_ << "\nmax_payload: " << options_.max_payload << "\n";
  if (options_.jetstream) config << "jetstream { store_dir: \"" << (dir_ / "store").string() << "\" }\n";
  dir_.write("server.conf", config.str() + options_.extra_config + "\n");
  if (started) start();
}

nats_server::~nats_server() { kill(); }

void nats_server::start() {
  ISOBAR_ASSERT(!running());
  const auto exe = program();
  ISOBAR_ASSERT(exe.has_value());
  const std::string config = (dir_ / "server.conf").string();
  const std::string log_file = (dir_ / "server.log").string();
  pid_ = fork();
  ISOBAR_ASSERT(pid_ >= 0);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(out, 1);
    dup2(out, 2);
    execl(exe->c_str(), "nats-server", "-c", config.c_str(), nullptr);
    _exit(127);
  }
  ISOBAR_ASSERT(eventually([&] { return ready(); }, start_limit));
}

bool nats_server::ready() const { return log().contains("Server is ready") && greeting(port_).starts_with("INFO "); }

void nats_server::end(int signal) {
  if (!running()) return;
  ::kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
  std::error_code ignored;
  std::filesystem::remove(dir_ / "server.log", ignored);
}

void nats_server::lose_store() {
  ISOBAR_ASSERT(!running());
  std::filesystem::remove_all(dir_ / "store");
}

void nats_server::pause() { ::kill(pid_, SIGSTOP); }
void nats_server::resume() { ::kill(pid_, SIGCONT); }

std::string nats_server::log() const {
  std::ifstream in(dir_ / "server.log");
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

}  // namespace isobar::testing
