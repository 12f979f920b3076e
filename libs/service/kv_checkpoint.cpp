#include "service/kv_checkpoint.hpp"

#include <algorithm>

#include "core/archive.hpp"
#include "core/digest.hpp"
#include "service/shard_records.hpp"

namespace isobar::service {
namespace {

constexpr std::uint32_t head_version = 1;
/// So that a write touches neither generation that is kept.
constexpr std::uint32_t slots = 3;

/// A server that lost its store has not the bucket that was opened.
bool may_be_gone(bus::errc code) {
  return code != bus::errc::not_found && code != bus::errc::wrong_revision && code != bus::errc::too_large;
}

std::string words(const char* verb, const std::string& key, const failure<bus::errc>& why) {
  return std::string(verb) + " " + key + ": " + std::string(to_string(why.code)) + " " + why.evidence;
}

}  // namespace

kv_checkpoint::kv_checkpoint(bus::bus& on, std::string key, std::uint64_t fence, std::function<bool()> allowed)
    : bus_(on), key_(std::move(key)), fence_(fence), allowed_(std::move(allowed)), state_(std::make_unique<state>()) {}

std::optional<std::string> kv_checkpoint::open() const {
  if (state_->bucket) return std::nullopt;
  auto opened = bus_.bucket(checkpoints_bucket, {.history = 1, .max_bytes = bytes_max});
  if (!opened) return words("open", std::string(checkpoints_bucket), opened.error());
  state_->bucket = std::move(*opened);
  if (!state_->losses) state_->losses = state_->bucket->losses();
  return std::nullopt;
}

std::optional<std::string> kv_checkpoint::load_head() const {
  if (auto why = open()) return why;
  state_->generations = {};
  state_->head_revision = 0;
  const auto head = state_->bucket->get(head_key());
  if (!head && head.error().code != bus::errc::not_found) {
    if (may_be_gone(head.error().code)) state_->bucket.reset();
    return words("read", head_key(), head.error());
  }
  state_->head_known = true;
  if (!head) return std::nullopt;
  state_->head_revision = head->revision;
  archive_reader a(head->value);
  std::uint32_t version = 0;
  std::array<extent, 2> read{};
  a(version, read[0], read[1]);
  // Another version, or damage: there is no checkpoint that could be found by it.
  const auto possible = [](const extent& e) { return e.slot < slots && e.chunks <= chunks_max; };
  if (a.finished() && version == head_version && possible(read[0]) && possible(read[1])) state_->generations = read;
  return std::nullopt;
}

std::optional<std::string> kv_checkpoint::prefetch() {
  if (auto why = load_head()) return why;
  state_->has_ahead = state_->generations[0].chunks > 0;
  if (!state_->has_ahead) return std::nullopt;
  auto newest = fetch(state_->generations[0]);
  if (!newest && newest.error().code == errc::unreadable) return newest.error().evidence;
  state_->ahead = std::move(newest);
  return std::nullopt;
}

std::string kv_checkpoint::chunk_prefix(const extent& e) const {
  return key_ + "." + std::to_string(e.fence) + "-" + std::to_string(e.slot) + ".";
}

std::string kv_checkpoint::chunk_key(const extent& e, std::uint32_t chunk) const {
  return chunk_prefix(e) + std::to_string(chunk);
}

std::optional<std::string> kv_checkpoint::write(std::string_view content) const {
  if (!allowed_()) return "the symbol is held no more";
  state_->ahead.reset();
  state_->has_ahead = false;
  if (doubtful()) state_->head_known = false;
  if (!state_->head_known)
    if (auto why = load_head()) return why;
  if (auto why = open()) return why;
  const std::uint64_t losses = state_->bucket->losses();
  const std::size_t chunk = std::min(chunk_bytes_max, bus_.max_payload() / 2);
  const std::size_t chunks = std::max<std::size_t>(1, (content.size() + chunk - 1) / chunk);
  if (chunks > chunks_max) return key_ + ": " + std::to_string(content.size()) + " bytes are too many";
  const auto [newest, older] = state_->generations;
  const extent next{.fence = fence_,
                    .slot = (newest.slot + 1) % slots,
                    .chunks = static_cast<std::uint32_t>(chunks),
                    .length = content.size(),
                    .digest = hash64(content)};
  for (std::uint32_t i = 0; i < next.chunks; ++i) {
    const std::string key = chunk_key(next, i);
    const auto put = state_->bucket->put(key, content.substr(i * chunk, chunk));
    if (put) continue;
    if (may_be_gone(put.error().code)) state_->bucket.reset();
    state_->head_known = false;
    return words("write", key, put.error());
  }
  if (!allowed_()) return "the symbol is held no more";
  if (auto why = write_head({next, newest})) return why;
  state_->losses = losses;
  drop(older);
  sweep();
  return std::nullopt;
}

bool kv_checkpoint::doubtful() const { return state_->bucket && state_->bucket->losses() != state_->losses; }

std::optional<std::string> kv_checkpoint::write_head(const std::array<extent, 2>& generations) const {
  std::string head;
  archive_writer a(head);
  a(head_version, generations[0], generations[1]);
  const auto done = state_->head_revision == 0 ? state_->bucket->create(head_key(), head)
                                               : state_->bucket->update(head_key(), head, state_->head_revision);
  if (!done) {
    // Perhaps it was written all the same; a holder that is one still will know by reading it.
    state_->head_known = false;
    return words("write", head_key(), done.error());
  }
  state_->head_revision = *done;
  state_->generations = generations;
  return std::nullopt;
}

isobar::result<std::string, checkpoint_store::errc> kv_checkpoint::fetch(const extent& e) const {
  if (auto why = open()) return fail(errc::unreadable, std::move(*why));
  std::string out;
  for (std::uint32_t i = 0; i < e.chunks; ++i) {
    const std::string key = chunk_key(e, i);
    const auto chunk = state_->bucket->get(key);
    if (!chunk && chunk.error().code == bus::errc::not_found) return fail(errc::damaged, key + ": missing");
    if (!chunk) return fail(errc::unreadable, words("read", key, chunk.error()));
    out += chunk->value;
    if (out.size() > e.length) break;
  }
  if (out.size() != e.length)
    return fail(errc::damaged, key_ + ": " + std::to_string(out.size()) + " bytes of " + std::to_string(e.length));
  if (hash64(out) != e.digest) return fail(errc::damaged, key_ + ": its digest does not match");
  return out;
}

std::optional<isobar::result<std::string, checkpoint_store::errc>> kv_checkpoint::read(int generation) const {
  if (!state_->head_known)
    if (auto why = load_head()) return fail(errc::unreadable, std::move(*why));
  if (generation == 0 && state_->has_ahead) {
    state_->has_ahead = false;
    return std::exchange(state_->ahead, std::nullopt);
  }
  const extent& e = state_->generations[static_cast<std::size_t>(generation)];
  if (e.chunks == 0) return std::nullopt;
  return fetch(e);
}

void kv_checkpoint::drop(const extent& e) const {
  for (std::uint32_t i = 0; i < e.chunks && state_->bucket; ++i) (void)state_->bucket->remove(chunk_key(e, i));
}

/// Once: what holders before left of writes that they could not finish.
void kv_checkpoint::sweep() const {
  if (std::exchange(state_->swept, true)) return;
  const auto keys = state_->bucket->keys();
  if (!keys) return;
  const auto& [newest, older] = state_->generations;
  for (const std::string& key : *keys)
    if (key.starts_with(key_ + ".") && key != head_key() && !key.starts_with(chunk_prefix(newest)) &&
        !key.starts_with(chunk_prefix(older)))
      (void)state_->bucket->remove(key);
}

void kv_checkpoint::remove() const {
  if (!allowed_()) return;
  if (!state_->head_known && load_head()) return;
  state_->has_ahead = false;
  const auto gone = state_->generations;
  if (gone[0].chunks == 0 && gone[1].chunks == 0) return;
  if (write_head({})) return;
  for (const extent& e : gone) drop(e);
}

std::string kv_checkpoint::place(int generation) const {
  return std::string(checkpoints_bucket) + "/" + key_ + (generation == 0 ? "" : " (the one before)");
}

}  // namespace isobar::service
