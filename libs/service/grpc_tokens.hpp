#pragma once
#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/host.hpp"

namespace isobar::service {

/// Who may call with a token. The token itself is not kept, only its SHA-256.
struct grpc_token {
  enum class rights { read, full };  ///< read: queries only
  std::string name;                  ///< of the client, in logs and for its rate limit
  rights role = rights::read;
  std::array<unsigned char, 32> digest{};
};

/// The lines "NAME read|full TOKEN" of a token file; TOKEN is at least 20 characters without white space, or
/// "sha256:" and 64 hexadecimal digits. Empty lines and lines that begin with # count for nothing. Errors name the line
/// and never quote the token.
result<std::vector<grpc_token>> parse_tokens(std::string_view text);

/// A token file that is read again when it changes. A file that cannot be read later, or is wrong, leaves the tokens
/// as they are and says so in the log. Thread-safe.
class grpc_tokens {
 public:
  static result<std::shared_ptr<grpc_tokens>> open(std::string path);
  /// The client whose token this is. Takes the same time for every token of one length, known or not.
  std::optional<grpc_token> find(std::string_view token);

 private:
  using table = std::shared_ptr<const std::vector<grpc_token>>;
  struct version {
    std::filesystem::file_time_type written;
    std::uintmax_t size = 0;
    bool operator==(const version&) const = default;
  };
  explicit grpc_tokens(std::string path) : path_(std::move(path)) {}
  result<void> read();
  table present();

  const std::string path_;
  std::mutex mutex_;
  table table_;
  version version_{};
  std::chrono::steady_clock::time_point looked_at_{};
};

/// The token of an "authorization" header: what stands behind "Bearer ". Empty: none.
std::string_view bearer(std::string_view header);

}  // namespace isobar::service
