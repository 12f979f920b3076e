#include "service/grpc_access.hpp"

#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <openssl/ssl.h>

#include <array>
#include <fstream>

namespace isobar::service {
namespace {

constexpr unsigned certificate_period_s = 2;  ///< how often the files are looked at

::grpc::Status unauthenticated(const char* why) { return {::grpc::StatusCode::UNAUTHENTICATED, why}; }

telemetry::counter refused(telemetry::registry* metrics, const char* reason) {
  return metrics ? metrics->get_counter("isobar_grpc_refused_total", {{"reason", reason}}) : telemetry::counter();
}

/// Runs before anything else sees the call, whatever the method: a service cannot forget it.
class token_check final : public ::grpc::AuthMetadataProcessor {
 public:
  token_check(std::shared_ptr<grpc_tokens> tokens, telemetry::registry* metrics)
      : tokens_(std::move(tokens)),
        unknown_(refused(metrics, "unauthenticated")),
        forbidden_(refused(metrics, "permission")) {}

  bool IsBlocking() const override { return false; }
  ::grpc::Status Process(const InputMetadata& given, ::grpc::AuthContext*, OutputMetadata*, OutputMetadata*) override {
    const auto path = given.find(":path");
    const std::string_view method =
        path == given.end() ? "" : std::string_view(path->second.data(), path->second.size());
    if (is_health(method)) return ::grpc::Status::OK;
    const auto header = given.find("authorization");
    if (header == given.end())
      return count(unknown_, unauthenticated("a token is needed: authorization: Bearer TOKEN"));
    const auto client = tokens_->find(bearer({header->second.data(), header->second.size()}));
    if (!client) return count(unknown_, unauthenticated("the token is not known"));
    if (client->role == grpc_token::rights::full || is_query(method) || method.starts_with("/grpc.reflection."))
      return ::grpc::Status::OK;
    return count(forbidden_, {::grpc::StatusCode::PERMISSION_DENIED, "the token is for queries only"});
  }

 private:
  static ::grpc::Status count(telemetry::counter& c, ::grpc::Status why) {
    c.add();
    return why;
  }
  std::shared_ptr<grpc_tokens> tokens_;
  telemetry::counter unknown_, forbidden_;
};

/// gRPC takes any file and then fails each handshake in silence, so what can never work is said now.
result<void> check_files(const grpc_server_options& o) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) return fail(errc::internal, "TLS: no memory");
  const auto refuse = [](const char* option, const std::string& file, const char* why) {
    return fail(errc::configuration, std::string(option) + ": " + file + ": " + why);
  };
  if (SSL_CTX_use_certificate_chain_file(context.get(), o.tls_cert_file.c_str()) != 1)
    return refuse("--grpc-tls-cert", o.tls_cert_file, "no certificate can be read");
  if (SSL_CTX_use_PrivateKey_file(context.get(), o.tls_key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return refuse("--grpc-tls-key", o.tls_key_file, "no key can be read, or not that of the certificate");
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return refuse("--grpc-tls-key", o.tls_key_file, "not the key of the certificate");
  if (!o.tls_client_ca_file.empty() &&
      SSL_CTX_load_verify_locations(context.get(), o.tls_client_ca_file.c_str(), nullptr) != 1)
    return refuse("--grpc-tls-client-ca", o.tls_client_ca_file, "no certificate can be read");
  return {};
}

std::shared_ptr<::grpc::ServerCredentials> tls_credentials(const grpc_server_options& o) {
  using namespace ::grpc::experimental;
  TlsServerCredentialsOptions options(std::make_shared<FileWatcherCertificateProvider>(
      o.tls_key_file, o.tls_cert_file, o.tls_client_ca_file, certificate_period_s));
  options.watch_identity_key_cert_pairs();
  if (!o.tls_client_ca_file.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return TlsServerCredentials(options);
}

}  // namespace

bool is_query(std::string_view path) {
  if (!path.starts_with("/isobar.")) return false;
  const std::string_view method = path.substr(path.rfind('/') + 1);
  for (const std::string_view word : {"Get", "List", "Stream", "Explain", "Color"})
    if (method.starts_with(word)) return true;
  return false;
}

bool is_health(std::string_view path) { return path.starts_with("/grpc.health.v1.Health/"); }

result<std::shared_ptr<::grpc::ServerCredentials>> make_credentials(const grpc_server_options& o,
                                                                    std::shared_ptr<grpc_tokens> tokens,
                                                                    telemetry::registry* metrics) {
  if (o.tls_cert_file.empty() != o.tls_key_file.empty())
    return fail(errc::configuration, "--grpc-tls-cert and --grpc-tls-key: both or neither");
  if (o.tls_cert_file.empty()) {
    if (!o.tls_client_ca_file.empty()) return fail(errc::configuration, "--grpc-tls-client-ca needs --grpc-tls-cert");
    if (tokens)
      return fail(errc::configuration, "--grpc-tokens needs --grpc-tls-cert: in plain text anybody reads them");
    return ::grpc::InsecureServerCredentials();
  }
  if (auto ok = check_files(o); !ok) return std::unexpected(ok.error());
  auto credentials = tls_credentials(o);
  if (tokens) credentials->SetAuthMetadataProcessor(std::make_shared<token_check>(std::move(tokens), metrics));
  return credentials;
}

}  // namespace isobar::service
