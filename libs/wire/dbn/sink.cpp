#include "wire/dbn/sink.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace isobar::wire::dbn {
namespace {

std::unexpected<failure<errc>> refused(const std::string& name, const char* what, int error) {
  return fail(errc::io, name + ": cannot be " + what + ": " + std::generic_category().message(error));
}

}  // namespace

result<void, errc> string_sink::write(std::string_view bytes) {
  out_ += bytes;
  return {};
}

result<std::unique_ptr<file_sink>, errc> file_sink::create(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return refused(path.string(), "created", errno);
  return std::unique_ptr<file_sink>(new file_sink(descriptor, path.string()));
}

file_sink::file_sink(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

file_sink::~file_sink() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

result<void, errc> file_sink::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(put));
    else if (errno != EINTR)
      return refused(name_, "written", errno);
  }
  return {};
}

result<void, errc> file_sink::close() {
  if (descriptor_ >= 0 && ::close(std::exchange(descriptor_, -1)) != 0) return refused(name_, "closed", errno);
  return {};
}

}  // namespace isobar::wire::dbn
