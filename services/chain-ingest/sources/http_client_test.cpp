#include "chain-ingest/sources/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fstream>
#include <thread>

#include "testing/temp_dir.hpp"

namespace isobar::chain_ingest {
namespace {

using ::testing::HasSubstr;
namespace net = boost::asio;
namespace http = boost::beast::http;
using tcp = net::ip::tcp;

/// A key and a certificate for "localhost", signed by itself, as PEM files.
void make_certificate(const std::filesystem::path& key_file, const std::filesystem::path& certificate_file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  for (const auto& [id, value] :
       {std::pair{NID_subject_alt_name, "DNS:localhost"}, {NID_basic_constraints, "critical,CA:TRUE"}}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  FILE* out = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  out = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(out, certificate);
  std::fclose(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

/// Answers every request over TLS with its own target.
class tls_server {
 public:
  tls_server(const std::filesystem::path& key, const std::filesystem::path& certificate)
      : acceptor_(io_, {net::ip::address_v4::loopback(), 0}) {
    context_.use_certificate_chain_file(certificate.string());
    context_.use_private_key_file(key.string(), net::ssl::context::pem);
    thread_ = std::thread([this] { run(); });
  }
  ~tls_server() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket last(io_);
    last.connect(acceptor_.local_endpoint(), ignored);
    last.close(ignored);
    thread_.join();
  }
  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  int connections() const { return connections_; }

 private:
  void run() {
    while (!stopping_) {
      boost::system::error_code ec;
      net::ssl::stream<tcp::socket> stream(io_, context_);
      acceptor_.accept(stream.lowest_layer(), ec);
      if (ec || stopping_) continue;
      ++connections_;
      stream.handshake(net::ssl::stream_base::server, ec);
      boost::beast::flat_buffer buffer;
      while (!ec) {
        http::request<http::empty_body> request;
        http::read(stream, buffer, request, ec);
        if (ec) break;
        http::response<http::string_body> answer{http::status::ok, 11};
        answer.body() = std::string(request.target());
        answer.prepare_payload();
        http::write(stream, answer, ec);
      }
    }
  }

  net::io_context io_;
  net::ssl::context context_{net::ssl::context::tls_server};
  tcp::acceptor acceptor_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

class HttpClientTls : public ::testing::Test {
 protected:
  HttpClientTls() {
    make_certificate(folder_ / "key.pem", folder_ / "cert.pem");
    server_ = std::make_unique<tls_server>(folder_ / "key.pem", folder_ / "cert.pem");
  }
  http_options options(const std::string& host, bool trusted) {
    return {.base = {true, host, server_->port()},
            .ca_file = trusted ? (folder_ / "cert.pem").string() : "",
            .timeout = std::chrono::milliseconds(5000)};
  }
  isobar::testing::temp_dir folder_;
  std::unique_ptr<tls_server> server_;
};

TEST_F(HttpClientTls, TrustsTheGivenAuthorityAndKeepsTheConnection) {
  auto client = http_client::make(options("localhost", true));
  ASSERT_TRUE(client) << client.error().evidence;
  for (const char* target : {"/one", "/two?x=1"}) {
    const auto answer = (*client)->get(target, {});
    ASSERT_TRUE(answer) << answer.error().evidence;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, target);
  }
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpClientTls, RefusesAnUnknownAuthorityAndAnotherName) {
  for (const auto& o : {options("localhost", false), options("127.0.0.1", true)}) {
    auto client = http_client::make(o);
    ASSERT_TRUE(client);
    const auto answer = (*client)->get("/", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, http_errc::tls) << answer.error().evidence;
  }
}

TEST(HttpClient, AnUnreadableAuthorityIsAnErrorAtOnce) {
  const auto client = http_client::make({.base = {true, "localhost", "443"}, .ca_file = "/nowhere.pem"});
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().evidence, HasSubstr("/nowhere.pem"));
}

TEST(HttpClient, ANameNobodyKnowsIsAnError) {
  auto client =
      http_client::make({.base = {false, "no-such-host.invalid", "80"}, .timeout = std::chrono::milliseconds(3000)});
  ASSERT_TRUE(client);
  const auto answer = (*client)->get("/", {});
  ASSERT_FALSE(answer);
  EXPECT_THAT((std::vector{http_errc::resolve, http_errc::timeout}), ::testing::Contains(answer.error().code));
}

}  // namespace
}  // namespace isobar::chain_ingest
