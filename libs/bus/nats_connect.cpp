#include <climits>
#include <fstream>
#include <iterator>

#include "bus/nats_core.hpp"
#include "bus/nats_error.hpp"
#include "bus/nkey.hpp"

namespace isobar::bus {
namespace {

constexpr std::int64_t ping_interval_ms = 5000;  // two unanswered: the connection is given up after 15 s at most
constexpr int pings_out_max = 2;
constexpr int io_buffer_bytes = 256 << 10;
constexpr std::int64_t key_value_wait_ms = 1500;  // a beat that is lost with the server must not cost a lease

result<std::string> first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  if (!in || !std::getline(in, line)) return fail(errc::library, "cannot read " + path);
  return line;
}

/// A user JWT and its seed between the lines that NATS's tools write around them.
bool holds_credentials(const std::string& path) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.contains("-BEGIN NATS USER JWT-") && text.contains("-BEGIN USER NKEY SEED-");
}

/// Files are read by the library at connect time, in the background: what can never work must fail now.
result<void> check_readable(const nats_options& o) {
  for (const std::string* path :
       {&o.credentials_file, &o.nkey_seed_file, &o.tls_ca_file, &o.tls_cert_file, &o.tls_key_file}) {
    if (path->empty()) continue;
    if (auto line = first_line(*path); !line) return std::unexpected(line.error());
  }
  if (!o.credentials_file.empty() && !o.nkey_seed_file.empty()) {
    return fail(errc::library, "NATS credentials and NKEY seed: one of them");
  }
  if (!o.credentials_file.empty() && !holds_credentials(o.credentials_file)) {
    return fail(errc::library, o.credentials_file + ": no NATS credentials in it");
  }
  if (o.tls_cert_file.empty() != o.tls_key_file.empty()) {
    return fail(errc::library, "TLS client certificate and key: both or neither");
  }
  return {};
}

}  // namespace

natsStatus nats_core::configure_security(natsOptions* o) {
  const auto& [url, name, creds, seed, ca, cert, key, wait, wait_max, timeout, pending, inbox] = options_;
  natsStatus s = NATS_OK;
  if (!creds.empty()) s = natsOptions_SetUserCredentialsFromFiles(o, creds.c_str(), nullptr);
  if (s == NATS_OK && !seed.empty()) s = natsOptions_SetNKeyFromSeed(o, nkey_public_.c_str(), seed.c_str());
  if (s == NATS_OK && !ca.empty()) s = natsOptions_SetSecure(o, true);
  if (s == NATS_OK && !ca.empty()) s = natsOptions_LoadCATrustedCertificates(o, ca.c_str());
  if (s == NATS_OK && !cert.empty()) s = natsOptions_LoadCertificatesChain(o, cert.c_str(), key.c_str());
  return s;
}

natsStatus nats_core::configure(natsOptions* o) {
  natsStatus s = natsOptions_SetURL(o, options_.url.c_str());
  const auto then = [&](natsStatus next) {
    if (s == NATS_OK) s = next;
  };
  if (!options_.name.empty()) then(natsOptions_SetName(o, options_.name.c_str()));
  then(natsOptions_SetCustomInboxPrefix(o, options_.inbox_prefix.c_str()));
  then(natsOptions_SetTimeout(o, options_.connect_timeout.count()));
  then(natsOptions_SetPingInterval(o, ping_interval_ms));
  then(natsOptions_SetMaxPingsOut(o, pings_out_max));
  then(natsOptions_SetIOBufSize(o, io_buffer_bytes));
  then(natsOptions_SetAllowReconnect(o, true));
  then(natsOptions_SetMaxReconnect(o, INT_MAX));
  then(natsOptions_SetCustomReconnectDelay(o, &reconnect_delay, this));
  then(
      natsOptions_SetReconnectBufSize(o, static_cast<int>(std::min<std::size_t>(options_.pending_bytes_max, INT_MAX))));
  then(natsOptions_SetFailRequestsOnDisconnect(o, true));
  then(natsOptions_SetRetryOnFailedConnect(o, true, &on_connected, this));
  then(natsOptions_SetReconnectedCB(o, &on_reconnected, this));
  then(natsOptions_SetDisconnectedCB(o, &on_disconnected, this));
  then(natsOptions_SetClosedCB(o, &on_closed, this));
  then(natsOptions_SetErrorHandler(o, &on_error, this));
  then(loop_.use_in(o));
  if (s == NATS_OK) s = configure_security(o);
  return s;
}

result<void> nats_core::connect() {
  // It would stand in logs, in /readyz and in --print-config.
  if (options_.url.contains('@')) return fail(errc::library, "credentials belong into a file, not into the URL");
  if (auto ok = check_readable(options_); !ok) return ok;
  if (!options_.nkey_seed_file.empty()) {
    auto seed = first_line(options_.nkey_seed_file);
    auto key = nkey_public_user(*seed);
    if (!key) return fail(key.error().code, options_.nkey_seed_file + ": " + key.error().evidence);
    nkey_public_ = *key;
  }
  natsOptions* o = nullptr;
  natsStatus s = natsOptions_Create(&o);
  if (s == NATS_OK) s = configure(o);
  if (s == NATS_OK) s = natsConnection_Connect(&connection_, o);
  natsOptions_Destroy(o);
  if (s != NATS_OK && s != NATS_NOT_YET_CONNECTED) return std::unexpected(nats_failure(s, "connect " + options_.url));
  if (s == NATS_OK) connection_changed(true);
  jsOptions js;
  jsOptions_Init(&js);
  js.Wait = key_value_wait_ms;
  if (s = natsConnection_JetStream(&jet_stream_, connection_, &js); s != NATS_OK) {
    return std::unexpected(nats_failure(s, "JetStream context"));
  }
  return {};
}

}  // namespace isobar::bus
