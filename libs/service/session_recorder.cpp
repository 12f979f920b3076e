#include "service/session_recorder.hpp"

#include <algorithm>
#include <charconv>

namespace isobar::service {
namespace {

constexpr std::string_view ending = ".rec";
constexpr std::int64_t minute_ns = 60'000'000'000, day_minutes = 1'440;

std::optional<date> session_of(const std::string& name, std::string_view stem) {
  if (!name.starts_with(stem) || !name.ends_with(ending) || name.size() != stem.size() + 8 + ending.size())
    return std::nullopt;
  std::int32_t day = 0;
  const char* digits = name.data() + stem.size();
  const auto [end, error] = std::from_chars(digits, digits + 8, day);
  return error == std::errc{} && end == digits + 8 ? from_yyyymmdd(day) : std::nullopt;
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

std::vector<session_file> recorded_sessions(const std::filesystem::path& folder, std::string_view stem) {
  std::vector<session_file> out;
  std::error_code absent;
  for (const auto& e : std::filesystem::directory_iterator(folder, absent))
    if (const auto session = session_of(e.path().filename().string(), stem)) out.push_back({*session, e.path()});
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.session < b.session; });
  return out;
}

std::filesystem::path session_recorder::file_of(date session) const {
  return folder_ / (stem_ + std::to_string(to_yyyymmdd(session)) + std::string(ending));
}

std::optional<std::string> session_recorder::resume(const recording_place& place) {
  log_.reset();
  failed_ = false;
  synced_ = place;
  kept_.clear();  // the worker makes them again
  kept_bytes_ = 0;
  if (place.bytes == 0) return std::nullopt;
  std::error_code ignored;
  for (const session_file& f : recorded_sessions(folder_, stem_))
    if (f.session > place.session) std::filesystem::remove(f.file, ignored);
  auto opened = frame_log_writer::open(file_of(place.session), place.bytes);
  if (!opened) return opened.error().evidence;
  session_ = place.session;
  log_ = std::move(*opened);
  return std::nullopt;
}

bool session_recorder::begin(date session) {
  if (!sync()) give_up();  // the session before
  log_.reset();
  session_ = session;
  synced_ = {session, 0};
  const auto file = file_of(session);
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) std::filesystem::rename(file, file.string() + ".1", ignored);
  return reopen();
}

bool session_recorder::reopen() {
  auto opened = frame_log_writer::open(file_of(session_), synced_.bytes);
  failed_ = !opened;
  error_ = opened ? std::string() : opened.error().evidence;
  if (!opened) return false;
  log_ = std::move(*opened);
  for (const kept_frame& f : kept_) {
    if (log_->append(f.subject, f.bytes)) continue;
    break_off();
    return false;
  }
  return true;
}

void session_recorder::keep(std::string_view subject, std::string_view bytes) {
  kept_bytes_ += sizeof(kept_frame) + subject.size() + bytes.size();
  kept_.push_back({std::string(subject), std::string(bytes)});
}

void session_recorder::give_up() {
  lost_ += kept_.size();
  kept_.clear();
  kept_bytes_ = 0;
}

/// What was written behind synced_ may be torn.
void session_recorder::break_off() {
  const auto file = file_of(session_);
  error_ = file.string() + ": cannot be written";
  failed_ = true;
  log_.reset();
  std::error_code ignored;
  std::filesystem::resize_file(file, synced_.bytes, ignored);
}

bool session_recorder::flush() {
  if (!log_ || log_->flush()) return !failed_;
  break_off();
  return false;
}

bool session_recorder::sync() {
  if (failed_ && !reopen()) return false;
  if (!log_) return true;
  if (!log_->sync()) {
    break_off();
    return false;
  }
  synced_ = place();
  kept_.clear();
  kept_bytes_ = 0;
  return true;
}

bool session_recorder::append(std::string_view subject, timestamp end, std::string_view bytes) {
  const date session = rule_.of(end - duration_ns{1});
  // Frames come in order of their ends but for the levels of a window, which come before it.
  if ((!log_ && !failed_) || session > session_) (void)begin(session);
  keep(subject, bytes);
  if (log_ && !log_->append(subject, bytes)) break_off();
  if (kept_bytes_ > kept_max_ && !sync()) give_up();
  return !failed_;
}

std::optional<recording_index> recording_index::open(const std::filesystem::path& folder, std::string_view stem,
                                                     const recording_place& place) {
  const auto sessions = recorded_sessions(folder, stem);
  const auto at =
      std::find_if(sessions.begin(), sessions.end(), [&](const session_file& f) { return f.session == place.session; });
  if (place.bytes == 0 || at == sessions.end()) return std::nullopt;
  auto reader = frame_log_reader::open(at->file);
  if (!reader) return std::nullopt;
  // What is kept is known from the end only: first where everything is, then the newest of each.
  recording_index out(std::move(*reader));
  while (out.reader_->next() && out.reader_->next_offset() <= place.bytes)
    if (const auto parsed = subjects::parse(out.reader_->subject()))
      out.all_[parsed->kind].push_back({out.reader_->offset(), out.reader_->length()});
  return out;
}

std::vector<std::uint64_t> recording_index::newest(subjects::kind k, std::size_t frames_max,
                                                   std::size_t bytes_max) const {
  const auto found = all_.find(k);
  if (found == all_.end()) return {};
  const std::vector<entry>& entries = found->second;
  std::size_t first = entries.size(), sum = 0;
  while (first > 0 && entries.size() - first < frames_max && (sum += entries[first - 1].length) <= bytes_max) --first;
  std::vector<std::uint64_t> out;
  for (; first < entries.size(); ++first) out.push_back(entries[first].offset);
  return out;
}

}  // namespace isobar::service
