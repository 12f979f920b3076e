#include "service/frame_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/archive.hpp"
#include "core/digest.hpp"

namespace isobar::service {
namespace {

constexpr std::string_view magic = "ISOREC1\n";
constexpr std::uint64_t head_bytes = 16;
constexpr std::uint32_t subject_bytes_max = 1024;
constexpr std::size_t waiting_max = 1u << 20;

std::uint64_t digest_of(std::string_view subject, std::string_view bytes) {
  digest64 d;
  d.update(subject);
  d.update(bytes);
  return d.value();
}

std::string system_error(const std::filesystem::path& file) { return file.string() + ": " + std::strerror(errno); }

}  // namespace

isobar::result<std::unique_ptr<frame_log_writer>, frame_log_errc> frame_log_writer::open(
    const std::filesystem::path& file, std::uint64_t keep) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return fail(frame_log_errc::unwritable, system_error(file));
  std::unique_ptr<frame_log_writer> out(new frame_log_writer(fd, keep));
  if (keep > 0) {
    const ::off_t size = ::lseek(fd, 0, SEEK_END);
    if (size < static_cast<::off_t>(keep))
      return fail(frame_log_errc::damaged,
                  file.string() + ": " + std::to_string(size) + " bytes, " + std::to_string(keep) + " were written");
  }
  if (::ftruncate(fd, static_cast<::off_t>(keep)) != 0 || ::lseek(fd, static_cast<::off_t>(keep), SEEK_SET) < 0)
    return fail(frame_log_errc::unwritable, system_error(file));
  if (keep == 0) {
    out->waiting_ = magic;
    out->size_ = magic.size();
  }
  return out;
}

frame_log_writer::~frame_log_writer() {
  (void)flush();
  ::close(fd_);
}

bool frame_log_writer::append(std::string_view subject, std::string_view bytes) {
  if (!good_ || subject.size() > subject_bytes_max || bytes.size() > UINT32_MAX) return false;
  archive_writer head(waiting_);
  head(static_cast<std::uint32_t>(subject.size()), static_cast<std::uint32_t>(bytes.size()), digest_of(subject, bytes));
  waiting_.append(subject).append(bytes);
  size_ += head_bytes + subject.size() + bytes.size();
  return waiting_.size() < waiting_max || flush();
}

bool frame_log_writer::flush() {
  std::string_view rest = waiting_;
  while (good_ && !rest.empty()) {
    const ssize_t n = ::write(fd_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) good_ = false;
    if (good_) rest.remove_prefix(static_cast<std::size_t>(n));
  }
  waiting_.clear();
  return good_;
}

bool frame_log_writer::sync() { return flush() && ::fdatasync(fd_) == 0; }

isobar::result<std::unique_ptr<frame_log_reader>, frame_log_errc> frame_log_reader::open(
    const std::filesystem::path& file) {
  std::error_code absent;
  const std::uint64_t size = std::filesystem::file_size(file, absent);
  if (absent) return fail(frame_log_errc::unreadable, file.string() + ": " + absent.message());
  std::unique_ptr<frame_log_reader> out(new frame_log_reader(file, size));
  out->in_.open(file, std::ios::binary);
  if (!out->in_) return fail(frame_log_errc::unreadable, file.string() + ": cannot be opened");
  std::string seen(magic.size(), '\0');
  out->in_.read(seen.data(), static_cast<std::streamsize>(seen.size()));
  if (!out->in_ || seen != magic) return fail(frame_log_errc::not_a_log, file.string() + ": not a recording");
  out->next_ = magic.size();
  return out;
}

bool frame_log_reader::next() {
  if (!error_.empty() || next_ >= size_) return false;
  offset_ = next_;
  in_.clear();
  in_.seekg(static_cast<std::streamoff>(offset_));
  char head[head_bytes];
  in_.read(head, sizeof head);
  std::uint32_t name = 0;
  archive_reader(std::string_view(head, sizeof head))(name, length_, digest_);
  const bool fits = in_.good() && name <= subject_bytes_max && size_ - offset_ >= head_bytes + name &&
                    size_ - offset_ - head_bytes - name >= length_;
  if (!fits) {
    error_ = place() + ": the record is torn";
    return false;
  }
  subject_.resize(name);
  in_.read(subject_.data(), name);
  next_ = offset_ + head_bytes + name + length_;
  if (!in_.good()) error_ = place() + ": cannot be read";
  return in_.good();
}

isobar::result<void, frame_log_errc> frame_log_reader::read(std::string& into) {
  into.resize(length_);
  in_.clear();
  in_.seekg(static_cast<std::streamoff>(next_ - length_));
  in_.read(into.data(), static_cast<std::streamsize>(length_));
  if (!in_.good()) return fail(frame_log_errc::unreadable, place() + ": cannot be read");
  if (digest_of(subject_, into) != digest_)
    return fail(frame_log_errc::damaged, place() + ": its digest does not match");
  return {};
}

}  // namespace isobar::service
