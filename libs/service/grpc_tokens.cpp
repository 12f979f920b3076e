#include "service/grpc_tokens.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <fstream>
#include <set>
#include <sstream>

#include "telemetry/log.hpp"

namespace isobar::service {
namespace {

constexpr std::size_t token_length_min = 20;
constexpr std::size_t file_bytes_max = 1u << 20;
constexpr std::string_view digest_mark = "sha256:";
constexpr std::chrono::seconds look_period{1};

std::array<unsigned char, 32> digest_of(std::string_view token) {
  std::array<unsigned char, 32> out{};
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), out.data());
  return out;
}

std::optional<std::array<unsigned char, 32>> read_hex(std::string_view text) {
  std::array<unsigned char, 32> out{};
  if (text.size() != 2 * out.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return std::nullopt;
    out[i / 2] = static_cast<unsigned char>(out[i / 2] << 4 | digit);
  }
  return out;
}

/// Empty: the line holds nothing.
result<std::optional<grpc_token>> parse_line(const std::string& line) {
  std::istringstream words(line);
  std::string name, role, token, more;
  words >> name >> role >> token >> more;
  if (name.empty() || name[0] == '#') return std::nullopt;
  const auto refuse = [](const char* why) { return fail(errc::configuration, why); };
  if (token.empty() || !more.empty()) return refuse("want NAME read|full TOKEN");
  if (role != "read" && role != "full") return refuse("the role is read or full");
  grpc_token out{.name = name, .role = role == "full" ? grpc_token::rights::full : grpc_token::rights::read};
  if (token.starts_with(digest_mark)) {
    const auto digest = read_hex(std::string_view(token).substr(digest_mark.size()));
    if (!digest) return refuse("sha256: wants 64 hexadecimal digits in lower case");
    out.digest = *digest;
  } else {
    if (token.size() < token_length_min) return refuse("the token has fewer than 20 characters");
    out.digest = digest_of(token);
  }
  OPENSSL_cleanse(token.data(), token.size());
  return out;
}

}  // namespace

result<std::vector<grpc_token>> parse_tokens(std::string_view text) {
  std::vector<grpc_token> out;
  std::set<std::string> names;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string place = "line " + std::to_string(++number) + ": ";
    auto token = parse_line(line);
    if (!token) return fail(token.error().code, place + token.error().evidence);
    if (!*token) continue;
    if (!names.insert((*token)->name).second) return fail(errc::configuration, place + "the name was used before");
    out.push_back(std::move(**token));
  }
  if (out.empty()) return fail(errc::configuration, "no token in it");
  return out;
}

result<std::shared_ptr<grpc_tokens>> grpc_tokens::open(std::string path) {
  std::shared_ptr<grpc_tokens> made(new grpc_tokens(std::move(path)));
  if (auto ok = made->read(); !ok) return fail(errc::configuration, "--grpc-tokens: " + ok.error().evidence);
  std::error_code ec;
  const auto mode = std::filesystem::status(made->path_, ec).permissions();
  if (!ec && (mode & std::filesystem::perms::others_read) != std::filesystem::perms::none)
    telemetry::logger("host").warn("host finds its token file readable for everybody file=" + made->path_);
  return made;
}

result<void> grpc_tokens::read() {
  std::error_code ec;
  version_ = {std::filesystem::last_write_time(path_, ec), std::filesystem::file_size(path_, ec)};
  std::ifstream in(path_, std::ios::binary);
  if (ec || !in || version_.size > file_bytes_max) return fail(errc::configuration, "cannot read " + path_);
  std::string text(version_.size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto parsed = parse_tokens(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!parsed) return fail(errc::configuration, path_ + ": " + parsed.error().evidence);
  table_ = std::make_shared<const std::vector<grpc_token>>(std::move(*parsed));
  return {};
}

grpc_tokens::table grpc_tokens::present() {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now < looked_at_ + look_period) return table_;
  looked_at_ = now;
  std::error_code ec;
  const version seen{std::filesystem::last_write_time(path_, ec), std::filesystem::file_size(path_, ec)};
  if (!ec && seen == version_) return table_;
  if (auto ok = read(); !ok)
    telemetry::logger("host").warn_limited("tokens", "host keeps its tokens error=\"" + ok.error().evidence + "\"");
  return table_;
}

std::optional<grpc_token> grpc_tokens::find(std::string_view token) {
  const table all = present();
  const auto digest = digest_of(token);
  const grpc_token* found = nullptr;
  // Every entry is looked at, whichever it is.
  for (const grpc_token& t : *all)
    if (CRYPTO_memcmp(t.digest.data(), digest.data(), digest.size()) == 0) found = &t;
  return found ? std::optional(*found) : std::nullopt;
}

std::string_view bearer(std::string_view header) {
  constexpr std::string_view scheme = "Bearer ";
  return header.starts_with(scheme) ? header.substr(scheme.size()) : std::string_view();
}

}  // namespace isobar::service
