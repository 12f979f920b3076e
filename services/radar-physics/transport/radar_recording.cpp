#include "radar-physics/transport/radar_recording.hpp"

#include <algorithm>
#include <charconv>

#include "isobar/radar/v1/radar.pb.h"
#include "wire/subjects.hpp"

namespace isobar::radar_physics {
namespace {

constexpr std::string_view stem = "radar-", ending = ".rec";
constexpr std::int64_t minute_ns = 60'000'000'000, day_minutes = 1'440;

std::optional<date> session_of(const std::string& name) {
  if (!name.starts_with(stem) || !name.ends_with(ending) || name.size() != stem.size() + 8 + ending.size())
    return std::nullopt;
  std::int32_t day = 0;
  const char* digits = name.data() + stem.size();
  const auto [end, error] = std::from_chars(digits, digits + 8, day);
  return error == std::errc{} && end == digits + 8 ? from_yyyymmdd(day) : std::nullopt;
}

struct entry {
  std::uint64_t offset;
  std::uint32_t length;
};

/// Ends of the windows behind a frame of any kind but levels.
template <class Message>
std::optional<kept_frame> read_frame(std::shared_ptr<const std::string> bytes, duration_ns window) {
  Message m;
  if (!m.ParseFromString(*bytes)) return std::nullopt;
  return kept_frame{.first_end = timestamp{m.window().window_start_ns()} + window,
                    .last_end = {m.window().window_end_ns()},
                    .ordinal = m.header().sequence(),
                    .bytes = std::move(bytes)};
}

std::optional<kept_frame> read_levels(std::shared_ptr<const std::string> bytes) {
  radar::v1::LevelStates m;
  if (!m.ParseFromString(*bytes)) return std::nullopt;
  return kept_frame{.first_end = {m.as_of_ns()},
                    .last_end = {m.as_of_ns()},
                    .ordinal = m.header().sequence(),
                    .bytes = std::move(bytes)};
}

}  // namespace

date session_rule::of(timestamp t) const {
  return utc_date(t + duration_ns{(day_minutes - start_minutes) % day_minutes * minute_ns});
}

timestamp session_rule::begin_of(date session) const {
  return utc_midnight(session) - duration_ns{(day_minutes - start_minutes) % day_minutes * minute_ns};
}

std::filesystem::path symbol_folder(const std::filesystem::path& data, const symbol& s) {
  return data / subjects::key_token(s.str());
}

std::vector<session_file> recorded_sessions(const std::filesystem::path& folder) {
  std::vector<session_file> out;
  std::error_code absent;
  for (const auto& e : std::filesystem::directory_iterator(folder, absent))
    if (const auto session = session_of(e.path().filename().string())) out.push_back({*session, e.path()});
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.session < b.session; });
  return out;
}

std::filesystem::path radar_recorder::file_of(date session) const {
  return folder_ / (std::string(stem) + std::to_string(to_yyyymmdd(session)) + std::string(ending));
}

std::optional<std::string> radar_recorder::resume(const recording_place& place) {
  log_.reset();
  failed_ = false;
  synced_ = place;
  if (place.bytes == 0) return std::nullopt;
  std::error_code ignored;
  for (const session_file& f : recorded_sessions(folder_))
    if (f.session > place.session) std::filesystem::remove(f.file, ignored);
  auto opened = service::frame_log_writer::open(file_of(place.session), place.bytes);
  if (!opened) return opened.error().evidence;
  session_ = place.session;
  log_ = std::move(*opened);
  return std::nullopt;
}

bool radar_recorder::begin(date session) {
  if (log_ && !sync()) return false;  // the session before; the next frame begins the new one
  log_.reset();
  session_ = session;
  synced_ = {session, 0};
  const auto file = file_of(session);
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) std::filesystem::rename(file, file.string() + ".1", ignored);
  return reopen();
}

bool radar_recorder::reopen() {
  auto opened = service::frame_log_writer::open(file_of(session_), synced_.bytes);
  failed_ = !opened;
  error_ = opened ? std::string() : opened.error().evidence;
  if (opened) log_ = std::move(*opened);
  return !failed_;
}

/// What was written behind synced_ may be torn.
void radar_recorder::break_off() {
  const auto file = file_of(session_);
  error_ = file.string() + ": cannot be written";
  failed_ = true;
  log_.reset();
  std::error_code ignored;
  std::filesystem::resize_file(file, synced_.bytes, ignored);
}

bool radar_recorder::flush() {
  if (!log_ || log_->flush()) return !failed_;
  break_off();
  return false;
}

bool radar_recorder::sync() {
  if (failed_ && !reopen()) return false;
  if (!log_) return true;
  if (!log_->sync()) {
    break_off();
    return false;
  }
  synced_ = place();
  return true;
}

bool radar_recorder::append(std::string_view subject, timestamp end, std::string_view bytes) {
  const date session = rule_.of(end - duration_ns{1});
  // Frames come in order of their ends but for the levels of a window, which come before it.
  if (failed_ && session <= session_) return false;
  if ((!log_ || session > session_) && !begin(session)) return false;
  if (log_->append(subject, bytes)) return true;
  break_off();
  return false;
}

std::size_t preload(radar_store& store, const std::filesystem::path& folder, const recording_place& place,
                    duration_ns window) {
  using subjects::kind;
  const auto sessions = recorded_sessions(folder);
  const auto at =
      std::find_if(sessions.begin(), sessions.end(), [&](const session_file& f) { return f.session == place.session; });
  if (place.bytes == 0 || at == sessions.end()) return 0;
  auto reader = service::frame_log_reader::open(at->file);
  if (!reader) return 0;
  // What is kept is known from the end only: first where everything is, then the newest of each.
  std::map<kind, std::vector<entry>> all;
  while ((*reader)->next() && (*reader)->next_offset() <= place.bytes)
    if (const auto parsed = subjects::parse((*reader)->subject()))
      all[parsed->kind].push_back({(*reader)->offset(), (*reader)->length()});
  std::size_t loaded = 0;
  const auto load = [&](kind k, frame_history& to, std::size_t frames, std::size_t bytes, auto read) {
    const std::vector<entry>& entries = all[k];
    std::size_t first = entries.size(), sum = 0;
    while (first > 0 && entries.size() - first < frames && (sum += entries[first - 1].length) <= bytes) --first;
    for (; first < entries.size(); ++first) {
      auto content = std::make_shared<std::string>();
      (*reader)->seek(entries[first].offset);
      if (!(*reader)->next() || !(*reader)->read(*content)) return;
      if (auto frame = read(std::move(content))) loaded += to.add(std::move(*frame));
    }
  };
  const store_limits& limits = store.limits();
  load(kind::radar_column, store.columns, limits.windows, limits.history_bytes,
       [&](auto b) { return read_frame<radar::v1::RadarColumn>(std::move(b), window); });
  load(kind::radar_features, store.features, limits.windows, limits.history_bytes,
       [&](auto b) { return read_frame<radar::v1::FeatureVector>(std::move(b), window); });
  load(kind::radar_surfaces, store.surfaces, limits.windows, limits.surface_bytes,
       [&](auto b) { return read_frame<radar::v1::MediumSurface>(std::move(b), window); });
  load(kind::radar_breakthrough, store.breakthroughs, limits.breakthroughs, limits.history_bytes,
       [&](auto b) { return read_frame<radar::v1::Breakthrough>(std::move(b), window); });
  load(kind::radar_levels, store.levels, 1, limits.history_bytes, [](auto b) { return read_levels(std::move(b)); });
  return loaded;
}

}  // namespace isobar::radar_physics
