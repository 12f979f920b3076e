#include "ws-hydrator/testing/vendor_ws_server.hpp"

#include <utility>
// Asio's coroutines need <utility> first.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "wire/massive_ws.hpp"

namespace isobar::ws_hydrator::testing {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace massive = wire::massive;
using tcp = asio::ip::tcp;

struct session : std::enable_shared_from_this<session> {
  explicit session(tcp::socket socket) : ws(std::move(socket)) {}
  struct outgoing {
    std::string text;
    std::size_t piece = 0;  ///< 0: one frame
  };
  void send(outgoing o) {
    outbox.push_back(std::move(o));
    if (outbox.size() == 1) write_next();
  }
  void write_next() {
    const outgoing& o = outbox.front();
    ws.auto_fragment(o.piece != 0);
    if (o.piece != 0) ws.write_buffer_bytes(std::max<std::size_t>(o.piece, 8));
    ws.async_write(asio::buffer(o.text), [self = shared_from_this()](beast::error_code failed, std::size_t) {
      if (failed) return;
      self->outbox.pop_front();
      if (!self->outbox.empty()) self->write_next();
    });
  }
  websocket::stream<beast::tcp_stream> ws;
  std::deque<outgoing> outbox;
};

std::string status(std::string state, std::string message) {
  return massive::encode_frame(std::vector<massive::ws_event>{massive::status{std::move(state), std::move(message)}});
}

}  // namespace

struct vendor_ws_server::impl {
  explicit impl(std::string key) : key_(std::move(key)), acceptor(io, {asio::ip::make_address("127.0.0.1"), 0}) {
    asio::co_spawn(io, accept(), asio::detached);
    thread = std::thread([this] { io.run(); });
  }

  asio::awaitable<void> accept() {
    for (;;) {
      tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
      asio::co_spawn(io, serve(std::make_shared<session>(std::move(socket))), asio::detached);
    }
  }

  asio::awaitable<void> serve(std::shared_ptr<session> s) {
    try {
      co_await s->ws.async_accept(asio::use_awaitable);
      s->ws.control_callback([this](websocket::frame_type type, beast::string_view) {
        const std::lock_guard lock(mutex);
        if (type == websocket::frame_type::ping) ++pings;
      });
      {
        const std::lock_guard lock(mutex);
        ++connections;
        channels.clear();
        authenticated = false;
      }
      live = s;
      s->send({status("connected", "Connected Successfully")});
      beast::flat_buffer buffer;
      for (;;) {
        co_await s->ws.async_read(buffer, asio::use_awaitable);
        take(*s, beast::buffers_to_string(buffer.data()));
        buffer.consume(buffer.size());
      }
    } catch (const std::exception&) {
      // The client went away.
    }
    if (live == s) live.reset();
  }

  void take(session& s, const std::string& text) {
    const auto action = massive::parse_action(text);
    if (!action) return s.send({status("error", "invalid message")});
    std::vector<std::string> names;
    for (std::size_t at = 0; at < action->params.size();) {
      const std::size_t comma = std::min(action->params.find(',', at), action->params.size());
      names.push_back(action->params.substr(at, comma - at));
      at = comma + 1;
    }
    const std::lock_guard lock(mutex);
    actions.push_back(action->action == "auth" ? "auth" : action->action + " " + std::to_string(names.size()));
    if (action->action == "auth") {
      authenticated = action->params == key_;
      s.send(
          {authenticated ? status("auth_success", "authenticated") : status("auth_failed", "authentication failed")});
      return;
    }
    if (!authenticated) return s.send({status("error", "not authorized")});
    std::vector<massive::ws_event> acks;
    for (const std::string& name : names) {
      if (action->action == "subscribe")
        channels.insert(name);
      else
        channels.erase(name);
      acks.push_back(massive::status{"success", action->action + "d to: " + name});
    }
    s.send({massive::encode_frame(acks)});
  }

  const std::string key_;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  std::shared_ptr<session> live;
  std::thread thread;
  mutable std::mutex mutex;
  std::condition_variable thawed;
  bool frozen = false;
  std::set<std::string> channels;
  std::vector<std::string> actions;
  int connections = 0, pings = 0;
  bool authenticated = false;
};

vendor_ws_server::vendor_ws_server(std::string key) : impl_(std::make_unique<impl>(std::move(key))) {}

vendor_ws_server::~vendor_ws_server() {
  thaw();
  impl_->io.stop();
  impl_->thread.join();
}

std::string vendor_ws_server::url() const {
  return "ws://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port()) + "/options";
}

std::set<std::string> vendor_ws_server::channels() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->channels;
}
std::vector<std::string> vendor_ws_server::actions() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->actions;
}
int vendor_ws_server::connections() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->connections;
}
bool vendor_ws_server::authenticated() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->authenticated;
}
int vendor_ws_server::pings() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->pings;
}

void vendor_ws_server::send(std::string text) { send_fragmented(std::move(text), 0); }

void vendor_ws_server::send_fragmented(std::string text, std::size_t piece) {
  asio::post(impl_->io, [i = impl_.get(), t = std::move(text), piece]() mutable {
    if (i->live) i->live->send({std::move(t), piece});
  });
}

void vendor_ws_server::close(std::uint16_t code) {
  asio::post(impl_->io, [i = impl_.get(), code] {
    if (!i->live) return;
    i->live->ws.async_close(websocket::close_reason(code), [s = i->live](beast::error_code) {});
  });
}

void vendor_ws_server::freeze() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->frozen = true;
  }
  asio::post(impl_->io, [i = impl_.get()] {
    std::unique_lock lock(i->mutex);
    i->thawed.wait(lock, [&] { return !i->frozen; });
  });
}

void vendor_ws_server::thaw() {
  const std::lock_guard lock(impl_->mutex);
  impl_->frozen = false;
  impl_->thawed.notify_all();
}

}  // namespace isobar::ws_hydrator::testing
