#include "feed-ingest/actors/checkpoint_file.hpp"

namespace isobar::feed_ingest {

result<std::optional<mark>, checkpoint_errc> checkpoint_file::load() const {
  std::optional<std::string> damaged;
  for (const int generation : {0, 1}) {
    const auto text = file_.read(generation);
    if (!text) continue;
    if (!*text) {
      damaged = text->error().evidence;
      continue;
    }
    const auto at = file_.path(generation).string();
    const auto saved = parse_checkpoint(**text);
    if (!saved) return fail(saved.error().code, at + ": " + saved.error().evidence);
    if (const auto same = check(*saved, now_); !same) return fail(same.error().code, at + ": " + same.error().evidence);
    return std::optional<mark>(saved->at);
  }
  if (damaged) return fail(checkpoint_errc::malformed, *damaged);
  return std::optional<mark>();
}

checkpoint_file::saving checkpoint_file::save(std::chrono::milliseconds every) {
  const auto now = std::chrono::steady_clock::now();
  if (!dirty_ || now - tried_ < every) return saving::nothing;
  tried_ = now;
  if (auto why = file_.write(to_text(now_))) {
    error_ = std::move(*why);
    return saving::failed;
  }
  dirty_ = false;
  return saving::written;
}

}  // namespace isobar::feed_ingest
