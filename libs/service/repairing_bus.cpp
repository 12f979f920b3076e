#include "service/repairing_bus.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_set>

#include "bus/callback_gate.hpp"
#include "bus/worker.hpp"
#include "service/stream_search.hpp"
#include "telemetry/log.hpp"
#include "wire/frame.hpp"
#include "wire/subjects.hpp"

namespace isobar::service {
namespace {

constexpr std::chrono::milliseconds retry_pause{20};

using clock = bus::worker::clock;

/// What the subscriptions of one bus share: its streams, the thread that reads them, and the counts.
class repair_shop : public std::enable_shared_from_this<repair_shop> {
 public:
  repair_shop(std::shared_ptr<bus::bus> inner, repair_options options)
      : inner_(std::move(inner)), options_(std::move(options)) {}

  const repair_options& options() const { return options_; }
  bus::worker& jobs() { return jobs_; }

  /// Whoever publishes on a sequenced subject keeps its domain. Cheap for subjects that were met before.
  void published_on(std::string_view subject) {
    {
      const std::shared_lock lock(met_mutex_);
      if (met_.contains(subject)) return;
    }
    {
      const std::unique_lock lock(met_mutex_);
      if (met_.size() >= met_max) met_.clear();
      met_.emplace(subject);
    }
    const auto domain = domain_of(subject);
    if (!domain) return;
    {
      const std::scoped_lock lock(domains_mutex_);
      if (!domains_.emplace(domain->stream, *domain).second) return;
    }
    post([domain = *domain](repair_shop& shop) { shop.keep(domain); });
  }
  /// After a reconnection: the server may have come back without its store.
  void keep_all() {
    std::map<std::string, kept_domain> domains;
    {
      const std::scoped_lock lock(domains_mutex_);
      domains = domains_;
    }
    for (const auto& [name, domain] : domains) keep(domain);
  }
  std::shared_ptr<bus::stream> stream_of(const kept_domain& domain) {
    return inner_->kept(domain.stream).value_or(nullptr);
  }
  template <class Job>
  void post(Job job) {
    jobs_.post([weak = weak_from_this(), job = std::move(job)] {
      if (const auto shop = weak.lock()) job(*shop);
    });
  }
  void count_repaired(std::uint64_t frames) {
    ++gaps_repaired;
    frames_repaired += frames;
  }

  std::atomic<std::uint64_t> gaps_repaired{0}, frames_repaired{0}, gaps_unrepaired{0};
  std::atomic<std::int64_t> frames_held{0};

 private:
  static constexpr std::size_t met_max = 4096;
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  /// Blocks; says what stands against it. A later connection tries again.
  void keep(const kept_domain& domain) {
    const auto made = inner_->keep(
        domain.stream, {.patterns = domain.patterns, .age_max = options_.age_max, .bytes_max = options_.bytes_max});
    if (made) return;
    log_.warn_limited("keep " + domain.stream, "streams keep failed stream=" + domain.stream + " error=\"" +
                                                   made.error().evidence + "\" consequence=\"gaps are not repaired\"");
  }

  const std::shared_ptr<bus::bus> inner_;
  const repair_options options_;
  telemetry::logger log_{"streams"};
  std::shared_mutex met_mutex_;
  std::unordered_set<std::string, text_hash, std::equal_to<>> met_;  ///< subjects published on, at most met_max
  std::mutex domains_mutex_;
  std::map<std::string, kept_domain> domains_;  ///< that this process keeps
  bus::worker jobs_;
};

/// One subscription's frames on their way from the bus to the consumer.
class repaired_line : public std::enable_shared_from_this<repaired_line> {
 public:
  repaired_line(std::shared_ptr<repair_shop> shop, kept_domain domain, std::string subject,
                std::function<void()> on_ready)
      : shop_(std::move(shop)),
        domain_(std::move(domain)),
        subject_(std::move(subject)),
        on_ready_(std::move(on_ready)),
        order_(shop_->options().held) {}

  void feed_from(std::unique_ptr<bus::subscription> inner) {
    const std::scoped_lock lock(mutex_);
    inner_ = std::move(inner);
  }
  void close() {
    gate_.close();
    std::unique_ptr<bus::subscription> ending;
    const std::scoped_lock lock(mutex_);
    ending = std::move(inner_);
    account();
    shop_->frames_held -= counted_held_;
    counted_held_ = 0;
  }
  void announce() { gate_.run(on_ready_); }
  void continue_behind(std::uint64_t sequence) {
    const std::scoped_lock lock(mutex_);
    order_.start_behind(sequence);
  }

  std::size_t drain(std::vector<bus::message>& out, std::size_t most) {
    const std::scoped_lock lock(mutex_);
    std::size_t given = 0;
    for (bool more = inner_ != nullptr;;) {
      for (; given < most && !ready_.empty(); ++given) {
        out.push_back(std::move(ready_.front()));
        ready_.pop_front();
      }
      if (given == most || !more) break;
      batch_.clear();
      more = inner_->drain(batch_, most) == most;
      take_batch();
    }
    account();
    look_for_missing();
    return given;
  }
  bus::subscription_stats stats() const {
    const std::scoped_lock lock(mutex_);
    auto s = inner_ ? inner_->stats() : bus::subscription_stats{};
    s.depth += ready_.size() + order_.held();
    return s;
  }

 private:
  void take_batch() {
    passed_.clear();
    for (bus::message& m : batch_) {
      const auto header = wire::peek_header(m.bytes());
      if (header)
        order_.take(std::move(m), header->sequence, header->heartbeat, passed_);
      else
        passed_.push_back(std::move(m));  // the consumer refuses and counts it
    }
    move_passed();
  }
  void move_passed() {
    for (bus::message& m : passed_) ready_.push_back(std::move(m));
    passed_.clear();
  }
  void account() {
    const auto held = static_cast<std::int64_t>(order_.held());
    shop_->frames_held += held - counted_held_;
    counted_held_ = held;
  }
  void look_for_missing() {
    const auto wanted = order_.missing();
    if (!wanted || looking_) return;
    looking_ = true;
    const auto due = clock::now() + shop_->options().limit;
    shop_->jobs().post([self = weak_from_this(), range = *wanted, due] {
      if (const auto line = self.lock()) line->look(range, due);
    });
  }
  /// On the shop's thread.
  void look(frame_range wanted, clock::time_point due) {
    const auto kept = shop_->stream_of(domain_);
    auto found = kept ? find_frames(*kept, subject_, wanted) : std::unexpected(not_found_why::unavailable);
    if (!found && found.error() != not_found_why::gone && clock::now() + retry_pause < due && still_missing(wanted)) {
      shop_->jobs().post_at(clock::now() + retry_pause, [self = weak_from_this(), wanted, due] {
        if (const auto line = self.lock()) line->look(wanted, due);
      });
      return;
    }
    {
      const std::scoped_lock lock(mutex_);
      if (found) {
        for (std::uint64_t n = wanted.first; bus::message & m : *found) order_.fill(std::move(m), n++, passed_);
        shop_->count_repaired(found->size());
      } else if (order_.missing() == wanted) {
        order_.give_up(passed_);
        ++shop_->gaps_unrepaired;
      }
      move_passed();
      looking_ = false;
      account();
      look_for_missing();
    }
    announce();
  }
  bool still_missing(frame_range wanted) {
    const std::scoped_lock lock(mutex_);
    const auto now = order_.missing();
    return now && now->first == wanted.first;
  }

  const std::shared_ptr<repair_shop> shop_;
  const kept_domain domain_;
  const std::string subject_;
  const std::function<void()> on_ready_;
  bus::callback_gate gate_;
  mutable std::mutex mutex_;
  std::unique_ptr<bus::subscription> inner_;
  frame_order order_;
  std::vector<bus::message> batch_, passed_;
  std::deque<bus::message> ready_;
  std::int64_t counted_held_ = 0;
  bool looking_ = false;
};

class repaired_subscription : public bus::subscription {
 public:
  explicit repaired_subscription(std::shared_ptr<repaired_line> line) : line_(std::move(line)) {}
  ~repaired_subscription() override { line_->close(); }
  std::size_t drain(std::vector<bus::message>& out, std::size_t most) override { return line_->drain(out, most); }
  void continue_behind(std::uint64_t sequence) override { line_->continue_behind(sequence); }
  bus::subscription_stats stats() const override { return line_->stats(); }

 private:
  std::shared_ptr<repaired_line> line_;
};

class repairing_bus : public bus::bus {
 public:
  repairing_bus(std::shared_ptr<isobar::bus::bus> inner, repair_options options)
      : inner_(std::move(inner)), shop_(std::make_shared<repair_shop>(inner_, std::move(options))) {
    on_connection({});
  }
  ~repairing_bus() override { end(); }

  isobar::bus::result<std::unique_ptr<isobar::bus::subscription>> subscribe(std::string_view pattern,
                                                                            isobar::bus::subscribe_options options,
                                                                            std::function<void()> on_ready) override {
    const auto domain = options.queue_group.empty() ? domain_of(pattern) : std::nullopt;
    if (!domain) return inner_->subscribe(pattern, std::move(options), std::move(on_ready));
    auto line = std::make_shared<repaired_line>(shop_, *domain, std::string(pattern), std::move(on_ready));
    auto made = inner_->subscribe(pattern, std::move(options), [weak = std::weak_ptr(line)] {
      if (const auto l = weak.lock()) l->announce();
    });
    if (!made) return made;
    line->feed_from(std::move(*made));
    line->announce();  // what came before the line above could not be drained
    return std::make_unique<repaired_subscription>(std::move(line));
  }
  void on_connection(std::function<void(bool)> listener) override {
    inner_->on_connection([weak = std::weak_ptr(shop_), listener = std::move(listener)](bool up) {
      if (const auto shop = weak.lock(); shop && up) shop->post([](repair_shop& s) { s.keep_all(); });
      if (listener) listener(up);
    });
  }
  isobar::bus::bus_stats stats() const override {
    auto s = inner_->stats();
    s.gaps_repaired = shop_->gaps_repaired;
    s.frames_repaired = shop_->frames_repaired;
    s.gaps_unrepaired = shop_->gaps_unrepaired;
    s.frames_held = static_cast<std::size_t>(std::max<std::int64_t>(shop_->frames_held, 0));
    return s;
  }

  isobar::bus::result<void> publish(std::string_view subject, std::string payload) override {
    shop_->published_on(subject);
    return inner_->publish(subject, std::move(payload));
  }
  isobar::bus::result<void> flush() override { return inner_->flush(); }
  isobar::bus::result<isobar::bus::message> request(std::string_view subject, std::string payload,
                                                    std::chrono::milliseconds limit) override {
    return inner_->request(subject, std::move(payload), limit);
  }
  void request_async(std::string_view subject, std::string payload, std::chrono::milliseconds limit,
                     std::function<void(isobar::bus::result<isobar::bus::message>)> on_answer) override {
    inner_->request_async(subject, std::move(payload), limit, std::move(on_answer));
  }
  isobar::bus::result<std::shared_ptr<isobar::bus::kv_bucket>> bucket(std::string_view name,
                                                                      isobar::bus::kv_options options) override {
    return inner_->bucket(name, options);
  }
  isobar::bus::result<void> keep(std::string_view name, isobar::bus::stream_options options) override {
    return inner_->keep(name, std::move(options));
  }
  isobar::bus::result<std::shared_ptr<isobar::bus::stream>> kept(std::string_view name) override {
    return inner_->kept(name);
  }
  std::size_t max_payload() const override { return inner_->max_payload(); }
  void close() override { end(); }

 private:
  void end() {
    inner_->on_connection({});
    shop_->jobs().stop();
    inner_->close();
  }

  const std::shared_ptr<isobar::bus::bus> inner_;
  const std::shared_ptr<repair_shop> shop_;
};

}  // namespace

std::optional<kept_domain> domain_of(std::string_view subject) {
  const auto parsed = subjects::parse(subject);
  if (!parsed || !subjects::sequenced(parsed->kind)) return std::nullopt;
  const auto domain_token = [](std::string_view pattern) {
    pattern.remove_prefix(pattern.find('.') + 1);
    return pattern.substr(0, pattern.find('.'));
  };
  const std::string_view domain = domain_token(subject);
  kept_domain out{"isobar-" + std::string(domain), {}};
  for (const auto& entry : subjects::all_subjects)
    if (domain_token(entry.pattern) == domain && subjects::sequenced(entry.kind))
      out.patterns.push_back(subjects::every_venue(entry.kind));
  return out;
}

std::shared_ptr<bus::bus> make_repairing_bus(std::shared_ptr<bus::bus> inner, repair_options options) {
  return std::make_shared<repairing_bus>(std::move(inner), std::move(options));
}

}  // namespace isobar::service
