#include "feed-ingest/actors/checkpoint_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace isobar::feed_ingest {
namespace {

constexpr std::size_t bytes_max = 1u << 20;

/// Bytes that have reached the disk when it returns true.
bool write_whole(const std::filesystem::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return false;
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  return ::close(file) == 0 && written;
}

}  // namespace

result<std::optional<mark>, checkpoint_errc> checkpoint_file::load() const {
  std::ifstream in(path_, std::ios::binary);
  if (!in) return std::optional<mark>();
  std::string text((std::istreambuf_iterator<char>(in)), {});
  if (text.size() > bytes_max) return fail(checkpoint_errc::malformed, path_.string() + ": too long");
  const auto saved = parse_checkpoint(text);
  if (!saved) return fail(saved.error().code, path_.string() + ": " + saved.error().evidence);
  if (const auto same = check(*saved, now_); !same)
    return fail(same.error().code, path_.string() + ": " + same.error().evidence);
  return std::optional<mark>(saved->at);
}

bool checkpoint_file::save(std::chrono::milliseconds every) {
  const auto now = std::chrono::steady_clock::now();
  if (!dirty_ || now - saved_ < every) return false;
  auto fresh = path_;
  fresh += ".new";
  std::error_code ec;
  if (!write_whole(fresh, to_text(now_))) return false;
  std::filesystem::rename(fresh, path_, ec);
  saved_ = now;
  dirty_ = static_cast<bool>(ec);
  return !ec;
}

}  // namespace isobar::feed_ingest
