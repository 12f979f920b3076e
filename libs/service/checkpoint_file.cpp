#include "service/checkpoint_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "core/archive.hpp"
#include "core/digest.hpp"

namespace isobar::service {
namespace {

constexpr std::uint64_t magic = 0x31'54'50'4b'43'4f'53'49;  // "ISOCKPT1"
constexpr std::size_t head_bytes = 24;                      // magic, length, digest

std::string failed(std::string_view what, const std::filesystem::path& file) {
  return std::string(what) + " " + file.string() + ": " + std::strerror(errno);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// So that the renames survive a power cut too.
void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)::fsync(fd);
  ::close(fd);
}

}  // namespace

std::optional<std::string> checkpoint_file::write(std::string_view content) const {
  std::string head;
  archive_writer write_head(head);
  write_head(magic, static_cast<std::uint64_t>(content.size()), hash64(content));
  const int fd = ::open(next_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failed("cannot create", next_);
  const bool written = write_all(fd, head) && write_all(fd, content) && ::fsync(fd) == 0;
  if (!written) {
    auto why = failed("cannot write", next_);
    ::close(fd);
    return why;
  }
  ::close(fd);
  if (::rename(newest_.c_str(), older_.c_str()) != 0 && errno != ENOENT) return failed("cannot rename", newest_);
  if (::rename(next_.c_str(), newest_.c_str()) != 0) return failed("cannot rename", next_);
  sync_folder(newest_.parent_path());
  return std::nullopt;
}

std::optional<isobar::result<std::string, checkpoint_file::errc>> checkpoint_file::read(int generation) const {
  const std::filesystem::path& file = path(generation);
  std::error_code absent;
  if (!std::filesystem::exists(file, absent)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) return fail(errc::unreadable, failed("cannot read", file));
  if (bytes.size() < head_bytes) return fail(errc::damaged, file.string() + ": shorter than its head");
  std::uint64_t seen = 0, length = 0, digest = 0;
  archive_reader(std::string_view(bytes).substr(0, head_bytes))(seen, length, digest);
  if (seen != magic) return fail(errc::damaged, file.string() + ": not a checkpoint");
  bytes.erase(0, head_bytes);
  if (bytes.size() != length)
    return fail(errc::damaged,
                file.string() + ": " + std::to_string(bytes.size()) + " bytes of " + std::to_string(length));
  if (hash64(bytes) != digest) return fail(errc::damaged, file.string() + ": its digest does not match");
  return bytes;
}

void checkpoint_file::remove() const {
  std::error_code ignored;
  for (const auto& file : {newest_, older_, next_}) std::filesystem::remove(file, ignored);
}

}  // namespace isobar::service
