#include "wire/dbn/source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace isobar::wire::dbn {
namespace {

constexpr std::size_t piece_bytes = std::size_t{256} * 1024;

std::string system_text(int error) { return std::generic_category().message(error); }

}  // namespace

std::string read_error::text() const {
  std::string out = file + ": ";
  out += record == 0 ? "metadata" : "record " + std::to_string(record);
  out += " at byte " + std::to_string(offset);
  if (compressed_offset) out += " (compressed byte " + std::to_string(*compressed_offset) + ")";
  return out + ": " + what;
}

memory_source::memory_source(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

std::expected<std::string_view, source_error> memory_source::next() { return std::exchange(bytes_, {}); }

std::expected<std::unique_ptr<file_source>, source_error> file_source::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(source_error{errc::io, "cannot be opened: " + system_text(errno)});
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<file_source>(new file_source(descriptor, path.string()));
}

file_source::file_source(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)), piece_(piece_bytes) {}

file_source::~file_source() { ::close(descriptor_); }

std::expected<std::string_view, source_error> file_source::next() {
  for (;;) {
    const auto got = ::read(descriptor_, piece_.data(), piece_.size());
    if (got >= 0) return std::string_view(piece_.data(), static_cast<std::size_t>(got));
    if (errno != EINTR) return std::unexpected(source_error{errc::io, "cannot be read: " + system_text(errno)});
  }
}

}  // namespace isobar::wire::dbn
