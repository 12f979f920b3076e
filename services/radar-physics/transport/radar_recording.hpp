#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.hpp"
#include "core/symbol.hpp"
#include "radar-physics/transport/radar_store.hpp"
#include "service/frame_log.hpp"

/// Recordings of a worker: every frame of the radar subjects as it was published, a file (service/frame_log.hpp) per
/// symbol and session: <data-dir>/radar-physics/<symbol token>/radar-YYYYMMDD.rec. Readers use
/// service::frame_log_reader.
namespace isobar::radar_physics {

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
/// Oldest first.
std::vector<session_file> recorded_sessions(const std::filesystem::path& folder);

/// How far a recording had come: part of the worker's checkpoint.
struct recording_place {
  date session;
  std::uint64_t bytes = 0;  ///< 0: nothing recorded
  bool operator==(const recording_place&) const = default;
};

/// Appends. Not thread-safe: the worker owns it. When the disk refuses anything, the file is cut back to what sync()
/// last put there and nothing is recorded until a later sync() finds the disk good again: frames between are not in the
/// recording, unless the worker goes on from its checkpoint, which then makes them again.
class radar_recorder {
 public:
  radar_recorder(std::filesystem::path folder, session_rule rule) : folder_(std::move(folder)), rule_(rule) {}

  /// Goes on where a checkpoint was: what was recorded behind it is cut off. The text says what is wrong; recording
  /// then begins anew.
  std::optional<std::string> resume(const recording_place& place);
  /// `end`: end of the frame's window; it belongs to the session that holds the instant before. A session's file that
  /// is there from an earlier run is kept as "<file>.1". False: not recorded.
  bool append(std::string_view subject, timestamp end, std::string_view bytes);
  bool flush();
  /// True: everything up to place() is on the disk. False: it is not (error() says why), and a checkpoint must not say
  /// so.
  bool sync();
  recording_place place() const { return log_ ? recording_place{session_, log_->size()} : recording_place{}; }
  const std::string& error() const { return error_; }

 private:
  bool begin(date session);
  bool reopen();
  void break_off();
  std::filesystem::path file_of(date session) const;

  std::filesystem::path folder_;
  session_rule rule_;
  date session_{};
  std::unique_ptr<service::frame_log_writer> log_;
  std::string error_;
  recording_place synced_;  ///< what is known to be on the disk
  bool failed_ = false;     ///< since then
};

/// Fills a store's history from the first `place.bytes` of the session's recording. Returns the frames loaded.
std::size_t preload(radar_store& store, const std::filesystem::path& folder, const recording_place& place,
                    duration_ns window);

}  // namespace isobar::radar_physics
