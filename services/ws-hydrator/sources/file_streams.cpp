#include "ws-hydrator/sources/file_streams.hpp"

#include <fstream>

#include "wire/minute_quotes.hpp"
#include "ws-hydrator/sources/feed_events.hpp"

namespace isobar::ws_hydrator {
namespace {

/// One recorded frame at a time.
class recorded_stream final : public event_stream {
 public:
  recorded_stream(std::vector<std::string> files, symbol s) : files_(std::move(files)), symbol_(std::move(s)) {}
  std::string kind() const override { return "recording"; }
  std::optional<timestamp> next() override {
    while (frame_.empty())
      if (!read_line()) return std::nullopt;
    return frame_.front().ts_event;
  }
  timestamp read(std::vector<feed_event>& out) override {
    timestamp last = start_of_time;
    for (const feed_event& e : frame_) last = std::max(last, e.ts_event);
    out.insert(out.end(), frame_.begin(), frame_.end());
    frame_.clear();
    return last;
  }

 private:
  bool read_line() {
    while (!std::getline(in_, line_)) {
      if (file_ == files_.size()) return false;
      in_ = std::ifstream(files_[file_++], std::ios::binary);
    }
    static_cast<void>(parser_.parse(line_, parsed_));  // counted by the parser; what came before a fault is kept
    append_feed_events(parsed_, symbol_, timestamp{end_of_time.ns - 1}, frame_);
    return true;
  }

  std::vector<std::string> files_;
  symbol symbol_;
  std::size_t file_ = 0;
  std::ifstream in_;
  std::string line_;
  wire::massive::ws_parser parser_;
  std::vector<wire::massive::ws_event> parsed_;
  std::vector<feed_event> frame_;
};

}  // namespace

stream_result open_minute_quotes(const std::vector<std::string>& files, const symbol& s) {
  const auto events = wire::read_minute_quotes(files);
  if (!events) return fail(file_errc::malformed, events.error().evidence);
  std::vector<feed_event> taken;
  taken.reserve(events->size());
  for (const market::option_event& e : *events)
    if (root_belongs(e.id.root, s)) taken.push_back(to_feed_event(e));
  return std::make_unique<stored_stream>("minute-quotes", std::move(taken));
}

stream_result open_recording(const std::vector<std::string>& files, const symbol& s) {
  for (const std::string& f : files)
    if (!std::ifstream(f, std::ios::binary)) return fail(file_errc::unreadable, f);
  return std::make_unique<recorded_stream>(files, s);
}

}  // namespace isobar::ws_hydrator
