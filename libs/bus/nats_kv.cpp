#include "bus/nats_kv.hpp"

#include <algorithm>

#include "bus/nats_error.hpp"
#include "bus/nats_stream.hpp"

namespace isobar::bus {
namespace {

constexpr std::int64_t list_limit_ms = 5000;
constexpr std::int64_t next_limit_ms = 250;
constexpr std::chrono::milliseconds retry_pause{250};

/// Keys as the store takes them: `%` is not among its characters, so `=` escapes `%` and itself.
std::string to_store(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '%') {
      out += "=25";
    } else if (c == '=') {
      out += "=3d";
    } else {
      out += c;
    }
  }
  return out;
}

std::string from_store(std::string_view key) {
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const std::string_view escape = key.substr(i, 3);
    if (escape == "=25" || escape == "=3d") {
      out += escape == "=25" ? '%' : '=';
      i += 2;
    } else {
      out += key[i];
    }
  }
  return out;
}

kv_entry to_entry(kvEntry* e) {
  const auto* value = static_cast<const char*>(kvEntry_Value(e));
  const int size = kvEntry_ValueLen(e);
  return {from_store(kvEntry_Key(e)), size > 0 ? std::string(value, static_cast<std::size_t>(size)) : "",
          kvEntry_Revision(e), kvEntry_Operation(e) != kvOp_Put};
}

/// One store of the library, opened or created by name.
struct store_handle {
  kvStore* store = nullptr;
  ~store_handle() { kvStore_Destroy(store); }
};

natsStatus open_or_create(kvStore** store, jsCtx* js, const std::string& name, kv_options options) {
  natsStatus s = js_KeyValue(store, js, name.c_str());
  if (s != NATS_NOT_FOUND || !options.create) return s;
  kvConfig config;
  kvConfig_Init(&config);
  config.Bucket = name.c_str();
  config.History = std::clamp<std::uint8_t>(options.history, 1, 64);
  config.MaxBytes = options.max_bytes;
  config.StorageType = js_FileStorage;
  s = js_CreateKeyValue(store, js, &config);
  // Somebody else may have created it, with other options, in between.
  return s == NATS_OK ? s : js_KeyValue(store, js, name.c_str()) == NATS_OK ? NATS_OK : s;
}

void destroy(nats_core& core, kvWatcher* watcher) {
  if (!watcher) return;
  kvWatcher_Stop(watcher);
  core.loop().wait_for_reader();
  kvWatcher_Destroy(watcher);
}

/// The present entries of the keys that match, with their history if `options` say so, in revision order.
result<std::vector<kv_entry>> gather(nats_core& core, kvStore* store, const std::string& pattern,
                                     kvWatchOptions options, std::string what) {
  kvWatcher* watcher = nullptr;
  natsStatus s = kvStore_Watch(&watcher, store, pattern.c_str(), &options);
  std::vector<kv_entry> out;
  while (s == NATS_OK) {
    kvEntry* raw = nullptr;
    s = kvWatcher_Next(&raw, watcher, list_limit_ms);
    if (s != NATS_OK || !raw) break;  // no entry: that was all
    out.push_back(to_entry(raw));
    kvEntry_Destroy(raw);
  }
  auto failed = s == NATS_OK ? std::nullopt : std::optional(nats_failure(s, std::move(what)));
  destroy(core, watcher);
  if (failed) return std::unexpected(std::move(*failed));
  return out;
}

/// Follows keys on a thread of its own and survives the loss of the server: it watches again and skips what it told.
class nats_watch : public nats_dependent, public std::enable_shared_from_this<nats_watch> {
 public:
  nats_watch(std::shared_ptr<nats_core> core, std::string bucket, kv_options options, std::string pattern,
             std::function<void(const kv_entry&)> on_entry)
      : core_(std::move(core)),
        bucket_(std::move(bucket)),
        options_(options),
        pattern_(std::move(pattern)),
        on_entry_(std::move(on_entry)),
        reconnects_(core_->reconnects()) {}

  result<void> start() {
    if (const natsStatus s = open(); s != NATS_OK) return std::unexpected(nats_failure(s, "watch " + pattern_));
    core_->add(weak_from_this());
    thread_ = std::thread([self = shared_from_this()] { self->run(); });
    return {};
  }

  void end() override {
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
      if (watcher_) kvWatcher_Stop(watcher_);
      changed_.notify_all();
    }
    gate_.close();
    const std::scoped_lock lock(join_mutex_);
    if (!thread_.joinable()) return;
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }

 private:
  natsStatus open() {
    store_handle fresh;
    natsStatus s = open_or_create(&fresh.store, core_->jet_stream(), bucket_, options_);
    kvWatcher* watcher = nullptr;
    if (s == NATS_OK) s = kvStore_Watch(&watcher, fresh.store, pattern_.c_str(), nullptr);
    if (s != NATS_OK) return s;
    // A server that lost its store, or the end of it, gives the same revisions again.
    if (const auto now = nats_stream_state(*core_, "KV_" + bucket_)) {
      if (now->last < told_ || now->created != created_) told_ = 0;
      created_ = now->created;
    }
    const std::scoped_lock lock(mutex_);
    watcher_ = watcher;
    std::swap(store_.store, fresh.store);
    return s;
  }

  void drop_watcher() {
    kvWatcher* old = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      old = std::exchange(watcher_, nullptr);
    }
    destroy(*core_, old);
  }

  bool stopped() {
    const std::scoped_lock lock(mutex_);
    return stopped_;
  }

  void pause() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, retry_pause, [&] { return stopped_; });
  }

  void run() {
    while (!stopped()) {
      // A server that came back without its store has not the consumer behind the watcher, and tells nobody.
      if (const std::uint64_t now = core_->reconnects(); std::exchange(reconnects_, now) != now) drop_watcher();
      if (!watcher_ && (!core_->connected() || open() != NATS_OK)) {
        pause();
        continue;
      }
      kvEntry* raw = nullptr;
      const natsStatus s = kvWatcher_Next(&raw, watcher_, next_limit_ms);
      if (s == NATS_OK) {
        deliver(raw);
      } else if (s != NATS_TIMEOUT) {
        drop_watcher();
      }
    }
    drop_watcher();
  }

  void deliver(kvEntry* raw) {
    if (!raw) {
      initial_ = false;
      return;
    }
    const kv_entry entry = to_entry(raw);
    kvEntry_Destroy(raw);
    if (entry.revision <= told_) return;
    told_ = entry.revision;
    if (initial_ && entry.deleted) return;
    gate_.run([&] { on_entry_(entry); });
  }

  const std::shared_ptr<nats_core> core_;
  const std::string bucket_;
  const kv_options options_;
  const std::string pattern_;
  const std::function<void(const kv_entry&)> on_entry_;
  callback_gate gate_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  kvWatcher* watcher_ = nullptr;
  store_handle store_;
  std::uint64_t told_ = 0;
  std::int64_t created_ = 0;  ///< when the bucket was made
  std::uint64_t reconnects_ = 0;
  bool initial_ = true;
  std::mutex join_mutex_;
  std::thread thread_;
};

class watch_handle : public kv_watch {
 public:
  explicit watch_handle(std::shared_ptr<nats_watch> watch) : watch_(std::move(watch)) {}
  ~watch_handle() override { watch_->end(); }

 private:
  std::shared_ptr<nats_watch> watch_;
};

class nats_bucket : public kv_bucket {
 public:
  nats_bucket(std::shared_ptr<nats_core> core, std::string name, kv_options options)
      : core_(std::move(core)), name_(std::move(name)), options_(options) {}

  result<void> open() {
    if (auto ok = ready(); !ok) return ok;
    const natsStatus s = open_or_create(&handle_.store, core_->jet_stream(), name_, options_);
    if (s != NATS_OK) return std::unexpected(nats_failure(s, "bucket " + name_));
    return {};
  }

  result<kv_entry> get(std::string_view key) override {
    if (auto ok = ready(key); !ok) return std::unexpected(ok.error());
    kvEntry* raw = nullptr;
    natsStatus s = kvStore_Get(&raw, handle_.store, to_store(key).c_str());
    // The server does not answer reads of a bucket that it lost.
    if (s == NATS_TIMEOUT) {
      if (const auto there = state(); !there && there.error().code == errc::not_found) s = NATS_NOT_FOUND;
    }
    if (s != NATS_OK) return std::unexpected(nats_failure(s, "get " + place(key)));
    kv_entry entry = to_entry(raw);
    kvEntry_Destroy(raw);
    return entry;
  }
  result<std::uint64_t> put(std::string_view key, std::string_view value) override {
    return write("put", key, value, [&](std::uint64_t* revision, const char* k, const char* v, int n) {
      return kvStore_Put(revision, handle_.store, k, v, n);
    });
  }
  result<std::uint64_t> create(std::string_view key, std::string_view value) override {
    return write("create", key, value, [&](std::uint64_t* revision, const char* k, const char* v, int n) {
      return kvStore_Create(revision, handle_.store, k, v, n);
    });
  }
  result<std::uint64_t> update(std::string_view key, std::string_view value, std::uint64_t revision) override {
    return write("update", key, value, [&](std::uint64_t* now, const char* k, const char* v, int n) {
      return kvStore_Update(now, handle_.store, k, v, n, revision);
    });
  }
  result<void> remove(std::string_view key) override {
    if (auto ok = ready(key); !ok) return ok;
    const natsStatus s = kvStore_Delete(handle_.store, to_store(key).c_str());
    if (s != NATS_OK) return std::unexpected(nats_failure(s, "remove " + place(key)));
    return {};
  }
  result<stream_state> state() override {
    if (auto ok = ready(); !ok) return std::unexpected(ok.error());
    return nats_stream_state(*core_, "KV_" + name_);
  }
  result<std::vector<kv_entry>> history(std::string_view key) override;
  result<std::vector<std::string>> keys() override;
  result<std::unique_ptr<kv_watch>> watch(std::string_view pattern,
                                          std::function<void(const kv_entry&)> on_entry) override {
    if (!valid_pattern(pattern)) return fail(errc::invalid_subject, "pattern '" + std::string(pattern) + "'");
    if (auto ok = ready(); !ok) return std::unexpected(ok.error());
    auto w = std::make_shared<nats_watch>(core_, name_, options_, to_store(pattern), std::move(on_entry));
    if (auto ok = w->start(); !ok) return std::unexpected(ok.error());
    return std::make_unique<watch_handle>(std::move(w));
  }

 private:
  std::string place(std::string_view key) const { return name_ + "/" + std::string(key); }

  /// Refuses at once what would only run into the library's time limit.
  result<void> ready() const {
    if (core_->closed()) return fail(errc::closed, "bucket " + name_);
    if (!core_->connected()) return fail(errc::disconnected, "bucket " + name_);
    return {};
  }
  result<void> ready(std::string_view key) const {
    if (!valid_key(key)) return fail(errc::invalid_subject, "key '" + std::string(key) + "'");
    return ready();
  }

  bool make_again() const {
    store_handle made;
    return options_.create && open_or_create(&made.store, core_->jet_stream(), name_, options_) == NATS_OK;
  }

  template <class Call>
  result<std::uint64_t> write(const char* verb, std::string_view key, std::string_view value, Call call) {
    if (auto ok = ready(key); !ok) return std::unexpected(ok.error());
    if (value.size() > core_->max_payload()) {
      return fail(errc::too_large, place(key) + ": " + std::to_string(value.size()) + " bytes");
    }
    std::uint64_t revision = 0;
    const auto attempt = [&] {
      return call(&revision, to_store(key).c_str(), value.data(), static_cast<int>(value.size()));
    };
    natsStatus s = attempt();
    // A server that lost its store has not the bucket that was opened.
    if (s == NATS_NO_RESPONDERS && make_again()) s = attempt();
    if (s != NATS_OK) return std::unexpected(nats_failure(s, std::string(verb) + " " + place(key)));
    return revision;
  }

  const std::shared_ptr<nats_core> core_;
  const std::string name_;
  const kv_options options_;
  store_handle handle_;
};

result<std::vector<kv_entry>> nats_bucket::history(std::string_view key) {
  if (auto ok = ready(key); !ok) return std::unexpected(ok.error());
  kvWatchOptions options;
  kvWatchOptions_Init(&options);
  options.IncludeHistory = true;
  auto line = gather(*core_, handle_.store, to_store(key), options, "history " + place(key));
  if (line && line->empty()) return fail(errc::not_found, "history " + place(key));
  return line;
}

result<std::vector<std::string>> nats_bucket::keys() {
  if (auto ok = ready(); !ok) return std::unexpected(ok.error());
  kvWatchOptions options;
  kvWatchOptions_Init(&options);
  options.IgnoreDeletes = true;
  options.MetaOnly = true;
  auto entries = gather(*core_, handle_.store, ">", options, "keys of " + name_);
  if (!entries) return std::unexpected(entries.error());
  std::vector<std::string> out;
  for (kv_entry& e : *entries) out.push_back(std::move(e.key));
  std::ranges::sort(out);
  return out;
}

}  // namespace

result<std::shared_ptr<kv_bucket>> open_nats_bucket(std::shared_ptr<nats_core> core, std::string_view name,
                                                    kv_options options) {
  if (!valid_bucket(name)) return fail(errc::invalid_subject, "bucket '" + std::string(name) + "'");
  auto b = std::make_shared<nats_bucket>(std::move(core), std::string(name), options);
  if (auto ok = b->open(); !ok) return std::unexpected(ok.error());
  return b;
}

}  // namespace isobar::bus
