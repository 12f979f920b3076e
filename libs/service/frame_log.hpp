#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.hpp"

/// Recordings of bus frames: a file of (subject, bytes) records, appended only. Layout: the eight bytes "ISOREC1\n",
/// then for each record the little-endian lengths of subject (u32) and bytes (u32), the XXH3 digest of both (u64), the
/// subject, the bytes.
namespace isobar::service {

enum class frame_log_errc {
  unreadable,  ///< cannot be opened or read
  unwritable,
  not_a_log,
  damaged,  ///< a record is torn or its digest does not match; evidence gives file and offset
};

/// Not thread-safe. Bytes reach the system with flush(), when a megabyte waits, and at the end of its life.
class frame_log_writer {
 public:
  /// Goes on behind the first `keep` bytes of the file, which are the end of a record (size() once said so); 0: anew.
  static isobar::result<std::unique_ptr<frame_log_writer>, frame_log_errc> open(const std::filesystem::path& file,
                                                                                std::uint64_t keep);
  ~frame_log_writer();
  frame_log_writer(const frame_log_writer&) = delete;
  frame_log_writer& operator=(const frame_log_writer&) = delete;

  /// False once the disk has refused anything: the file then ends with a torn record, and nothing more is written.
  bool append(std::string_view subject, std::string_view bytes);
  bool flush();
  /// flush(), then onto the disk.
  bool sync();
  /// Length of the file with what waits.
  std::uint64_t size() const { return size_; }

 private:
  frame_log_writer(int fd, std::uint64_t size) : fd_(fd), size_(size) {}
  int fd_;
  std::uint64_t size_;
  bool good_ = true;
  std::string waiting_;
};

/// Goes through a recording from its start. Not thread-safe.
class frame_log_reader {
 public:
  static isobar::result<std::unique_ptr<frame_log_reader>, frame_log_errc> open(const std::filesystem::path& file);

  /// True: there is a record, and subject(), offset() and length() are its. False: the end, or error() says otherwise.
  bool next();
  /// next() then goes to the record that begins there.
  void seek(std::uint64_t offset) {
    next_ = offset;
    error_.clear();
  }
  const std::string& subject() const { return subject_; }
  std::uint64_t offset() const { return offset_; }     ///< where the record begins
  std::uint32_t length() const { return length_; }     ///< of the frame
  std::uint64_t next_offset() const { return next_; }  ///< where the next record begins
  /// The frame, checked against its digest; skipped frames cost a seek. Once a record.
  isobar::result<void, frame_log_errc> read(std::string& into);
  /// Why next() ended early; empty: it did not.
  const std::string& error() const { return error_; }

 private:
  frame_log_reader(const std::filesystem::path& file, std::uint64_t size) : file_(file), size_(size) {}
  std::string place() const { return file_.string() + " at byte " + std::to_string(offset_); }

  std::filesystem::path file_;
  std::ifstream in_;
  std::uint64_t size_, offset_ = 0, next_ = 0, digest_ = 0;
  std::uint32_t length_ = 0;
  std::string subject_, error_;
};

}  // namespace isobar::service
