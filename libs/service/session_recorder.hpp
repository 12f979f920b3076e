#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/date.hpp"
#include "core/symbol.hpp"
#include "service/frame_history.hpp"
#include "service/frame_log.hpp"
#include "wire/subjects.hpp"

/// Recordings of a worker: its frames as they were published, a file (service/frame_log.hpp) per symbol and session:
/// <data-dir>/<service>/<symbol token>/<stem>YYYYMMDD.rec. Readers use service::frame_log_reader.
namespace isobar::service {

/// Where one session ends and the next begins: a session is named by the UTC day that holds its end. Globex: 22:00 UTC
/// lies in the daily break in summer and in winter.
struct session_rule {
  std::int64_t start_minutes = std::int64_t{22} * 60;  ///< after 00:00 UTC
  date of(timestamp t) const;
  /// Its first instant.
  timestamp begin_of(date session) const;
};

/// Folder of one symbol inside the service's data folder.
std::filesystem::path symbol_folder(const std::filesystem::path& data, const symbol& s);

struct session_file {
  date session;
  std::filesystem::path file;
};
/// Files of one stem, oldest first.
std::vector<session_file> recorded_sessions(const std::filesystem::path& folder, std::string_view stem);

/// How far a recording had come: part of the worker's checkpoint.
struct recording_place {
  date session;
  std::uint64_t bytes = 0;  ///< 0: nothing recorded
  bool operator==(const recording_place&) const = default;
};

/// Appends. Not thread-safe: the worker owns it. When the disk refuses anything, the file is cut back to what sync()
/// last put there. Frames since then are kept in memory and written by a later sync() that finds the disk good again;
/// behind `kept_bytes_max` of them they are given up, counted by take_lost(), and the recording has a hole, unless the
/// worker goes on from its checkpoint, which then makes them again.
class session_recorder {
 public:
  static constexpr std::size_t kept_bytes_max = std::size_t{8} << 20;

  session_recorder(std::filesystem::path folder, std::string stem, session_rule rule,
                   std::size_t kept_max = kept_bytes_max)
      : folder_(std::move(folder)), stem_(std::move(stem)), rule_(rule), kept_max_(kept_max) {}

  /// Goes on where a checkpoint was: what was recorded behind it is cut off. The text says what is wrong; recording
  /// then begins anew.
  std::optional<std::string> resume(const recording_place& place);
  /// `end`: end of the frame's window; it belongs to the session that holds the instant before. A session's file that
  /// is there from an earlier run is kept as "<file>.1". False: the disk does not take it now.
  bool append(std::string_view subject, timestamp end, std::string_view bytes);
  bool flush();
  /// True: everything up to place() is on the disk. False: it is not (error() says why), and a checkpoint must not say
  /// so.
  bool sync();
  recording_place place() const { return log_ ? recording_place{session_, log_->size()} : recording_place{}; }
  const std::string& error() const { return error_; }
  /// Frames that are in no recording and will not be, since the last call.
  std::uint64_t take_lost() { return std::exchange(lost_, 0); }

 private:
  struct kept_frame {
    std::string subject, bytes;
  };
  bool begin(date session);
  void keep(std::string_view subject, std::string_view bytes);
  void give_up();
  bool reopen();
  void break_off();
  std::filesystem::path file_of(date session) const;

  std::filesystem::path folder_;
  std::string stem_;
  session_rule rule_;
  date session_{};
  std::unique_ptr<frame_log_writer> log_;
  std::string error_;
  recording_place synced_;  ///< what is known to be on the disk
  bool failed_ = false;     ///< since then
  std::size_t kept_max_, kept_bytes_ = 0;
  std::vector<kept_frame> kept_;  ///< appended since then
  std::uint64_t lost_ = 0;
};

/// What a session's recording held at a place: fills histories with the newest frames of it.
class recording_index {
 public:
  /// Nothing: no recording there, or it cannot be read.
  static std::optional<recording_index> open(const std::filesystem::path& folder, std::string_view stem,
                                             const recording_place& place);

  /// The newest frames of a kind that keep within the bounds, oldest first. `read` makes an
  /// std::optional<kept_frame> of a std::shared_ptr<const std::string>. Returns the frames kept.
  template <class Read>
  std::size_t load(subjects::kind k, frame_history& to, std::size_t frames_max, std::size_t bytes_max, Read read) {
    std::size_t loaded = 0;
    for (const std::uint64_t offset : newest(k, frames_max, bytes_max)) {
      auto content = std::make_shared<std::string>();
      reader_->seek(offset);
      if (!reader_->next() || !reader_->read(*content)) return loaded;
      if (auto frame = read(std::move(content))) loaded += to.add(std::move(*frame));
    }
    return loaded;
  }

 private:
  struct entry {
    std::uint64_t offset;
    std::uint32_t length;
  };
  explicit recording_index(std::unique_ptr<frame_log_reader> reader) : reader_(std::move(reader)) {}
  std::vector<std::uint64_t> newest(subjects::kind k, std::size_t frames_max, std::size_t bytes_max) const;

  std::unique_ptr<frame_log_reader> reader_;
  std::map<subjects::kind, std::vector<entry>> all_;
};

}  // namespace isobar::service
