#include "service/data_dir.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace isobar::service {

result<void> prepare_data_dir(const std::filesystem::path& folder) {
  std::error_code e;
  std::filesystem::create_directories(folder, e);
  if (e) return fail(errc::unwritable, "--data-dir: cannot create " + folder.string() + ": " + e.message());
  const std::string probe = folder / (".write-check-" + std::to_string(getpid()));
  const int fd = open(probe.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && write(fd, "ok", 2) == 2;
  const int error = errno;
  if (fd >= 0) {
    close(fd);
    unlink(probe.c_str());
  }
  if (!written) return fail(errc::unwritable, "--data-dir: cannot write " + folder.string() + ": " + strerror(error));
  return {};
}

}  // namespace isobar::service
