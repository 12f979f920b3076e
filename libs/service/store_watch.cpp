#include "service/store_watch.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>

#include "bus/worker.hpp"
#include "core/digest.hpp"
#include "telemetry/log.hpp"

namespace isobar::service {
namespace {

using clock = bus::worker::clock;

constexpr std::size_t named_max = 8;

/// What this process wrote last under a key.
struct written {
  std::uint64_t revision = 0, digest = 0;
  bool operator==(const written&) const = default;
};

/// One bucket or stream that this process uses.
class watched_store {
 public:
  watched_store(std::string name, std::size_t keys_max) : name_(std::move(name)), keys_max_(keys_max) {}
  virtual ~watched_store() = default;
  const std::string& name() const { return name_; }

  virtual bus::result<bus::stream_state> look() = 0;
  virtual bus::result<void> make_again() = 0;
  /// To read keys from.
  virtual bus::result<std::shared_ptr<bus::kv_bucket>> open() { return fail(bus::errc::not_found, name_); }

  void wrote(std::string_view key, std::uint64_t revision, std::string_view value) {
    const std::scoped_lock lock(mutex_);
    const auto at = written_.find(key);
    if (at != written_.end())
      at->second = {revision, hash64(value)};
    else if (written_.size() < keys_max_)
      written_.emplace(key, written{revision, hash64(value)});
  }
  void forget(std::string_view key) {
    const std::scoped_lock lock(mutex_);
    if (const auto at = written_.find(key); at != written_.end()) written_.erase(at);
  }
  std::map<std::string, written, std::less<>> all_written() const {
    const std::scoped_lock lock(mutex_);
    return written_;
  }
  /// It still is what was written last.
  bool still(const std::string& key, const written& w) const {
    const std::scoped_lock lock(mutex_);
    const auto at = written_.find(key);
    return at != written_.end() && at->second == w;
  }
  std::optional<bus::stream_state> seen;  ///< at the last look; of the watch's thread
  std::atomic<std::uint64_t> losses{0};

 private:
  const std::string name_;
  const std::size_t keys_max_;
  mutable std::mutex mutex_;
  std::map<std::string, written, std::less<>> written_;
};

class watched_stream final : public watched_store {
 public:
  watched_stream(std::shared_ptr<bus::bus> inner, std::string name, bus::stream_options options)
      : watched_store(std::move(name), 0), inner_(std::move(inner)), options_(std::move(options)) {}
  bus::result<bus::stream_state> look() override {
    auto opened = inner_->kept(name());
    if (!opened) return std::unexpected(opened.error());
    return (*opened)->state();
  }
  bus::result<void> make_again() override { return inner_->keep(name(), options_); }

 private:
  const std::shared_ptr<bus::bus> inner_;
  const bus::stream_options options_;
};

class watched_bucket final : public watched_store {
 public:
  watched_bucket(std::shared_ptr<bus::bus> inner, std::string name, bus::kv_options options, std::size_t keys_max)
      : watched_store(std::move(name), keys_max), inner_(std::move(inner)), options_(options) {}
  bus::result<bus::stream_state> look() override {
    auto opened = open();
    if (!opened) return std::unexpected(opened.error());
    return (*opened)->state();
  }
  bus::result<void> make_again() override {
    if (!may_create) return {};
    auto opened = inner_->bucket(name(), options_);
    if (!opened) return std::unexpected(opened.error());
    return {};
  }
  bus::result<std::shared_ptr<bus::kv_bucket>> open() override {
    auto options = options_;
    options.create = false;
    return inner_->bucket(name(), options);
  }
  std::atomic<bool> may_create{false};

 private:
  const std::shared_ptr<bus::bus> inner_;
  const bus::kv_options options_;
};

/// A bucket as its user has it: what is written is remembered.
class remembering_bucket final : public bus::kv_bucket {
 public:
  remembering_bucket(std::shared_ptr<bus::kv_bucket> inner, std::shared_ptr<watched_store> store)
      : inner_(std::move(inner)), store_(std::move(store)) {}

  bus::result<bus::kv_entry> get(std::string_view key) override { return inner_->get(key); }
  bus::result<std::uint64_t> put(std::string_view key, std::string_view value) override {
    return remember(key, value, inner_->put(key, value));
  }
  bus::result<std::uint64_t> create(std::string_view key, std::string_view value) override {
    return remember(key, value, inner_->create(key, value));
  }
  bus::result<std::uint64_t> update(std::string_view key, std::string_view value, std::uint64_t revision) override {
    return remember(key, value, inner_->update(key, value, revision));
  }
  bus::result<void> remove(std::string_view key) override {
    store_->forget(key);
    return inner_->remove(key);
  }
  bus::result<std::vector<bus::kv_entry>> history(std::string_view key) override { return inner_->history(key); }
  bus::result<std::vector<std::string>> keys() override { return inner_->keys(); }
  bus::result<std::unique_ptr<bus::kv_watch>> watch(std::string_view pattern,
                                                    std::function<void(const bus::kv_entry&)> on_entry) override {
    return inner_->watch(pattern, std::move(on_entry));
  }
  bus::result<bus::stream_state> state() override { return inner_->state(); }
  std::uint64_t losses() const override { return store_->losses; }

 private:
  bus::result<std::uint64_t> remember(std::string_view key, std::string_view value, bus::result<std::uint64_t> done) {
    if (done)
      store_->wrote(key, *done, value);
    else
      store_->forget(key);  // whether it was written is not known
    return done;
  }
  const std::shared_ptr<bus::kv_bucket> inner_;
  const std::shared_ptr<watched_store> store_;
};

std::string text(std::uint64_t n) { return std::to_string(n); }

/// What a look tells against the one before; nothing when all is there.
std::optional<std::string> difference(const bus::stream_state& before, const bus::stream_state& now) {
  if (now.created != before.created)
    return "everything, it was made anew: " + text(before.messages) + " messages as last seen";
  if (now.last < before.last) return "the newest: it ends at " + text(now.last) + " instead of " + text(before.last);
  if (now.lost > before.lost) return "what the server found damaged: " + text(now.lost - before.lost) + " bytes";
  return std::nullopt;
}

/// Looks at every store on a thread of its own.
class store_watch : public std::enable_shared_from_this<store_watch> {
 public:
  store_watch(std::shared_ptr<bus::bus> inner, store_watch_options options)
      : inner_(std::move(inner)), options_(options) {}

  void start() {
    reconnects_ = inner_->stats().reconnects;
    look_later();
  }
  void stop() { jobs_.stop(); }
  /// The connection is there, perhaps again.
  void connected() {
    jobs_.post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->look_at_all();
    });
  }
  template <class Make>
  std::shared_ptr<watched_store> add(const std::string& name, Make make) {
    const std::scoped_lock lock(mutex_);
    auto& store = stores_[name];
    if (!store) {
      store = make();
      connected();  // from now on it can be told what is missing
    }
    return store;
  }
  std::shared_ptr<watched_store> add_bucket(std::string_view name, bus::kv_options options) {
    auto store = add("bucket " + std::string(name), [&] {
      return std::make_shared<watched_bucket>(inner_, std::string(name), options, options_.keys_max);
    });
    // Who may make it may have come behind a reader.
    if (options.create) static_cast<watched_bucket&>(*store).may_create = true;
    return store;
  }
  std::shared_ptr<watched_store> add_stream(std::string_view name, const bus::stream_options& options) {
    return add("stream " + std::string(name),
               [&] { return std::make_shared<watched_stream>(inner_, std::string(name), options); });
  }
  std::vector<bus::store_loss_count> losses() const {
    const std::scoped_lock lock(mutex_);
    std::vector<bus::store_loss_count> out;
    for (const auto& [name, store] : stores_) out.push_back({name.substr(name.find(' ') + 1), store->losses});
    return out;
  }

 private:
  void look_later() {
    jobs_.post_at(clock::now() + options_.look_every, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->look_at_all();
      self->look_later();
    });
  }
  void look_at_all() {
    const auto stats = inner_->stats();
    if (!stats.connected) return;
    const bool again = stats.reconnects != reconnects_;
    std::map<std::string, std::shared_ptr<watched_store>> stores;
    {
      const std::scoped_lock lock(mutex_);
      stores = stores_;
    }
    std::size_t bytes_left = options_.read_back_bytes_max;
    for (const auto& [name, store] : stores)
      if (!look_at(name, *store, again, bytes_left)) return;  // the server does not answer: all of it later
    reconnects_ = stats.reconnects;
  }
  /// False: the server does not answer.
  bool look_at(const std::string& name, watched_store& store, bool again, std::size_t& bytes_left) {
    auto now = store.look();
    std::string why;
    if (!now && now.error().code != bus::errc::not_found) return now.error().code == bus::errc::library;
    if (!now) {
      if (!store.seen && store.all_written().empty()) return true;  // not made yet
      why = "everything, it is not there";
      if (const auto made = store.make_again(); !made)
        log_.warn_limited("make " + name,
                          "store not made again what=\"" + name + "\" error=\"" + made.error().evidence + "\"");
      now = store.look();
    } else if (store.seen) {
      why = difference(*store.seen, *now).value_or("");
    }
    // An owner that was quicker has written what it holds again: that is found by what it holds now.
    if (again || !why.empty()) {
      const auto keys = read_back(name, store, bytes_left);
      if (!keys) return false;
      if (!keys->empty()) why += (why.empty() ? "" : "; ") + *keys;
    }
    store.seen = now ? std::optional(*now) : std::nullopt;
    if (why.empty()) return true;
    ++store.losses;
    log_.error("store lost what=\"" + name + "\" lost=\"" + why + "\"");
    return true;
  }
  /// Which keys that this process wrote are gone or damaged; nothing when the server does not answer.
  std::optional<std::string> read_back(const std::string& name, watched_store& store, std::size_t& bytes_left) {
    std::vector<std::string> lost;
    std::size_t left_out = 0;
    const auto all = store.all_written();
    if (all.empty()) return "";
    const auto from = store.open();
    if (!from && from.error().code != bus::errc::not_found) return std::nullopt;
    for (const auto& [key, w] : all) {
      if (bytes_left == 0) {
        ++left_out;
        continue;
      }
      const auto found = from ? (*from)->get(key) : std::unexpected(from.error());
      const bool absent = found ? found->deleted : found.error().code == bus::errc::not_found;
      if (!found && !absent) return std::nullopt;
      if (!absent) {
        bytes_left -= std::min(bytes_left, found->value.size());
        if (found->revision > w.revision) continue;  // somebody wrote it since
        if (found->revision == w.revision && hash64(found->value) == w.digest) continue;
      }
      if (!store.still(key, w)) continue;  // this process wrote it since
      store.forget(key);
      lost.push_back(key);
    }
    if (left_out > 0)
      log_.warn("store not read back what=\"" + name + "\" keys=" + text(left_out) + " of=" + text(all.size()));
    if (lost.empty()) return "";
    std::string out = text(lost.size()) + " of " + text(all.size()) + " keys written here:";
    for (std::size_t i = 0; i < std::min(lost.size(), named_max); ++i) out += " " + lost[i];
    return lost.size() > named_max ? out + " ..." : out;
  }

  const std::shared_ptr<bus::bus> inner_;
  const store_watch_options options_;
  telemetry::logger log_{"store"};
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<watched_store>> stores_;  ///< "bucket epochs", "stream isobar-feed"
  std::uint64_t reconnects_ = 0;                                  ///< of the watch's thread
  bus::worker jobs_;
};

class watching_bus final : public bus::bus {
 public:
  watching_bus(std::shared_ptr<isobar::bus::bus> inner, store_watch_options options)
      : inner_(std::move(inner)), watch_(std::make_shared<store_watch>(inner_, options)) {
    watch_->start();
    on_connection({});
  }
  ~watching_bus() override { end(); }

  isobar::bus::result<std::shared_ptr<isobar::bus::kv_bucket>> bucket(std::string_view name,
                                                                      isobar::bus::kv_options options) override {
    auto opened = inner_->bucket(name, options);
    if (!opened) return opened;
    return std::make_shared<remembering_bucket>(std::move(*opened), watch_->add_bucket(name, options));
  }
  isobar::bus::result<void> keep(std::string_view name, isobar::bus::stream_options options) override {
    auto made = inner_->keep(name, options);
    if (made) watch_->add_stream(name, options);
    return made;
  }
  isobar::bus::result<std::shared_ptr<isobar::bus::stream>> kept(std::string_view name) override {
    return inner_->kept(name);
  }
  void on_connection(std::function<void(bool)> listener) override {
    inner_->on_connection([weak = std::weak_ptr(watch_), listener = std::move(listener)](bool up) {
      if (const auto watch = weak.lock(); watch && up) watch->connected();
      if (listener) listener(up);
    });
  }
  isobar::bus::bus_stats stats() const override {
    auto s = inner_->stats();
    s.store_losses = watch_->losses();
    return s;
  }

  isobar::bus::result<void> publish(std::string_view subject, std::string payload) override {
    return inner_->publish(subject, std::move(payload));
  }
  isobar::bus::result<void> flush() override { return inner_->flush(); }
  isobar::bus::result<std::unique_ptr<isobar::bus::subscription>> subscribe(std::string_view pattern,
                                                                            isobar::bus::subscribe_options options,
                                                                            std::function<void()> on_ready) override {
    return inner_->subscribe(pattern, std::move(options), std::move(on_ready));
  }
  isobar::bus::result<isobar::bus::message> request(std::string_view subject, std::string payload,
                                                    std::chrono::milliseconds limit) override {
    return inner_->request(subject, std::move(payload), limit);
  }
  void request_async(std::string_view subject, std::string payload, std::chrono::milliseconds limit,
                     std::function<void(isobar::bus::result<isobar::bus::message>)> on_answer) override {
    inner_->request_async(subject, std::move(payload), limit, std::move(on_answer));
  }
  std::size_t max_payload() const override { return inner_->max_payload(); }
  void close() override { end(); }

 private:
  void end() {
    inner_->on_connection({});
    watch_->stop();
    inner_->close();
  }

  const std::shared_ptr<isobar::bus::bus> inner_;
  const std::shared_ptr<store_watch> watch_;
};

}  // namespace

std::shared_ptr<bus::bus> make_watching_bus(std::shared_ptr<bus::bus> inner, store_watch_options options) {
  return std::make_shared<watching_bus>(std::move(inner), options);
}

}  // namespace isobar::service
