#include "ws-hydrator/sources/massive_source.hpp"

#include <openssl/ssl.h>

#include <utility>
// Asio's coroutines need <utility> first.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "telemetry/log.hpp"
#include "ws-hydrator/domain/subscription.hpp"
#include "ws-hydrator/sources/feed_events.hpp"
#include "ws-hydrator/sources/frame_recorder.hpp"

namespace isobar::ws_hydrator {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using plain_stream = websocket::stream<beast::tcp_stream>;
using tls_stream = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

// A subscribe message may hold a megabyte (options-surface 2.1); this keeps it near twelve kilobytes.
constexpr std::size_t channels_a_message = 500;
constexpr std::size_t outbox_max = 4096;
constexpr duration_ns clock_tolerance = seconds(5);

/// One connection, whatever its stream: a queue of texts to send, one at a time.
class connection {
 public:
  virtual ~connection() = default;
  virtual void send(std::string text) = 0;
  virtual void abort() = 0;
};

template <class Stream>
class connection_of final : public connection, public std::enable_shared_from_this<connection_of<Stream>> {
 public:
  template <class... Args>
  explicit connection_of(Args&&... args) : ws(std::forward<Args>(args)...) {}

  void send(std::string text) override {
    if (outbox_.size() >= outbox_max) return abort();
    outbox_.push_back(std::move(text));
    if (outbox_.size() == 1) write_next();
  }
  void abort() override { beast::get_lowest_layer(ws).close(); }

  Stream ws;

 private:
  void write_next() {
    ws.async_write(asio::buffer(outbox_.front()),
                   [self = this->shared_from_this()](beast::error_code failed, std::size_t) {
                     if (failed) return;  // the reader sees it too
                     self->outbox_.pop_front();
                     if (!self->outbox_.empty()) self->write_next();
                   });
  }
  std::deque<std::string> outbox_;
};

std::string channels(std::span<const contract_key> keys, bool trades) {
  std::string out;
  for (const contract_key k : keys) {
    const std::string ticker = market::to_ticker(id_of(k));
    out.append(out.empty() ? "Q." : ",Q.").append(ticker);
    if (trades) out.append(",T.").append(ticker);
  }
  return out;
}

}  // namespace

isobar::result<ws_address, url_errc> parse_ws_url(const std::string& url) {
  ws_address a;
  a.tls = url.starts_with("wss://");
  if (!a.tls && !url.starts_with("ws://")) return fail(url_errc::bad_url, url);
  const std::string rest = url.substr(a.tls ? 6 : 5);
  const std::size_t slash = rest.find('/');
  a.path = slash == std::string::npos ? "/" : rest.substr(slash);
  const std::string authority = rest.substr(0, slash);
  const std::size_t colon = authority.rfind(':');
  a.host = authority.substr(0, colon);
  a.port = colon == std::string::npos ? (a.tls ? "443" : "80") : authority.substr(colon + 1);
  if (a.host.empty() || a.port.empty() || a.port.find_first_not_of("0123456789") != std::string::npos)
    return fail(url_errc::bad_url, url);
  return a;
}

struct massive_source::impl {
  explicit impl(massive_options given)
      : options(std::move(given)),
        address(*parse_ws_url(options.url)),
        feed(options.channel_events, true),
        parser({.frame_bytes = options.frame_bytes_max}),
        wait(io) {
    if (!options.record_file.empty()) recorder.emplace(options.record_file, options.record_bytes_max);
  }

  // ---- life ----

  asio::awaitable<void> run() {
    while (!stopping) {
      set_state(sessions == 0 ? "starting" : "reconnecting");
      std::string why;
      try {
        if (address.tls)
          co_await session(make_tls());
        else
          co_await session(std::make_shared<connection_of<plain_stream>>(io));
      } catch (const std::exception& e) {
        why = e.what();
      }
      live.reset();
      subscribed.clear();
      publish_subscribed();
      if (stopping) break;
      if (authenticated) {
        feed.mark_loss();
        attempt = 0;
      }
      authenticated = false;
      ++sessions;
      with_status([](source_status& s) { ++s.reconnects; });
      const auto delay = next_delay();
      log.warn_limited("feed", "feed loses connection symbol=" + options.symbol.str() + " why=\"" + why +
                                   "\" retry_ms=" + std::to_string(delay.count()));
      set_state(refused_key ? "auth_failed" : "reconnecting");
      wait.expires_after(delay);
      beast::error_code cancelled;
      co_await wait.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    set_state("ended");
  }

  std::chrono::milliseconds next_delay() {
    const auto longest = options.reconnect_max;
    auto delay = options.reconnect;
    for (int i = 0; i < attempt && delay < longest; ++i) delay *= 2;
    ++attempt;
    if (refused_key) delay = longest;
    delay = std::min(delay, longest);
    return delay + std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, delay.count() / 5)(jitter));
  }

  std::shared_ptr<connection_of<tls_stream>> make_tls() {
    tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    if (options.tls_ca.empty())
      tls->set_default_verify_paths();
    else
      tls->load_verify_file(options.tls_ca);
    tls->set_verify_mode(asio::ssl::verify_peer);
    auto made = std::make_shared<connection_of<tls_stream>>(io, *tls);
    made->ws.next_layer().set_verify_callback(asio::ssl::host_name_verification(address.host));
    if (!SSL_set_tlsext_host_name(made->ws.next_layer().native_handle(), address.host.c_str()))
      throw std::runtime_error("TLS server name");
    return made;
  }

  template <class Stream>
  asio::awaitable<void> session(std::shared_ptr<connection_of<Stream>> c) {
    // From here to auth_success within connect_timeout, whatever the server does or leaves out.
    asio::steady_timer limit(io, options.connect_timeout);
    limit.async_wait([this, weak = std::weak_ptr(c)](beast::error_code cancelled) {
      const auto late = weak.lock();
      if (!cancelled && late && !authenticated) late->abort();
    });
    live = c;
    refused_key = false;
    tcp::resolver resolver(io);
    const auto found = co_await resolver.async_resolve(address.host, address.port, asio::use_awaitable);
    co_await beast::get_lowest_layer(c->ws).async_connect(found, asio::use_awaitable);
    if constexpr (std::is_same_v<Stream, tls_stream>)
      co_await c->ws.next_layer().async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    websocket::stream_base::timeout timeout{options.connect_timeout, options.idle_timeout, true};
    c->ws.set_option(timeout);
    c->ws.read_message_max(options.frame_bytes_max);
    co_await c->ws.async_handshake(address.host + ":" + address.port, address.path, asio::use_awaitable);
    beast::flat_buffer buffer;
    for (;;) {
      beast::error_code failed;
      co_await c->ws.async_read(buffer, asio::redirect_error(asio::use_awaitable, failed));
      if (failed) {
        const auto code = static_cast<std::uint16_t>(c->ws.reason().code);
        throw std::runtime_error(failed.message() + (code != 0 ? " close=" + std::to_string(code) : ""));
      }
      take_frame({static_cast<const char*>(buffer.data().data()), buffer.size()});
      buffer.consume(buffer.size());
      if (refused_key) throw std::runtime_error("authentication refused");
    }
  }

  // ---- frames ----

  void take_frame(std::string_view text) {
    if (recorder && recorder->append(text)) with_status([&](source_status& s) { s.recorded_bytes += text.size() + 1; });
    const auto read = parser.parse(text, parsed);
    if (!read) log.warn_limited("frame", "feed sends a bad frame why=" + std::string(to_string(read.error().code)));
    batch.clear();
    future += append_feed_events(parsed, options.symbol, options.clock() + clock_tolerance, batch);
    const wire::massive::ws_counts& c = parser.counts();
    with_status([&](source_status& s) {
      s.frames = c.frames;
      s.bad_frames = c.bad_frames;
      s.bad_events = c.bad_events + c.bad_tickers + future;
    });
    // After the counts: who sees the state that a frame brings sees that frame counted.
    for (const wire::massive::ws_event& e : parsed)
      if (const auto* s = std::get_if<wire::massive::status>(&e)) take_status(*s);
    if (!batch.empty()) feed.push(batch, start_of_time);
  }

  void take_status(const wire::massive::status& s) {
    if (s.state == "connected") {
      live->send(wire::massive::encode_action({"auth", options.api_key}));
    } else if (s.state == "auth_success") {
      authenticated = true;
      set_state("connected");
      follow_filter();
    } else if (s.state == "auth_failed") {
      refused_key = true;
    } else if (s.state != "success") {
      log.warn_limited("status", "feed says status=" + s.state + " message=\"" + s.message + "\"");
    }
  }

  void follow_filter() {
    if (!authenticated || !live) return;
    const subscription_diff diff = diff_subscription(subscribed, wanted);
    const auto send = [&](const char* action, std::span<const contract_key> keys) {
      for (; !keys.empty(); keys = keys.subspan(std::min(keys.size(), channels_a_message)))
        live->send(wire::massive::encode_action(
            {action, channels(keys.first(std::min(keys.size(), channels_a_message)), options.trades)}));
    };
    // Told before it is sent: nobody sees the vendor's answer first.
    subscribed = wanted;
    publish_subscribed();
    // First what frees room under the vendor's limit.
    send("unsubscribe", diff.remove);
    send("subscribe", diff.add);
  }

  // ---- status, read from other threads ----

  template <class F>
  void with_status(F&& change) {
    const std::lock_guard lock(mutex);
    change(shared);
  }
  void set_state(const char* state) {
    with_status([&](source_status& s) { s.state = state; });
  }
  void publish_subscribed() {
    with_status([&](source_status& s) { s.subscribed = static_cast<std::uint32_t>(subscribed.size()); });
  }

  const massive_options options;
  const ws_address address;
  telemetry::logger log{"ws-hydrator"};
  feed_channel feed;
  std::optional<frame_recorder> recorder;
  wire::massive::ws_parser parser;
  std::vector<wire::massive::ws_event> parsed;
  std::vector<feed_event> batch;
  std::uint64_t future = 0;

  asio::io_context io{1};
  asio::steady_timer wait;
  std::unique_ptr<asio::ssl::context> tls;
  std::shared_ptr<connection> live;
  std::vector<contract_key> wanted, subscribed;
  bool authenticated = false, refused_key = false, stopping = false;
  int attempt = 0;
  std::uint64_t sessions = 0;
  std::mt19937_64 jitter{std::random_device{}()};
  std::thread thread;
  mutable std::mutex mutex;
  source_status shared{.state = "starting"};
};

massive_source::massive_source(massive_options options) : impl_(std::make_unique<impl>(std::move(options))) {}
massive_source::~massive_source() { stop(); }

void massive_source::start() {
  if (impl_->thread.joinable()) return;
  asio::co_spawn(impl_->io, impl_->run(), asio::detached);
  impl_->thread = std::thread([i = impl_.get()] { i->io.run(); });
}

void massive_source::stop() {
  impl_->feed.close();
  if (!impl_->thread.joinable()) return;
  asio::post(impl_->io, [i = impl_.get()] {
    i->stopping = true;
    i->wait.cancel();
    if (i->live) i->live->abort();
    i->io.stop();
  });
  impl_->thread.join();
}

void massive_source::set_filter(std::vector<contract_key> wanted) {
  asio::post(impl_->io, [i = impl_.get(), w = std::move(wanted)]() mutable {
    i->wanted = std::move(w);
    i->follow_filter();
  });
}

source_status massive_source::status() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->shared;
}

feed_channel& massive_source::channel() { return impl_->feed; }

}  // namespace isobar::ws_hydrator
