#include "chain-ingest/sources/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>
#include <utility>

namespace isobar::chain_ingest {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using boost::system::error_code;

using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

}  // namespace

std::optional<base_url> parse_base_url(std::string_view text) {
  base_url out;
  if (text.starts_with("https://")) {
    out.tls = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty() || text.find_first_of("/?# @") != std::string_view::npos) return std::nullopt;
  const std::size_t colon = text.rfind(':');
  out.host = text.substr(0, colon);
  out.port = out.tls ? "443" : "80";
  if (colon != std::string_view::npos) {
    out.port = text.substr(colon + 1);
    unsigned value = 0;
    const auto [end, ec] = std::from_chars(out.port.data(), out.port.data() + out.port.size(), value);
    if (ec != std::errc{} || end != out.port.data() + out.port.size() || value == 0 || value > 65535)
      return std::nullopt;
  }
  if (out.host.empty()) return std::nullopt;
  return out;
}

std::optional<std::string> target_of(std::string_view url) {
  std::size_t from = 0;
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) from = url.find('/', scheme + 3);
  if (from == std::string_view::npos || from >= url.size() || url[from] != '/') return std::nullopt;
  const std::string_view target = url.substr(from);
  for (const char c : target) {
    if (c <= ' ' || c == 0x7f) return std::nullopt;
  }
  return std::string(target);
}

std::string url_encode(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

std::string_view to_string(http_errc code) {
  switch (code) {
    case http_errc::resolve:
      return "resolve";
    case http_errc::connect:
      return "connect";
    case http_errc::tls:
      return "tls";
    case http_errc::timeout:
      return "timeout";
    case http_errc::closed:
      return "closed";
    case http_errc::too_large:
      return "too_large";
    case http_errc::protocol:
      return "protocol";
    case http_errc::stopped:
      return "stopped";
  }
  return "unknown";
}

struct http_client::impl {
  explicit impl(http_options o) : options(std::move(o)) {}

  using clock = std::chrono::steady_clock;

  /// Starts one asynchronous operation and runs the loop until it is done, the deadline passed or a stop came.
  template <class Start>
  error_code step(const std::stop_token& stop, Start&& start) {
    // Shared with the handler: a name look-up cannot be broken off and may end long after we gave up on it.
    auto state = std::make_shared<std::pair<bool, error_code>>(false, net::error::timed_out);
    start([state](error_code ec, auto&&...) { *state = {true, ec}; });
    io.restart();
    while (!state->first && clock::now() < deadline && !stop.stop_requested()) {
      io.run_one_for(std::chrono::milliseconds(20));
    }
    if (state->first) return state->second;
    drop();
    io.restart();
    while (!state->first && io.run_one_for(std::chrono::seconds(1)) > 0) {}
    return stop.stop_requested() ? net::error::operation_aborted : net::error::timed_out;
  }

  void drop() {
    resolver.cancel();
    if (plain) beast::get_lowest_layer(*plain).cancel();
    if (tls) beast::get_lowest_layer(*tls).cancel();
  }
  void disconnect() {
    error_code ignored;
    if (plain) plain->socket().close(ignored);
    if (tls) beast::get_lowest_layer(*tls).socket().close(ignored);
    plain.reset();
    tls.reset();
    buffer.clear();
  }
  bool connected() const { return plain != nullptr || tls != nullptr; }

  std::unexpected<failure<http_errc>> trouble(http_errc usual, const error_code& ec, const std::stop_token& stop) {
    disconnect();
    if (stop.stop_requested()) return fail(http_errc::stopped, "stop asked for");
    const std::string where = options.base.host + ":" + options.base.port + ": ";
    if (ec == net::error::timed_out || ec == beast::error::timeout) {
      return fail(http_errc::timeout,
                  where + "no whole answer within " + std::to_string(options.timeout.count()) + " ms");
    }
    if (ec == http::error::body_limit) {
      return fail(http_errc::too_large, where + "body above " + std::to_string(options.body_bytes_max) + " bytes");
    }
    return fail(usual, where + ec.message());
  }

  isobar::result<void, http_errc> connect(const std::stop_token& stop) {
    auto found = std::make_shared<tcp::resolver::results_type>();
    error_code ec = step(stop, [&](auto done) {
      resolver.async_resolve(options.base.host, options.base.port,
                             [found, done](error_code e, tcp::resolver::results_type r) mutable {
                               *found = std::move(r);
                               done(e);
                             });
    });
    if (ec) return trouble(http_errc::resolve, ec, stop);
    if (options.base.tls) {
      tls = std::make_unique<tls_stream>(io, *context);
      SSL_set_tlsext_host_name(tls->native_handle(), options.base.host.c_str());
      tls->set_verify_callback(net::ssl::host_name_verification(options.base.host));
    } else {
      plain = std::make_unique<plain_stream>(io);
    }
    auto& lowest = options.base.tls ? beast::get_lowest_layer(*tls) : *plain;
    ec = step(stop, [&](auto done) { lowest.async_connect(*found, done); });
    if (ec) return trouble(http_errc::connect, ec, stop);
    lowest.socket().set_option(tcp::no_delay(true), ec);
    if (!tls) return {};
    ec = step(stop, [&](auto done) { tls->async_handshake(net::ssl::stream_base::client, done); });
    if (ec) return trouble(http_errc::tls, ec, stop);
    return {};
  }

  template <class Stream>
  isobar::result<http_response, http_errc> exchange(Stream& stream, const std::string& target,
                                                    const std::stop_token& stop) {
    http::request<http::empty_body> request{http::verb::get, target, 11};
    request.set(http::field::host, options.base.host + ":" + options.base.port);
    request.set(http::field::user_agent, "isobar-chain-ingest");
    request.set(http::field::accept, "application/json");
    request.keep_alive(true);
    error_code ec = step(stop, [&](auto done) { http::async_write(stream, request, done); });
    if (ec) return trouble(http_errc::closed, ec, stop);
    http::response_parser<http::string_body> parser;
    parser.body_limit(options.body_bytes_max);
    parser.header_limit(64 * 1024);
    ec = step(stop, [&](auto done) { http::async_read(stream, buffer, parser, done); });
    if (ec)
      return trouble(ec == http::error::end_of_stream || ec == http::error::partial_message ? http_errc::closed
                                                                                            : http_errc::protocol,
                     ec, stop);
    auto& message = parser.get();
    http_response out;
    out.status = message.result_int();
    if (const auto after = message.find(http::field::retry_after); after != message.end()) {
      std::int64_t wait = 0;
      const auto text = after->value();
      const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), wait);
      if (bad == std::errc{} && end == text.data() + text.size() && wait >= 0 && wait <= 86'400)
        out.retry_after = seconds(wait);
    }
    out.body = std::move(message.body());
    if (!message.keep_alive()) disconnect();
    return out;
  }

  http_options options;
  net::io_context io;
  std::unique_ptr<net::ssl::context> context;
  tcp::resolver resolver{io};
  std::unique_ptr<plain_stream> plain;
  std::unique_ptr<tls_stream> tls;
  beast::flat_buffer buffer;
  clock::time_point deadline;
};

isobar::result<std::unique_ptr<http_client>, http_errc> http_client::make(http_options options) {
  auto i = std::make_unique<impl>(std::move(options));
  if (i->options.base.tls) {
    error_code ec;
    i->context = std::make_unique<net::ssl::context>(net::ssl::context::tls_client);
    i->context->set_default_verify_paths(ec);
    i->context->set_verify_mode(net::ssl::verify_peer);
    if (!i->options.ca_file.empty()) {
      i->context->load_verify_file(i->options.ca_file, ec);
      if (ec) return fail(http_errc::tls, i->options.ca_file + ": " + ec.message());
    }
  }
  return std::unique_ptr<http_client>(new http_client(std::move(i)));
}

http_client::http_client(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
http_client::~http_client() { impl_->disconnect(); }

isobar::result<http_response, http_errc> http_client::get(const std::string& target, const std::stop_token& stop) {
  impl_->deadline = impl::clock::now() + impl_->options.timeout;
  // A kept connection may have been closed by the server meanwhile: once more on a new one.
  for (bool kept = impl_->connected();; kept = false) {
    if (!kept) {
      impl_->disconnect();
      if (auto ok = impl_->connect(stop); !ok) return std::unexpected(ok.error());
    }
    auto answer =
        impl_->tls ? impl_->exchange(*impl_->tls, target, stop) : impl_->exchange(*impl_->plain, target, stop);
    if (answer || !kept || answer.error().code != http_errc::closed) return answer;
  }
}

}  // namespace isobar::chain_ingest
