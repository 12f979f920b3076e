#include "gamma-fuel/actors/given_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "core/archive.hpp"
#include "core/digest.hpp"

namespace isobar::gamma_fuel {

given_mark::~given_mark() {
  if (open_ >= 0) ::close(open_);
}

std::optional<given_so_far> given_mark::read() const {
  std::ifstream in(file_, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() <= sizeof(std::uint64_t)) return std::nullopt;
  const std::string_view body = std::string_view(bytes).substr(0, bytes.size() - sizeof(std::uint64_t));
  archive_reader all(bytes);
  given_so_far out;
  std::uint64_t digest = 0;
  all(out.sequences, out.until, digest);
  if (!all.finished() || digest != hash64(body)) return std::nullopt;
  return out;
}

bool given_mark::write(const given_so_far& g) {
  if (open_ < 0) open_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (open_ < 0) return false;
  std::string bytes;
  archive_writer a(bytes);
  a(g.sequences, g.until);
  a(hash64(bytes));
  return ::pwrite(open_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

void given_mark::remove() {
  if (open_ >= 0) ::close(open_);
  open_ = -1;
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace isobar::gamma_fuel
