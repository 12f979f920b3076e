#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace isobar::bus {

enum class errc {
  invalid_subject,  ///< empty token, white space, wildcard where none may stand
  too_large,        ///< payload above max_payload(), or a bucket at its bound
  disconnected,     ///< no connection, and the operation needs one now
  timeout,          ///< no answer within the limit
  no_responders,    ///< request to a subject nobody serves
  not_found,        ///< key or bucket absent
  wrong_revision,   ///< key changed since the revision given
  closed,           ///< the bus was closed
  library,          ///< anything else the client library says; evidence holds its words
};
std::string_view to_string(errc code);

template <class T>
using result = isobar::result<T, errc>;

/// One message. Bytes are immutable and shared: a copy of a message is a reference.
struct message {
  std::string subject;
  std::shared_ptr<const std::string> payload;
  std::string reply_to;  ///< empty unless an answer is awaited

  std::string_view bytes() const { return payload ? std::string_view(*payload) : std::string_view(); }
};

/// What happens to a message that finds its subscription's queue full. Both are counted and show as a sequence gap.
enum class overflow { drop_newest, drop_oldest };

struct subscribe_options {
  std::string queue_group = {};    ///< empty: every subscriber gets every message
  std::size_t queue_limit = 4096;  ///< messages held for a consumer that has not drained them
  std::size_t byte_limit = 256u << 20;
  overflow policy = overflow::drop_newest;
};

struct subscription_stats {
  std::uint64_t received = 0;  ///< arrived, the dropped ones included: drained + dropped + depth
  std::uint64_t dropped = 0;   ///< found the queue full, or the client library's own queue
  std::size_t depth = 0;
  std::size_t depth_max = 0;
};

/// A bounded queue between the bus and one consumer. `on_ready` (given at subscribe) is called once from a foreign
/// thread when the queue goes from empty to not empty; the consumer then drains until drain() returns fewer than it
/// asked for. Destroying the subscription ends it; no callback runs after the destructor returns.
class subscription {
 public:
  virtual ~subscription() = default;
  /// Moves up to `most` messages to the end of `out`; returns how many. Thread-safe.
  virtual std::size_t drain(std::vector<message>& out, std::size_t most) = 0;
  /// The consumer has the frames up to `sequence` from a life before, and lacks those behind it: a bus that can read
  /// them again (libs/service) gives them first. Before the first drain; elsewhere nothing happens.
  virtual void continue_behind(std::uint64_t sequence) { (void)sequence; }
  virtual subscription_stats stats() const = 0;
};

/// What a stream or a bucket holds.
struct stream_state {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::uint64_t first = 0;   ///< place of the oldest message held; last + 1 when there is none
  std::uint64_t last = 0;    ///< place of the newest message ever kept
  std::int64_t created = 0;  ///< when it was made, ns since 1970 UTC; 0: not said
  std::uint64_t lost = 0;    ///< bytes that the server found damaged and gave up
};

/// Key-value bucket with revisions, as JetStream KV. Keys are dot-separated tokens of [-_=/.a-zA-Z0-9%].
struct kv_entry {
  std::string key;
  std::string value;
  std::uint64_t revision = 0;  ///< grows with every write to the bucket
  bool deleted = false;        ///< a watch reports deletions as entries with this flag
};

class kv_watch {
 public:
  virtual ~kv_watch() = default;
};

class kv_bucket {
 public:
  virtual ~kv_bucket() = default;
  virtual result<kv_entry> get(std::string_view key) = 0;
  /// Writes whatever the revision; returns the new one.
  virtual result<std::uint64_t> put(std::string_view key, std::string_view value) = 0;
  /// Writes only if absent or deleted; wrong_revision otherwise.
  virtual result<std::uint64_t> create(std::string_view key, std::string_view value) = 0;
  /// Writes only if the key still has `revision`; wrong_revision otherwise.
  virtual result<std::uint64_t> update(std::string_view key, std::string_view value, std::uint64_t revision) = 0;
  virtual result<void> remove(std::string_view key) = 0;
  /// The newest entries of one key (at most kv_options::history), oldest first, deletions included.
  virtual result<std::vector<kv_entry>> history(std::string_view key) = 0;
  /// Keys that are present, sorted.
  virtual result<std::vector<std::string>> keys() = 0;
  /// Calls back with the present value of every matching key, then with every change, in revision order, from a
  /// foreign thread. `pattern` may hold the wildcards of subjects. Lives until the watch is destroyed.
  virtual result<std::unique_ptr<kv_watch>> watch(std::string_view pattern,
                                                  std::function<void(const kv_entry&)> on_entry) = 0;
  /// Of the stream behind the bucket: every key's entries, deletions included.
  virtual result<stream_state> state() { return fail(errc::library, "state: not said by this bucket"); }
  /// How often it was found to have lost what it held (libs/service/store_watch.hpp): who wrote it writes it again.
  virtual std::uint64_t losses() const { return 0; }
};

struct kv_options {
  std::uint8_t history = 1;            ///< entries kept per key, 1 to 64
  std::int64_t max_bytes = 256 << 20;  ///< a write that passes it is refused (too_large)
  bool create = true;                  ///< false: an absent bucket is not_found; readers may not create
};

/// A message that a stream holds, and its place there.
struct stored_message {
  std::uint64_t place = 0;  ///< grows over all subjects of the stream, from 1
  message content;
};

/// Subjects whose messages are kept beside being delivered, the oldest leaving first. No two streams share a subject.
struct stream_options {
  std::vector<std::string> patterns;
  std::chrono::seconds age_max{3600};
  std::int64_t bytes_max = 256 << 20;
  bool operator==(const stream_options&) const = default;
};

/// What was published on some subjects, for whoever missed it. Nothing is promised to be kept: a server that loses its
/// store loses the stream, and a message may be told to subscribers before it can be read here. Calls block until the
/// store's answer, at most five seconds: for edges, never inside a scheduled actor. Thread-safe.
class stream {
 public:
  virtual ~stream() = default;
  /// The oldest message on `subject` held at or behind a place; not_found when there is none.
  virtual result<stored_message> next(std::string_view subject, std::uint64_t place) = 0;
  /// The newest message on `subject`.
  virtual result<stored_message> last(std::string_view subject) = 0;
  virtual result<stream_state> state() = 0;
};

struct store_loss_count {
  std::string store;  ///< name of the bucket or stream
  std::uint64_t losses = 0;
};

struct bus_stats {
  bool connected = false;
  bool ended = false;  ///< for good, and not by close(): the server refused the credentials twice in a row
  std::uint64_t reconnects = 0;
  std::uint64_t published = 0;
  std::uint64_t published_bytes = 0;
  std::uint64_t publish_errors = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;  ///< over all subscriptions, the client library's own drops included
  std::uint64_t slow_consumer_events = 0;
  std::uint64_t permission_errors = 0;  ///< the server refused a subject to this user
  std::size_t pending_bytes = 0;        ///< published but not flushed
  // Of a bus that repairs gaps from streams (libs/service); 0 elsewhere.
  std::uint64_t gaps_repaired = 0;
  std::uint64_t frames_repaired = 0;
  std::uint64_t gaps_unrepaired = 0;  ///< passed on as they are
  std::size_t frames_held = 0;        ///< behind a gap that is being repaired
  /// Of a bus that watches the store (libs/service), each bucket and stream in use; none elsewhere.
  std::vector<store_loss_count> store_losses = {};
};

/// Publish/subscribe, request/reply and key-value, over one connection. Thread-safe.
///
/// Subjects are dot-separated tokens; `*` matches one token and `>` the rest, in patterns only.
/// Messages of one publisher on one subject arrive in order or not at all; there is no promise across subjects.
class bus {
 public:
  virtual ~bus() = default;

  /// Buffers the message; it leaves with flush(), or when the buffer passes a bound. Producers publish a burst and
  /// flush when their input is drained (facts: about 71 us one way against 1 ms with the library's own flusher).
  virtual result<void> publish(std::string_view subject, std::string payload) = 0;
  /// Hands what is buffered to the network without waiting for it to arrive. `disconnected`: it stays buffered and
  /// leaves when the server is back.
  virtual result<void> flush() = 0;
  /// Publishes with a reply subject set: the answer to a request.
  result<void> reply(const message& request, std::string payload) {
    return publish(request.reply_to, std::move(payload));
  }

  virtual result<std::unique_ptr<subscription>> subscribe(std::string_view pattern, subscribe_options options,
                                                          std::function<void()> on_ready) = 0;
  /// Blocks until the answer or the time limit: for edges and tests, never inside a scheduled actor.
  virtual result<message> request(std::string_view subject, std::string payload, std::chrono::milliseconds limit) = 0;
  /// Calls back once, from a foreign thread, with the answer or the error.
  virtual void request_async(std::string_view subject, std::string payload, std::chrono::milliseconds limit,
                             std::function<void(result<message>)> on_answer) = 0;

  /// Opens the bucket, creating it when absent.
  virtual result<std::shared_ptr<kv_bucket>> bucket(std::string_view name, kv_options options = {}) = 0;

  /// Keeps what is published from now on: makes the stream when absent and gives it these options when it has others.
  /// Blocks as a stream does. For the producer: a reader of what is kept needs kept() alone.
  virtual result<void> keep(std::string_view name, stream_options options) = 0;
  /// The stream of that name, whether it is there or not: reading one that is not says not_found or no_responders.
  virtual result<std::shared_ptr<stream>> kept(std::string_view name) = 0;

  virtual std::size_t max_payload() const = 0;
  virtual bus_stats stats() const = 0;
  /// Called from a foreign thread with true on connect and reconnect, false on disconnect; once at once with the
  /// present state. One listener: a new one replaces it, an empty function removes it; the old one does not run any
  /// more once this returns.
  virtual void on_connection(std::function<void(bool connected)> listener) = 0;
  /// Flushes, ends every subscription and refuses everything after. Idempotent.
  virtual void close() = 0;
};

/// True when `subject` is well-formed and holds no wildcard.
bool valid_subject(std::string_view subject);
/// True when `pattern` is well-formed; wildcards allowed, `>` only last.
bool valid_pattern(std::string_view pattern);
/// True when `key` may name an entry of a bucket.
bool valid_key(std::string_view key);
/// True when `name` may name a bucket or a stream: [-_a-zA-Z0-9]+.
bool valid_bucket(std::string_view name);
/// True when `subject` matches `pattern`.
bool matches(std::string_view pattern, std::string_view subject);

}  // namespace isobar::bus
