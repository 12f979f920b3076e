#include "service/http_server.hpp"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <optional>
#include <thread>

namespace isobar::service {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::beast::error_code;
using tcp = net::ip::tcp;

namespace {

class session;

struct shared_state {
  http_server::handler answer;
  http_limits limits;
  std::size_t open = 0;
  std::list<session*> waiting;  ///< for a whole request, the longest first
  std::atomic<std::uint64_t> refused{0};
};

class session : public std::enable_shared_from_this<session> {
 public:
  session(tcp::socket socket, std::shared_ptr<shared_state> s) : stream_(std::move(socket)), state_(std::move(s)) {
    ++state_->open;
  }
  ~session() {
    stop_waiting();
    --state_->open;
  }
  /// Ends it in favour of a newcomer.
  void give_up() {
    stop_waiting();
    stream_.close();
  }
  void read() {
    place_ = state_->waiting.insert(state_->waiting.end(), this);
    is_waiting_ = true;
    parser_.emplace();
    parser_->header_limit(state_->limits.request_bytes_max);
    parser_->body_limit(state_->limits.request_bytes_max);
    stream_.expires_after(std::chrono::milliseconds(state_->limits.idle_ms_max));
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code e, std::size_t) { self->on_read(e); });
  }

 private:
  void stop_waiting() {
    if (std::exchange(is_waiting_, false)) state_->waiting.erase(place_);
  }
  void on_read(error_code e) {
    stop_waiting();
    if (e == http::error::end_of_stream) return close();
    if (e == http::error::header_limit || e == http::error::body_limit || e == http::error::buffer_overflow)
      return write({431, "text/plain", "request too large\n"}, false, false);
    if (e && e.category() == make_error_code(http::error::bad_target).category())
      return write({400, "text/plain", "not an HTTP request\n"}, false, false);
    if (e) return;
    const auto& request = parser_->get();
    const bool head = request.method() == http::verb::head;
    if (!head && request.method() != http::verb::get)
      return write({405, "text/plain", "GET and HEAD only\n"}, request.keep_alive(), false);
    const std::string_view target(request.target().data(), request.target().size());
    write(state_->answer(target.substr(0, target.find('?'))), request.keep_alive(), head);
  }

  void write(http_reply reply, bool keep, bool head) {
    response_ = {};
    response_.result(static_cast<unsigned>(reply.status));
    response_.set(http::field::content_type, reply.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.keep_alive(keep);
    response_.content_length(reply.body.size());
    if (!head) response_.body() = std::move(reply.body);
    stream_.expires_after(std::chrono::milliseconds(state_->limits.idle_ms_max));
    http::async_write(stream_, response_, [self = shared_from_this(), keep](error_code e, std::size_t) {
      if (e) return;
      if (keep)
        self->read();
      else
        self->close();
    });
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_{16'384};
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::shared_ptr<shared_state> state_;
  std::list<session*>::iterator place_;
  bool is_waiting_ = false;
};

/// False: every place is taken by a client that is being answered.
bool make_room(shared_state& s) {
  if (s.open < s.limits.connections_max) return true;
  ++s.refused;
  if (s.waiting.empty()) return false;
  s.waiting.front()->give_up();
  return true;
}

}  // namespace

struct http_server::impl : std::enable_shared_from_this<http_server::impl> {
  net::io_context io{1};
  tcp::acceptor acceptor{io};
  net::steady_timer pause{io};
  std::shared_ptr<shared_state> state = std::make_shared<shared_state>();
  std::thread thread;
  int port = 0;

  void accept() {
    acceptor.async_accept([this](error_code e, tcp::socket socket) {
      if (e == net::error::operation_aborted) return;
      if (!e && make_room(*state)) std::make_shared<session>(std::move(socket), state)->read();
      if (e) return accept_later();
      accept();
    });
  }
  /// Out of file descriptors, most likely: not a reason to spin.
  void accept_later() {
    pause.expires_after(std::chrono::milliseconds(100));
    pause.async_wait([this](error_code e) {
      if (!e) accept();
    });
  }
  result<void> listen(const address& where) {
    error_code e;
    tcp::resolver resolver(io);
    const auto found = resolver.resolve(where.host, std::to_string(where.port), tcp::resolver::passive, e);
    if (e) return fail(errc::configuration, "--http: " + where.text() + ": " + e.message());
    const tcp::endpoint endpoint = *found.begin();
    acceptor.open(endpoint.protocol(), e);
    if (!e) acceptor.set_option(net::socket_base::reuse_address(true), e);
    if (!e) acceptor.bind(endpoint, e);
    if (!e) acceptor.listen(128, e);
    if (e)
      return fail(e == net::error::address_in_use ? errc::port_in_use : errc::configuration,
                  "--http: cannot listen on " + where.text() + ": " + e.message());
    port = acceptor.local_endpoint().port();
    return {};
  }
};

http_server::http_server(handler answer, http_limits limits) : impl_(std::make_shared<impl>()) {
  impl_->state->answer = std::move(answer);
  impl_->state->limits = limits;
}

http_server::~http_server() { stop(); }

result<void> http_server::start(const address& listen) {
  if (auto listening = impl_->listen(listen); !listening) return listening;
  impl_->accept();
  impl_->thread = std::thread([i = impl_.get()] { i->io.run(); });
  return {};
}

int http_server::port() const { return impl_->port; }
std::uint64_t http_server::connections_refused() const { return impl_->state->refused; }

void http_server::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->io.stop();
  impl_->thread.join();
  error_code ignored;
  impl_->acceptor.close(ignored);
}

}  // namespace isobar::service
