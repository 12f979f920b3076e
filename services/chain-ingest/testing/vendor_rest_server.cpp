#include "chain-ingest/testing/vendor_rest_server.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>

#include "core/decimal.hpp"
#include "wire/massive_chain.hpp"

namespace isobar::chain_ingest::testing {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using tcp = net::ip::tcp;

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct question {
  std::string path;
  std::map<std::string, std::string> words;
};

question parse(std::string_view target) {
  question q;
  const std::size_t mark = target.find('?');
  q.path = decoded(target.substr(0, mark));
  if (mark == std::string_view::npos) return q;
  for (std::string_view rest = target.substr(mark + 1); !rest.empty();) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) q.words[decoded(pair.substr(0, equals))] = decoded(pair.substr(equals + 1));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return q;
}

struct answer {
  int status = 200;
  std::string body;
};

}  // namespace

struct vendor_rest_server::impl {
  impl(market_data d, std::string k)
      : data(std::move(d)), key(std::move(k)), acceptor(io, {net::ip::address_v4::loopback(), 0}) {
    port = acceptor.local_endpoint().port();
    accepting = std::thread([this] { accept(); });
  }
  ~impl() {
    stopping = true;
    boost::system::error_code ignored;
    // Wakes the blocking accept.
    tcp::socket last(io);
    last.connect({net::ip::address_v4::loopback(), port}, ignored);
    accepting.join();
    {
      const std::lock_guard lock(mutex);
      for (tcp::socket& s : sockets) s.shutdown(tcp::socket::shutdown_both, ignored);
    }
    for (std::thread& t : workers) t.join();
  }

  void accept() {
    while (!stopping) {
      boost::system::error_code ec;
      tcp::socket socket(io);
      acceptor.accept(socket, ec);
      if (ec || stopping) continue;
      const std::lock_guard lock(mutex);
      sockets.push_back(std::move(socket));
      workers.emplace_back([this, &s = sockets.back()] { serve(s); });
    }
  }

  void serve(tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    while (!stopping) {
      http::request<http::string_body> request;
      boost::system::error_code ec;
      http::read(socket, buffer, request, ec);
      if (ec) break;
      if (!reply(socket, std::string(request.target()))) break;
    }
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_both, ignored);
  }

  bool reply(tcp::socket& socket, const std::string& target) {
    fault f;
    {
      std::unique_lock lock(mutex);
      targets.push_back(target);
      if (hook) {
        const auto call = hook;
        const std::size_t number = targets.size();
        lock.unlock();
        f = call(target, number);
      }
    }
    for (auto waited = std::chrono::milliseconds(0); waited < f.delay && !stopping;
         waited += std::chrono::milliseconds(5)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (f.hang_up) return false;
    answer a = answer_of(target);
    if (f.status != 0) a = {f.status, R"({"status":"ERROR","error":"as asked"})"};
    if (f.body) a.body = *f.body;
    if (f.change) a.body = f.change(a.body);
    std::string head = "HTTP/1.1 " + std::to_string(a.status) +
                       " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(a.body.size()) +
                       "\r\n";
    if (!f.retry_after.empty()) head += "Retry-After: " + f.retry_after + "\r\n";
    head += "\r\n";
    boost::system::error_code ec;
    net::write(socket, net::buffer(head), ec);
    if (f.truncate) a.body.resize(a.body.size() / 2);
    if (f.drip) {
      for (std::size_t i = 0; i < a.body.size() && !ec && !stopping; ++i) {
        net::write(socket, net::buffer(a.body.data() + i, 1), ec);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    } else {
      net::write(socket, net::buffer(a.body), ec);
    }
    return !ec && !f.truncate;
  }

  answer answer_of(const std::string& target) {
    question q = parse(target);
    const std::lock_guard lock(mutex);
    if (q.words["apiKey"] != key) return {401, R"({"status":"ERROR","error":"unknown key"})"};
    if (q.path == "/v3/snapshot") {
      const std::string& ticker = q.words["ticker"];
      if (ticker == data.underlying) return {200, wire::to_massive_value(ticker, data.chain.spot)};
      if (ticker == "I:VIX" && data.vix != market::no_price) return {200, wire::to_massive_value(ticker, data.vix)};
      return {404, R"({"status":"NOT_FOUND","message":"no such ticker"})"};
    }
    if (q.path != "/v3/snapshot/options/" + data.underlying) return {404, R"({"status":"NOT_FOUND"})"};
    std::size_t offset = 0;
    if (const auto cursor = q.words.find("cursor"); cursor != q.words.end()) {
      const auto& [words, at] = cursors.at(static_cast<std::size_t>(std::stoul(cursor->second)));
      q.words = words;
      offset = at;
    }
    return {200, page(q.words, offset)};
  }

  std::string page(std::map<std::string, std::string> words, std::size_t offset) {
    std::vector<market::raw_contract> rows;
    const auto bound = [&](const char* name, std::int64_t none) {
      const auto found = words.find(name);
      return found == words.end() ? none : parse_nanos(found->second).value_or(none);
    };
    const std::int64_t low = bound("strike_price.gte", INT64_MIN), high = bound("strike_price.lte", INT64_MAX);
    for (const auto& c : data.chain.contracts) {
      if (c.id.strike.value < low || c.id.strike.value > high) continue;
      if (words.contains("expiration_date") && to_iso(c.id.expiry) != words["expiration_date"]) continue;
      if (words.contains("expiration_date.gte") && to_iso(c.id.expiry) < words["expiration_date.gte"]) continue;
      rows.push_back(c);
    }
    const bool by_date = words["sort"] == "expiration_date";
    std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
      return by_date ? a.id.expiry < b.id.expiry : a.id.strike < b.id.strike;
    });
    const std::size_t limit = std::min<std::size_t>(250, words.contains("limit") ? std::stoul(words["limit"]) : 10);
    const std::size_t from = std::min(offset, rows.size()), to = std::min(from + limit, rows.size());
    wire::massive_page_text about{.underlying = data.underlying, .spot = data.chain.spot};
    if (to < rows.size()) {
      about.next_url = "https://api.elsewhere.example/v3/snapshot/options/" + data.underlying +
                       "?cursor=" + std::to_string(cursors.size());
      cursors.emplace_back(words, to);
    }
    return wire::to_massive_page(std::span(rows).subspan(from, to - from), about);
  }

  market_data data;
  std::string key;
  net::io_context io;
  tcp::acceptor acceptor;
  unsigned short port = 0;
  std::atomic<bool> stopping{false};
  std::thread accepting;
  mutable std::mutex mutex;
  std::list<tcp::socket> sockets;
  std::list<std::thread> workers;
  std::vector<std::string> targets;
  std::vector<std::pair<std::map<std::string, std::string>, std::size_t>> cursors;
  std::function<fault(const std::string&, std::size_t)> hook;
};

vendor_rest_server::vendor_rest_server(market_data data, std::string key)
    : impl_(std::make_unique<impl>(std::move(data), std::move(key))) {}
vendor_rest_server::~vendor_rest_server() = default;

std::string vendor_rest_server::base_url() const { return "http://127.0.0.1:" + std::to_string(impl_->port); }

void vendor_rest_server::on_request(std::function<fault(const std::string&, std::size_t)> hook) {
  const std::lock_guard lock(impl_->mutex);
  impl_->hook = std::move(hook);
}

std::vector<std::string> vendor_rest_server::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->targets;
}

void vendor_rest_server::set_data(market_data data) {
  const std::lock_guard lock(impl_->mutex);
  impl_->data = std::move(data);
}

}  // namespace isobar::chain_ingest::testing
