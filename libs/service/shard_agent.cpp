#include "service/shard_agent.hpp"

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "core/digest.hpp"
#include "service/fenced_bus.hpp"
#include "service/kv_checkpoint.hpp"
#include "service/service_metrics.hpp"
#include "service/shard_machine.hpp"
#include "service/standby_bus.hpp"
#include "service/standby_checkpoint.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::service {
namespace {

using kind = shard_action::kind;

steady_instant steady_now() { return std::chrono::steady_clock::now().time_since_epoch(); }

std::string process_name() {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  std::random_device random;
  const std::uint64_t salt = (std::uint64_t{random()} << 32) | random();
  std::string out = std::string(host) + "-" + std::to_string(::getpid()) + "-" + to_hex(salt);
  for (char& c : out)
    if (c == ' ' || c == '.') c = '_';
  return out;
}

struct shard_metrics {
  shard_metrics(telemetry::registry& r, const std::string& service) {
    const telemetry::labels with{{"service", service}};
    members = r.get_gauge("isobar_shard_members", with);
    listed = r.get_gauge("isobar_shard_symbols_listed", with);
    held = r.get_gauge("isobar_shard_symbols_held", with);
    lost = r.get_counter("isobar_shard_leases_lost_total", with);
    handovers = r.get_counter("isobar_shard_handovers_total", with);
    takeovers = r.get_counter("isobar_shard_takeovers_total", with);
    takeover_seconds = r.get_histogram("isobar_shard_takeover_seconds", with);
    fences = r.get_counter("isobar_shard_self_fences_total", with);
    evictions = r.get_counter("isobar_shard_evictions_total", with);
    refused = r.get_counter("isobar_shard_refused_publishes_total", with);
    failures = r.get_counter("isobar_shard_start_failures_total", with);
    standbys = r.get_gauge("isobar_shard_standbys", with);
    standby_bytes = r.get_gauge("isobar_shard_standby_held_bytes", with);
    promotions = r.get_counter("isobar_shard_promotions_total", with);
    standby_restarts = r.get_counter("isobar_shard_standby_restarts_total", with);
  }
  void copy(const shard_stats& s) {
    members.set(static_cast<double>(s.members));
    listed.set(static_cast<double>(s.symbols));
    held.set(static_cast<double>(s.held));
    standbys.set(static_cast<double>(s.standbys));
    raise_to(lost, s.leases_lost);
    raise_to(handovers, s.handovers);
    raise_to(takeovers, s.takeovers);
    raise_to(fences, s.self_fences);
    raise_to(evictions, s.evictions);
  }
  telemetry::gauge members, listed, held, standbys, standby_bytes;
  telemetry::counter lost, handovers, takeovers, fences, evictions, refused, failures, promotions, standby_restarts;
  telemetry::histogram takeover_seconds;
};

}  // namespace

struct shard_agent::impl {
  impl(bus::bus& b, symbol_workers& w, telemetry::registry& r, settings s)
      : on(b),
        workers(w),
        set(std::move(s)),
        log("shard"),
        measured(r, set.service),
        machine({.ordinal = set.place.ordinal,
                 .expected = set.place.expected,
                 .lease = set.lease,
                 .process = process_name(),
                 .standby = set.standby}) {}

  // The store's thread.
  void run();
  void take_news();
  bool synchronise();
  bool read_all();
  void perform(const shard_action& a);
  void write_member(const shard_action& a);
  void read_member(const shard_action& a);
  void write_lease(const shard_action& a);
  void read_lease(const shard_action& a);
  shard_outcome outcome_of(const std::string& what, const failure<bus::errc>& why);
  bool occupied(const lease_record& holder, bool& unreachable);
  void publish_state();
  std::uint64_t losses_now() const;
  void tell_unlisted(const std::set<symbol>& listed);
  result<void> open(std::shared_ptr<bus::kv_bucket>& bucket, std::string_view name);

  enum class task { start, stop, follow, unfollow, refollow };
  struct order {
    task what;
    symbol name;
    bool graceful;
    std::uint64_t fence;
  };

  // The movers' thread.
  void move();
  void start_worker(const symbol& s, std::uint64_t fence);
  void stop_worker(const symbol& s, bool graceful);
  void stop_all();
  std::string start_anew(const symbol& s, std::uint64_t fence, const std::shared_ptr<symbol_gate>& gate);
  bool promote(const symbol& s, std::uint64_t fence);
  void carry_out(const order& o);
  std::string follow_worker(const symbol& s);
  void unfollow_worker(const symbol& s);
  void look_at_standbys();

  std::string lease_name(const symbol& s) const { return lease_key(set.service, set.venue, s); }

  bus::bus& on;
  symbol_workers& workers;
  const settings set;
  telemetry::logger log;
  shard_metrics measured;

  // The store's thread alone:
  shard_machine machine;
  std::shared_ptr<bus::kv_bucket> registry, members, leases;
  std::vector<std::unique_ptr<bus::kv_watch>> watches;
  bool synchronised = false;
  std::uint64_t reconnects = 0, losses_told = 0;
  shard_stats told{};

  const std::shared_ptr<std::atomic<std::int64_t>> valid_until = std::make_shared<std::atomic<std::int64_t>>(INT64_MIN);
  const std::shared_ptr<std::atomic<std::uint64_t>> refused = std::make_shared<std::atomic<std::uint64_t>>(0);

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::map<std::pair<int, std::string>, bus::kv_entry> news;  ///< newest of each key: 0 registry, 1 members, 2 leases
  std::deque<order> orders;                                   ///< at most three a symbol: the machine waits for answers
  enum class report { started, failed, stopped, followed, not_followed, unfollowed };
  std::deque<std::pair<symbol, report>> reports;
  std::map<symbol, std::shared_ptr<symbol_gate>> gates;  ///< of workers that run
  struct follower {
    std::shared_ptr<symbol_gate> gate;
    std::shared_ptr<standby_bus> bus;
    std::shared_ptr<standby_checkpoint> checkpoints;
    std::optional<steady_instant> sick_since;  ///< it lacks input, or is not what the holder makes
  };
  std::map<symbol, follower> followers;  ///< workers that stand by
  steady_instant looked_at{};
  bool leaving = false, left = false, ending = false, started = false;
  std::string waits = "not joined";
  std::thread keeper, mover;
};

// ---- the store ----

result<void> shard_agent::impl::open(std::shared_ptr<bus::kv_bucket>& bucket, std::string_view name) {
  if (bucket) return {};
  auto opened = on.bucket(name, {.history = 1, .max_bytes = bucket_bytes_max});
  if (!opened) return fail(errc::bus, std::string(name) + ": " + opened.error().evidence);
  bucket = std::move(*opened);
  return {};
}

bool shard_agent::impl::synchronise() {
  if (!on.stats().connected) return false;
  const std::uint64_t now = on.stats().reconnects;
  if (synchronised && now == reconnects && losses_told == losses_now()) return true;
  // A server that lost its store has none of the buckets that were opened.
  if (now != reconnects) registry = members = leases = nullptr;
  for (const auto& ok : {open(registry, registry_bucket), open(members, members_bucket), open(leases, leases_bucket)}) {
    if (ok) continue;
    log.warn_limited("bucket", "bucket not opened error=\"" + ok.error().evidence + "\"");
    return false;
  }
  if (watches.empty()) {
    const std::string venue = subjects::venue_token(set.venue);
    const std::string of[] = {venue + "." + std::string(to_string(workers.kind())) + ".>",
                              set.service + "." + venue + ".>", set.service + "." + venue + ".>"};
    const std::shared_ptr<bus::kv_bucket> from[] = {registry, members, leases};
    std::vector<std::unique_ptr<bus::kv_watch>> made;
    for (int i = 0; i < 3; ++i) {
      auto watch = from[i]->watch(of[i], [this, i](const bus::kv_entry& e) {
        const std::lock_guard lock(mutex);
        news[{i, e.key}] = e;
        changed.notify_all();
      });
      if (!watch) {
        log.warn_limited("watch", "bucket not watched error=\"" + watch.error().evidence + "\"");
        return false;
      }
      made.push_back(std::move(*watch));
    }
    watches = std::move(made);
  }
  const std::uint64_t losses = losses_now();
  synchronised = read_all();
  if (synchronised) {
    reconnects = now;
    losses_told = losses;
  }
  return synchronised;
}

std::uint64_t shard_agent::impl::losses_now() const {
  std::uint64_t out = 0;
  for (const auto& bucket : {registry, members, leases}) out += bucket ? bucket->losses() : 0;
  return out;
}

/// Symbols that were listed and that no removal took off the list: the store lost them. They are worked on all the
/// same.
void shard_agent::impl::tell_unlisted(const std::set<symbol>& listed) {
  std::string lost;
  for (const symbol& s : machine.registry())
    if (!listed.contains(s)) lost += (lost.empty() ? "" : ",") + s.str();
  if (lost.empty()) return;
  log.error("registry lists symbols no more symbols=" + lost +
            " consequence=\"worked on all the same; shards that start from now on do not know them: add them again\"");
}

/// What watches may not have told yet, or not tell again after the loss of the store.
bool shard_agent::impl::read_all() {
  shard_action own{.what = kind::read_member, .ordinal = set.place.ordinal};
  read_member(own);
  const auto listed = registry->keys(), there = members->keys(), taken = leases->keys();
  if (!listed || !there || !taken) return false;
  std::set<symbol> names;
  for (const std::string& key : *listed) {
    const auto place = parse_registry_key(key);
    if (place && place->venue == subjects::venue_token(set.venue) && place->kind == workers.kind())
      names.insert(place->name);
  }
  tell_unlisted(names);
  for (const symbol& s : names) machine.take_symbol(s, true);
  for (const std::string& key : *there)
    if (const auto ordinal = parse_member_key(set.service, set.venue, key); ordinal && *ordinal != set.place.ordinal)
      read_member({.what = kind::read_member, .ordinal = *ordinal});
  for (const std::string& key : *taken)
    if (const auto name = parse_lease_key(set.service, set.venue, key))
      read_lease({.what = kind::read_lease, .name = *name});
  return true;
}

void shard_agent::impl::take_news() {
  std::map<std::pair<int, std::string>, bus::kv_entry> all;
  std::deque<std::pair<symbol, report>> done;
  {
    const std::lock_guard lock(mutex);
    all.swap(news);
    done.swap(reports);
    if (leaving) machine.leave();
  }
  const auto now = steady_now();
  for (const auto& [place, e] : all) {
    const auto& [bucket, key] = place;
    if (bucket == 0) {
      const auto listed = parse_registry_key(key);
      if (listed) machine.take_symbol(listed->name, !e.deleted);
    } else if (bucket == 1) {
      if (const auto ordinal = parse_member_key(set.service, set.venue, key))
        machine.take_member(*ordinal, e.deleted ? std::nullopt : decode_member(e.value), e.revision, now, false);
    } else if (const auto name = parse_lease_key(set.service, set.venue, key)) {
      machine.take_lease(*name, e.deleted ? std::nullopt : decode_lease(e.value), e.revision, false);
    }
  }
  for (const auto& [s, how] : done) {
    if (how == report::started) machine.started(s, now);
    if (how == report::failed) machine.failed(s, now);
    if (how == report::stopped) machine.stopped(s);
    if (how == report::followed || how == report::not_followed) machine.followed(s, how == report::followed, now);
    if (how == report::unfollowed) machine.unfollowed(s);
  }
}

shard_outcome shard_agent::impl::outcome_of(const std::string& what, const failure<bus::errc>& why) {
  if (why.code == bus::errc::wrong_revision) return shard_outcome::wrong_revision;
  log.warn_limited("store", "store does not answer key=" + what + " error=\"" + why.evidence + "\"");
  return shard_outcome::unreachable;
}

void shard_agent::impl::write_member(const shard_action& a) {
  const std::string key = member_key(set.service, set.venue, a.ordinal);
  const auto done = a.revision == 0 ? members->create(key, a.value) : members->update(key, a.value, a.revision);
  machine.done(a, done ? shard_outcome::done : outcome_of(key, done.error()), done.value_or(0), steady_now());
}

void shard_agent::impl::read_member(const shard_action& a) {
  const std::string key = member_key(set.service, set.venue, a.ordinal);
  const auto found = members->get(key);
  const auto now = steady_now();
  if (!found && found.error().code != bus::errc::not_found)
    return machine.done(a, outcome_of(key, found.error()), 0, now);
  machine.take_member(a.ordinal, found ? decode_member(found->value) : std::nullopt, found ? found->revision : 0, now,
                      true);
  machine.done(a, shard_outcome::done, 0, now);
}

/// The member's key names the holder's instance: it may still be at work.
bool shard_agent::impl::occupied(const lease_record& holder, bool& unreachable) {
  const auto found = members->get(member_key(set.service, set.venue, holder.ordinal));
  unreachable = !found && found.error().code != bus::errc::not_found;
  if (!found) return false;
  const auto member = decode_member(found->value);
  return member && member->instance == holder.instance;
}

void shard_agent::impl::write_lease(const shard_action& a) {
  const std::string key = lease_name(a.name);
  bool unreachable = false;
  if (a.before && occupied(*a.before, unreachable)) return machine.done(a, shard_outcome::occupied, 0, steady_now());
  if (unreachable) return machine.done(a, shard_outcome::unreachable, 0, steady_now());
  const auto done = a.revision == 0 ? leases->create(key, a.value) : leases->update(key, a.value, a.revision);
  machine.done(a, done ? shard_outcome::done : outcome_of(key, done.error()), done.value_or(0), steady_now());
}

void shard_agent::impl::read_lease(const shard_action& a) {
  const std::string key = lease_name(a.name);
  const auto found = leases->get(key);
  if (!found && found.error().code != bus::errc::not_found)
    return machine.done(a, outcome_of(key, found.error()), 0, steady_now());
  machine.take_lease(a.name, found ? decode_lease(found->value) : std::nullopt, found ? found->revision : 0, true);
  machine.done(a, shard_outcome::done, 0, steady_now());
}

void shard_agent::impl::perform(const shard_action& a) {
  switch (a.what) {
    case kind::write_member:
      return write_member(a);
    case kind::read_member:
      return read_member(a);
    case kind::write_lease:
      return write_lease(a);
    case kind::read_lease:
      return read_lease(a);
    case kind::start:
    case kind::stop: {
      const std::lock_guard lock(mutex);
      const auto at = gates.find(a.name);
      // What is another's is silent from now on, however long the worker takes to end.
      if (a.what == kind::stop && !a.graceful && at != gates.end()) at->second->shut();
      orders.push_back({a.what == kind::start ? task::start : task::stop, a.name, a.graceful, a.revision});
      changed.notify_all();
      return;
    }
    case kind::follow:
    case kind::unfollow: {
      const std::lock_guard lock(mutex);
      orders.push_back({a.what == kind::follow ? task::follow : task::unfollow, a.name, false, 0});
      changed.notify_all();
      return;
    }
  }
}

void shard_agent::impl::publish_state() {
  *valid_until = machine.valid_until().count();
  const shard_stats& s = machine.stats();
  measured.copy(s);
  raise_to(measured.refused, *refused);
  for (const auto t : machine.takeover_times())
    measured.takeover_seconds.observe(std::chrono::duration<double>(t).count());
  if (s.members != told.members || s.joined != told.joined || s.settled != told.settled)
    log.info("shard service=" + set.service + " ordinal=" + std::to_string(set.place.ordinal) +
             " joined=" + (s.joined ? "yes" : "no") + " settled=" + (s.settled ? "yes" : "no") +
             " members=" + std::to_string(s.members) + " symbols=" + std::to_string(s.symbols));
  if (s.self_fences != told.self_fences)
    log.error("shard cannot reach the store and has stopped its workers service=" + set.service);
  if (s.evictions != told.evictions) log.warn("shard found a member dead service=" + set.service);
  told = s;
  const std::lock_guard lock(mutex);
  waits = !s.joined ? "not joined" : !s.settled ? "waits for the other shards" : "";
  left = machine.left();
  changed.notify_all();
}

void shard_agent::impl::run() {
  for (;;) {
    take_news();
    const bool there = synchronise();
    // Without the store time goes on all the same: leases end.
    if (synchronised) {
      for (const shard_action& a : machine.tick(steady_now())) {
        const bool of_the_store =
            a.what != kind::start && a.what != kind::stop && a.what != kind::follow && a.what != kind::unfollow;
        if (!there && of_the_store)
          machine.done(a, shard_outcome::unreachable, 0, steady_now());
        else
          perform(a);
        *valid_until = machine.valid_until().count();
      }
    }
    look_at_standbys();
    publish_state();
    std::unique_lock lock(mutex);
    if (ending) return;
    const auto wait = machine.due(steady_now()) - steady_now();
    changed.wait_for(lock, std::max<std::chrono::nanoseconds>(wait, std::chrono::milliseconds(1)),
                     [this] { return ending || !news.empty() || !reports.empty() || (leaving && !left); });
    if (leaving && !left && news.empty() && reports.empty() && !ending)
      changed.wait_for(lock, std::chrono::milliseconds(5));
    if (ending) return;
  }
}

// ---- workers ----

void shard_agent::impl::move() {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return ending || !orders.empty(); });
    if (ending) break;
    const order next = orders.front();
    orders.pop_front();
    lock.unlock();
    carry_out(next);
    lock.lock();
  }
  lock.unlock();
  stop_all();
}

void shard_agent::impl::carry_out(const order& o) {
  if (o.what == task::start) return start_worker(o.name, o.fence);
  if (o.what == task::stop) return stop_worker(o.name, o.graceful);
  if (o.what != task::follow) unfollow_worker(o.name);
  std::string why;
  if (o.what != task::unfollow) why = follow_worker(o.name);
  if (!why.empty())
    log.warn("standby not started service=" + set.service + " symbol=" + o.name.str() + " error=\"" + why + "\"");
  if (o.what == task::refollow) return;
  const std::lock_guard lock(mutex);
  reports.emplace_back(o.name, o.what == task::unfollow ? report::unfollowed
                               : why.empty()            ? report::followed
                                                        : report::not_followed);
  changed.notify_all();
}

/// The text says why it could not be started.
std::string shard_agent::impl::start_anew(const symbol& s, std::uint64_t fence,
                                          const std::shared_ptr<symbol_gate>& gate) {
  auto fenced = make_fenced_bus(on, gate, refused);
  auto checkpoints = std::make_shared<kv_checkpoint>(on, lease_name(s), fence, [gate] { return gate->open(); });
  {
    const std::lock_guard lock(mutex);
    gates[s] = gate;
  }
  if (const auto unread = checkpoints->prefetch()) return *unread;
  const auto ok = workers.add(s, {.bus = std::move(fenced), .checkpoints = std::move(checkpoints)});
  return ok ? std::string() : ok.error().evidence;
}

void shard_agent::impl::start_worker(const symbol& s, std::uint64_t fence) {
  const auto begun = steady_now();
  const bool stood_by = promote(s, fence);
  std::string why;
  if (!stood_by) why = start_anew(s, fence, std::make_shared<symbol_gate>(valid_until));
  if (why.empty()) {
    log.info(
        "worker started service=" + set.service + " symbol=" + s.str() + (stood_by ? " stood_by=yes" : "") +
        " ms=" + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(steady_now() - begun).count()));
  } else {
    measured.failures.add();
    log.warn("worker not started service=" + set.service + " symbol=" + s.str() + " error=\"" + why + "\"");
    workers.remove(s, false);
  }
  const std::lock_guard lock(mutex);
  if (!why.empty()) gates.erase(s);
  reports.emplace_back(s, why.empty() ? report::started : report::failed);
  changed.notify_all();
}

// ---- standbys ----

std::string shard_agent::impl::follow_worker(const symbol& s) {
  const auto outputs = workers.outputs(set.venue, s);
  if (outputs.empty()) return "workers of " + set.service + " cannot stand by";
  const auto gate = std::make_shared<symbol_gate>(valid_until);
  const auto held = std::make_shared<standby_bus>(
      make_fenced_bus(on, gate, refused), standby_bus::subjects_of{outputs, subjects::feed_resync(set.venue, s)});
  if (const auto ok = held->follow(); !ok) return ok.error().evidence;
  auto read = std::make_shared<kv_checkpoint>(on, lease_name(s), 0, [] { return false; });
  if (const auto unread = read->prefetch()) return *unread;
  const auto checkpoints = std::make_shared<standby_checkpoint>(std::move(read));
  {
    const std::lock_guard lock(mutex);
    followers[s] = {gate, held, checkpoints, {}};
  }
  const auto ok = workers.add(
      s, {.bus = held, .checkpoints = checkpoints, .standby = [b = held.get()] { return b->standing_by(); }});
  if (ok) return {};
  unfollow_worker(s);
  return ok.error().evidence;
}

void shard_agent::impl::unfollow_worker(const symbol& s) {
  {
    const std::lock_guard lock(mutex);
    if (followers.erase(s) == 0) return;
  }
  workers.remove(s, false);
}

/// False: nobody stands by for it, or not well enough; the worker is started anew.
bool shard_agent::impl::promote(const symbol& s, std::uint64_t fence) {
  follower f;
  {
    const std::lock_guard lock(mutex);
    const auto at = followers.find(s);
    if (at == followers.end()) return false;
    f = at->second;
  }
  if (!workers.keeps_up(s) || !f.bus->promote()) {
    unfollow_worker(s);
    return false;
  }
  f.checkpoints->promote(
      std::make_shared<kv_checkpoint>(on, lease_name(s), fence, [gate = f.gate] { return gate->open(); }));
  measured.promotions.add();
  const std::lock_guard lock(mutex);
  followers.erase(s);
  gates[s] = f.gate;
  return true;
}

/// One that cannot go on, or makes something else than the holder, begins again at the holder's newest checkpoint.
void shard_agent::impl::look_at_standbys() {
  const auto now = steady_now();
  if (!set.standby || now - looked_at < set.lease / 3) return;
  looked_at = now;
  std::map<symbol, std::shared_ptr<standby_bus>> all;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [s, f] : followers) all[s] = f.bus;
  }
  std::size_t bytes = 0;
  for (const auto& [s, bus] : all) {
    bytes += bus->held_bytes();
    const bool well = bus->agrees() && workers.keeps_up(s);
    const std::lock_guard lock(mutex);
    const auto at = followers.find(s);
    if (at == followers.end() || at->second.bus != bus) continue;
    auto& since = at->second.sick_since;
    if (well) {
      since.reset();
      continue;
    }
    if (!since) since = now;
    if (now - *since < set.lease) continue;
    since = now;
    measured.standby_restarts.add();
    log.info("standby begins again service=" + set.service + " symbol=" + s.str());
    orders.push_back({task::refollow, s, false, 0});
    changed.notify_all();
  }
  measured.standby_bytes.set(static_cast<double>(bytes));
}

void shard_agent::impl::stop_worker(const symbol& s, bool graceful) {
  const auto begun = steady_now();
  workers.remove(s, graceful);
  log.info("worker stopped service=" + set.service + " symbol=" + s.str() + (graceful ? "" : " at once") + " ms=" +
           std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(steady_now() - begun).count()));
  (void)on.flush();
  const std::lock_guard lock(mutex);
  if (const auto at = gates.find(s); at != gates.end()) {
    at->second->shut();
    gates.erase(at);
  }
  reports.emplace_back(s, report::stopped);
  changed.notify_all();
}

/// What could not be given back in time.
void shard_agent::impl::stop_all() {
  std::vector<symbol> left_over;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [s, gate] : gates) left_over.push_back(s);
  }
  for (const symbol& s : left_over) workers.remove(s, true);
  std::vector<symbol> standing_by;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [s, f] : followers) standing_by.push_back(s);
  }
  for (const symbol& s : standing_by) unfollow_worker(s);
  const std::lock_guard lock(mutex);
  gates.clear();
}

// ---- the agent ----

shard_agent::shard_agent(bus::bus& on, symbol_workers& workers, telemetry::registry& registry, settings s)
    : impl_(std::make_unique<impl>(on, workers, registry, std::move(s))) {}

shard_agent::~shard_agent() { stop({}); }

void shard_agent::start() {
  impl_->started = true;
  impl_->mover = std::thread([i = impl_.get()] { i->move(); });
  impl_->keeper = std::thread([i = impl_.get()] { i->run(); });
}

void shard_agent::stop(std::chrono::milliseconds limit) {
  if (!impl_->started) return;
  impl_->started = false;
  {
    std::unique_lock lock(impl_->mutex);
    impl_->leaving = true;
    impl_->left = false;
    impl_->changed.notify_all();
    impl_->changed.wait_for(lock, limit, [this] { return impl_->left; });
    impl_->ending = true;
    impl_->changed.notify_all();
  }
  impl_->keeper.join();
  impl_->mover.join();
  impl_->watches.clear();
}

std::string shard_agent::why_not_ready() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->waits;
}

}  // namespace isobar::service
