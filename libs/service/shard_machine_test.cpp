#include "service/shard_machine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <random>

#include "core/rendezvous.hpp"
#include "wire/subjects.hpp"

namespace isobar::service {
namespace {

using namespace std::chrono_literals;
using kind = shard_action::kind;

constexpr auto lease = 3000ms;

symbol sym(const std::string& text) { return *symbol::parse(text); }

/// The store as a JetStream bucket is: compare-and-set, one line of revisions.
struct fake_store {
  struct entry {
    std::string value;
    std::uint64_t revision = 0;
  };
  std::map<std::string, entry> keys;
  std::uint64_t revision = 0;
  std::vector<std::pair<std::string, entry>> log;  ///< what watches tell, in order

  std::optional<std::uint64_t> write(const std::string& key, const std::string& value, std::uint64_t expected) {
    const auto at = keys.find(key);
    if ((at == keys.end() ? 0 : at->second.revision) != expected) return std::nullopt;
    keys[key] = {value, ++revision};
    log.emplace_back(key, keys[key]);
    return revision;
  }
};

/// One process: a machine, and what carries its actions out.
struct process {
  process(fake_store& store, std::uint32_t ordinal, std::uint32_t expected, const std::string& name,
          bool standby = false)
      : store_(&store),
        machine({.ordinal = ordinal, .expected = expected, .lease = lease, .process = name, .standby = standby}) {}

  /// Whether its worker of `s` would publish now: it runs, and the process believes in its lease.
  bool publishes(const symbol& s, steady_instant now) const {
    return workers.contains(s) && now < machine.valid_until();
  }

  void hear(std::size_t most, steady_instant now) {
    for (; heard < store_->log.size() && most > 0; ++heard, --most) tell(store_->log[heard], now, false);
  }
  void tell(const std::pair<std::string, fake_store::entry>& e, steady_instant now, bool read) {
    const auto& [key, entry] = e;
    if (key.starts_with("m."))
      machine.take_member(static_cast<std::uint32_t>(std::stoul(key.substr(2))), decode_member(entry.value),
                          entry.revision, now, read);
    else
      machine.take_lease(sym(key.substr(2)), decode_lease(entry.value), entry.revision, read);
  }
  fake_store::entry at(const std::string& key) const {
    const auto found = store_->keys.find(key);
    return found == store_->keys.end() ? fake_store::entry{} : found->second;
  }
  static std::string key_of(const shard_action& a) {
    const bool member = a.what == kind::write_member || a.what == kind::read_member;
    return member ? "m." + std::to_string(a.ordinal) : "l." + a.name.str();
  }

  /// Carries out what has been asked for, in order. `fault`: how each write goes (0: well; 1: nothing happens and
  /// nothing is heard; 2: it happens and nothing is heard).
  template <class Fault>
  void act(steady_instant now, Fault&& fault) {
    for (const shard_action& a : machine.tick(now)) {
      const std::string key = key_of(a);
      const bool of_workers =
          a.what == kind::start || a.what == kind::stop || a.what == kind::follow || a.what == kind::unfollow;
      const int how = of_workers ? 0 : fault();
      switch (a.what) {
        case kind::start:
          promoted += standbys.erase(a.name) > 0 ? 1 : 0;
          workers.insert(a.name);
          machine.started(a.name, now);
          break;
        case kind::follow:
          EXPECT_FALSE(workers.contains(a.name)) << a.name.str();
          EXPECT_TRUE(standbys.insert(a.name).second) << a.name.str();
          machine.followed(a.name, true, now);
          break;
        case kind::unfollow:
          standbys.erase(a.name);
          leaving_standbys.push_back(a.name);
          break;
        case kind::stop:
          // A stop at once closes the gate at once; a graceful one closes it when the worker has ended, here too.
          workers.erase(a.name);
          (a.graceful ? graceful : abrupt) += 1;
          stopping.push_back(a.name);
          break;
        case kind::read_member:
        case kind::read_lease:
          if (how != 0) {
            machine.done(a, shard_outcome::unreachable, 0, now);
            break;
          }
          tell({key, at(key)}, now, true);
          machine.done(a, shard_outcome::done, 0, now);
          break;
        case kind::write_member:
        case kind::write_lease: {
          if (how == 1) {
            machine.done(a, shard_outcome::unreachable, 0, now);
            break;
          }
          if (a.before) {
            const auto holder = decode_member(at("m." + std::to_string(a.before->ordinal)).value);
            if (holder && holder->instance == a.before->instance) {
              machine.done(a, shard_outcome::occupied, 0, now);
              break;
            }
          }
          const auto written = store_->write(key, a.value, a.revision);
          if (how == 2)
            machine.done(a, shard_outcome::unreachable, 0, now);
          else
            machine.done(a, written ? shard_outcome::done : shard_outcome::wrong_revision, written.value_or(0), now);
          break;
        }
      }
    }
  }
  /// Workers that were told to stop end.
  void end_workers() {
    for (const symbol& s : std::exchange(stopping, {})) machine.stopped(s);
    for (const symbol& s : std::exchange(leaving_standbys, {})) machine.unfollowed(s);
  }
  void turn(steady_instant now) {
    hear(SIZE_MAX, now);
    act(now, [] { return 0; });
    end_workers();
  }

  fake_store* store_;
  shard_machine machine;
  std::set<symbol> workers, standbys;
  std::vector<symbol> stopping, leaving_standbys;
  std::size_t heard = 0;
  int graceful = 0, abrupt = 0, promoted = 0;
};

struct fleet {
  fake_store store;
  std::vector<std::unique_ptr<process>> processes;
  std::set<symbol> symbols;
  steady_instant now{1h};
  int started = 0;
  bool standby = false;

  process& add(std::uint32_t ordinal, std::uint32_t expected) {
    processes.push_back(std::make_unique<process>(store, ordinal, expected, "p" + std::to_string(started++), standby));
    for (const symbol& s : symbols) processes.back()->machine.take_symbol(s, true);
    return *processes.back();
  }
  void list(int count) {
    for (int i = 0; i < count; ++i) symbols.insert(sym("S" + std::to_string(i)));
    for (auto& p : processes)
      for (const symbol& s : symbols) p->machine.take_symbol(s, true);
  }
  void run(std::chrono::milliseconds time, std::chrono::milliseconds step = 100ms) {
    for (const auto until = now + time; now < until; now += step) {
      for (auto& p : processes) p->turn(now);
      check();
    }
  }
  /// At most one publishes a symbol.
  void check() const {
    for (const symbol& s : symbols) {
      int publishers = 0;
      for (const auto& p : processes) publishers += p->publishes(s, now) ? 1 : 0;
      ASSERT_LE(publishers, 1) << s.str();
    }
  }
  std::map<symbol, std::uint32_t> owners() const {
    std::map<symbol, std::uint32_t> out;
    for (const auto& p : processes)
      for (const symbol& s : p->workers) out[s] = ordinal_of(*p);
    return out;
  }
  std::uint32_t ordinal_of(const process& p) const {
    for (const auto& [key, e] : store.keys) {
      const auto r = decode_member(e.value);
      if (key.starts_with("m.") && r && p.machine.holds_instance(r->instance))
        return static_cast<std::uint32_t>(std::stoul(key.substr(2)));
    }
    return UINT32_MAX;
  }
};

/// Who stands by for each symbol: never two.
std::map<symbol, std::uint32_t> standing_by(const fleet& f) {
  std::map<symbol, std::uint32_t> out;
  for (const auto& p : f.processes)
    for (const symbol& s : p->standbys) EXPECT_TRUE(out.emplace(s, f.ordinal_of(*p)).second) << s.str();
  return out;
}

/// What rendezvous hashing over these members gives.
std::map<symbol, std::uint32_t> meant(const std::set<symbol>& symbols, const std::set<std::uint32_t>& members) {
  std::map<symbol, std::uint32_t> out;
  for (const symbol& s : symbols)
    out[s] = *rendezvous(s.str(), members, [](std::uint32_t m) { return std::to_string(m); });
  return out;
}

/// What it gives when each symbol's owner is not there.
std::map<symbol, std::uint32_t> meant_second(const std::set<symbol>& symbols, const std::set<std::uint32_t>& members) {
  std::map<symbol, std::uint32_t> out;
  for (const auto& [s, owner] : meant(symbols, members)) {
    auto others = members;
    others.erase(owner);
    if (!others.empty()) out[s] = meant({s}, others).at(s);
  }
  return out;
}

TEST(ShardMachine, AStartOfAllTogetherMovesNothingTwice) {
  fleet f;
  f.list(12);
  f.add(0, 3);
  f.run(1000ms);  // the first waits for the others
  EXPECT_TRUE(f.owners().empty());
  f.add(1, 3);
  f.add(2, 3);
  f.run(1000ms);
  EXPECT_EQ(f.owners(), meant(f.symbols, {0, 1, 2}));
  for (const auto& p : f.processes) EXPECT_EQ(p->graceful + p->abrupt, 0);
}

TEST(ShardMachine, DoesNotWaitLongerThanALeaseForMembersThatNeverCome) {
  fleet f;
  f.list(12);
  f.add(0, 3);
  f.run(2900ms);
  EXPECT_TRUE(f.owners().empty());
  f.run(400ms);
  EXPECT_EQ(f.owners(), meant(f.symbols, {0}));
}

TEST(ShardMachine, AReplicaThatJoinsTakesOnlyItsOwnSymbols) {
  fleet f;
  f.list(40);
  for (std::uint32_t i = 0; i < 3; ++i) f.add(i, 3);
  f.run(1000ms);
  const auto before = f.owners();
  f.add(3, 3);
  f.run(1000ms);
  const auto after = f.owners();
  EXPECT_EQ(after, meant(f.symbols, {0, 1, 2, 3}));
  int moved = 0;
  for (const auto& [s, owner] : after) {
    if (before.at(s) == owner) continue;
    ++moved;
    EXPECT_EQ(owner, 3u);
  }
  EXPECT_GT(moved, 0);
  int stops = 0;
  for (const auto& p : f.processes) stops += p->graceful;
  EXPECT_EQ(stops, moved);
  EXPECT_EQ(f.processes[0]->abrupt + f.processes[1]->abrupt + f.processes[2]->abrupt, 0);
}

TEST(ShardMachine, TheSymbolsOfAKilledMemberMoveBehindItsLease) {
  fleet f;
  f.list(40);
  for (std::uint32_t i = 0; i < 3; ++i) f.add(i, 3);
  f.run(1000ms);
  const auto before = f.owners();
  f.processes.erase(f.processes.begin() + 1);
  f.run(1900ms);  // its last beat was up to a second ago
  EXPECT_EQ(f.processes[0]->machine.stats().evictions + f.processes[1]->machine.stats().evictions, 0u);
  f.run(2100ms);
  EXPECT_EQ(f.processes[0]->machine.stats().evictions + f.processes[1]->machine.stats().evictions, 1u);
  const auto after = f.owners();
  EXPECT_EQ(after, meant(f.symbols, {0, 2}));
  for (const auto& [s, owner] : before) {
    if (owner != 1) {
      EXPECT_EQ(after.at(s), owner) << s.str();
    }
  }
}

TEST(ShardMachine, WhoStandsByIsWhoTakesOver) {
  fleet f;
  f.standby = true;
  f.list(40);
  for (std::uint32_t i = 0; i < 3; ++i) f.add(i, 3);
  f.run(1000ms);
  EXPECT_EQ(standing_by(f), meant_second(f.symbols, {0, 1, 2}));
  const auto before = f.owners();
  const auto ready = standing_by(f);
  f.processes.erase(f.processes.begin() + 1);
  f.run(4000ms);
  EXPECT_EQ(standing_by(f), meant_second(f.symbols, {0, 2}));
  int moved = 0;
  for (const auto& [s, owner] : f.owners()) {
    if (before.at(s) != 1) continue;
    ++moved;
    EXPECT_EQ(owner, ready.at(s)) << s.str();
  }
  EXPECT_GT(moved, 0);
  EXPECT_EQ(f.processes[0]->promoted + f.processes[1]->promoted, moved);
  // A third again: who held a symbol that moves to it stands by for it then.
  f.add(1, 3);
  f.run(1000ms);
  EXPECT_EQ(f.owners(), meant(f.symbols, {0, 1, 2}));
  EXPECT_EQ(standing_by(f), meant_second(f.symbols, {0, 1, 2}));
  f.processes[0]->machine.leave();
  f.run(600ms);
  EXPECT_TRUE(f.processes[0]->machine.left());
  EXPECT_TRUE(f.processes[0]->standbys.empty());
}

TEST(ShardMachine, AStandbyThatDoesNotStartIsTriedAgainBehindALease) {
  shard_machine m({.ordinal = 0, .expected = 1, .lease = lease, .process = "p", .standby = true});
  m.take_symbol(sym("S"), true);
  steady_instant now{1h};
  // The owner is whichever other ordinal has the symbol before 0.
  std::uint32_t other = 1;
  while (meant({sym("S")}, {0, other}).at(sym("S")) == 0) ++other;
  std::uint64_t beat = 0, revision = 1;
  int tries = 0;
  for (const auto until = now + 2 * lease - 100ms; now < until; now += 100ms) {
    m.take_member(other, member_record{"other.1", ++beat}, ++revision, now, false);
    for (const shard_action& a : m.tick(now)) {
      if (a.what == kind::read_member) m.take_member(a.ordinal, std::nullopt, 0, now, true);
      if (a.what == kind::follow) {
        ++tries;
        m.followed(a.name, false, now);
      } else {
        m.done(a, shard_outcome::done, ++revision, now);
      }
    }
  }
  EXPECT_EQ(tries, 2);
}

TEST(ShardMachine, WhoLeavesGivesEverythingBackAtOnce) {
  fleet f;
  f.list(40);
  for (std::uint32_t i = 0; i < 3; ++i) f.add(i, 3);
  f.run(1000ms);
  f.processes[1]->machine.leave();
  f.run(600ms);
  EXPECT_TRUE(f.processes[1]->machine.left());
  EXPECT_EQ(f.owners(), meant(f.symbols, {0, 2}));
  EXPECT_EQ(f.processes[1]->abrupt, 0);
}

TEST(ShardMachine, ASymbolThatIsUnlistedIsGivenBack) {
  fleet f;
  f.list(12);
  f.add(0, 1);
  f.run(500ms);
  ASSERT_EQ(f.owners().size(), 12u);
  f.processes[0]->machine.take_symbol(sym("S3"), false);
  f.run(300ms);
  EXPECT_EQ(f.owners().size(), 11u);
  f.processes[0]->machine.take_symbol(sym("S3"), true);
  f.run(300ms);
  EXPECT_EQ(f.owners().size(), 12u);
}

TEST(ShardMachine, WhoCannotReachTheStoreStopsBeforeAnybodyMayTakeOver) {
  fleet f;
  f.list(12);
  process& cut = f.add(0, 2);
  f.add(1, 2);
  f.run(1000ms);
  ASSERT_FALSE(cut.workers.empty());
  const auto since = f.now;
  steady_instant fenced{};
  for (; f.now < since + 10s; f.now += 50ms) {
    cut.act(f.now, [] { return 1; });
    cut.end_workers();
    f.processes[1]->turn(f.now);
    f.check();
    if (fenced == steady_instant{} && cut.workers.empty()) fenced = f.now;
  }
  // The last beat went through up to a third of a lease before the cut.
  EXPECT_GT(fenced - since, lease / 5 * 4 - lease / 3 - 200ms);
  EXPECT_LE(fenced - since, lease / 5 * 4 + 100ms);
  EXPECT_EQ(cut.machine.stats().self_fences, 1u);
  EXPECT_EQ(cut.graceful, 0);
  EXPECT_EQ(f.processes[1]->workers.size(), 12u);
  // It comes back as somebody else.
  f.run(2000ms);
  EXPECT_EQ(f.owners(), meant(f.symbols, {0, 1}));
}

TEST(ShardMachine, WhoWasPausedBelievesInNothingAnyMore) {
  fleet f;
  f.list(12);
  process& paused = f.add(0, 2);
  f.add(1, 2);
  f.run(1000ms);
  ASSERT_FALSE(paused.workers.empty());
  for (const auto until = f.now + 8s; f.now < until; f.now += 100ms) {
    f.processes[1]->turn(f.now);
    f.check();
  }
  EXPECT_EQ(f.processes[1]->workers.size(), 12u);
  f.run(3000ms);  // it goes on
  EXPECT_EQ(f.owners(), meant(f.symbols, {0, 1}));
  EXPECT_GE(paused.machine.stats().leases_lost, 1u);
}

TEST(ShardMachine, ASecondProcessOfOneOrdinalWaitsUntilTheFirstIsGone) {
  fleet f;
  f.list(12);
  f.add(0, 1);
  f.run(1000ms);
  f.add(0, 1);
  f.run(8000ms);
  EXPECT_EQ(f.processes[0]->workers.size(), 12u);
  EXPECT_FALSE(f.processes[1]->machine.stats().joined);
  f.processes.erase(f.processes.begin());
  f.run(3500ms);
  EXPECT_EQ(f.processes[0]->workers.size(), 12u);
}

TEST(ShardMachine, AStoreThatLostEverythingIsFilledAgainWithoutAStop) {
  fleet f;
  f.list(12);
  for (std::uint32_t i = 0; i < 2; ++i) f.add(i, 2);
  f.run(1000ms);
  const auto before = f.owners();
  f.store.keys.clear();
  f.store.log.clear();
  f.store.revision = 0;
  for (auto& p : f.processes) p->heard = 0;
  f.run(3000ms);
  EXPECT_EQ(f.owners(), before);
  EXPECT_EQ(f.store.keys.size(), 14u);
  for (const auto& p : f.processes) EXPECT_EQ(p->graceful + p->abrupt, 0);
}

TEST(ShardMachine, AWorkerThatDoesNotStartIsTriedAgainBehindALease) {
  fake_store store;
  process p(store, 0, 1, "p");
  p.machine.take_symbol(sym("S"), true);
  int tries = 0;
  steady_instant now{1h};
  for (const auto until = now + 7s; now < until; now += 100ms) {
    p.hear(SIZE_MAX, now);
    for (const shard_action& a : p.machine.tick(now)) {
      if (a.what == kind::start) {
        ++tries;
        p.machine.failed(a.name, now);
      } else if (a.what == kind::read_member) {
        p.tell({"m.0", p.at("m.0")}, now, true);
        p.machine.done(a, shard_outcome::done, 0, now);
      } else {
        const auto written = store.write(process::key_of(a), a.value, a.revision);
        p.machine.done(a, written ? shard_outcome::done : shard_outcome::wrong_revision, written.value_or(0), now);
      }
    }
  }
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(p.machine.stats().held, 0u);
}

TEST(ShardMachine, TellsHowLongTakingOverTook) {
  fleet f;
  f.list(3);
  process& p = f.add(0, 1);
  f.run(1000ms);
  const auto times = p.machine.takeover_times();
  ASSERT_EQ(times.size(), 3u);
  for (const auto t : times) EXPECT_LE(t, 200ms);
  EXPECT_TRUE(p.machine.takeover_times().empty());
}

/// Anything may happen between any two steps: processes are slow to hear, answers are lost, processes die, come and
/// stand still. Nobody ever publishes beside another, and when it is calm again everybody has what is theirs.
RC_GTEST_PROP(ShardMachine, NeverTwoHoldersAndAlwaysBackToOneEach, ()) {
  std::minstd_rand random(*rc::gen::inRange<unsigned>(1, 1u << 30));
  const auto dice = [&](int sides) { return static_cast<int>(random() % static_cast<unsigned>(sides)); };
  fleet f;
  f.standby = dice(2) == 0;
  f.list(1 + dice(12));
  const int faults = dice(30);
  for (std::uint32_t i = 0; i < 3; ++i) f.add(i, 3);
  for (int step = 0; step < 600; ++step) {
    f.now += std::chrono::milliseconds(dice(250));
    const int event = dice(200);
    if (event == 0 && f.processes.size() > 1)
      f.processes.erase(f.processes.begin() + dice(static_cast<int>(f.processes.size())));
    if (event == 1 && f.processes.size() < 6) f.add(static_cast<std::uint32_t>(dice(5)), 3);
    if (event == 2) f.now += lease;  // everybody stands still
    for (auto& p : f.processes) {
      if (dice(4) == 0) continue;  // it does not run now
      p->hear(static_cast<std::size_t>(dice(8)), f.now);
      p->act(f.now, [&] { return dice(100) < faults ? 1 + dice(2) : 0; });
      if (dice(3) == 0) p->end_workers();
      for (const symbol& s : f.symbols) {
        int publishers = 0;
        for (const auto& q : f.processes) publishers += q->publishes(s, f.now) ? 1 : 0;
        RC_ASSERT(publishers <= 1);
      }
    }
  }
  f.run(4 * lease + 2s);
  // Of two processes with one ordinal one waits.
  std::set<std::uint32_t> members;
  std::map<symbol, int> holders;
  for (const auto& p : f.processes) {
    if (p->machine.stats().joined) members.insert(f.ordinal_of(*p));
    for (const symbol& s : p->workers) ++holders[s];
  }
  RC_ASSERT(holders.size() == f.symbols.size());
  for (const auto& [s, n] : holders) RC_ASSERT(n == 1);
  RC_ASSERT(f.owners() == meant(f.symbols, members));
  RC_ASSERT(standing_by(f) == (f.standby ? meant_second(f.symbols, members) : std::map<symbol, std::uint32_t>{}));
}

TEST(ShardRecords, KeysAndValuesAreReadBack) {
  const auto place = parse_registry_key(registry_key("SIM", symbol_kind::futures, sym("I:ES.x")));
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->kind, symbol_kind::futures);
  EXPECT_EQ(place->name, sym("I:ES.x"));
  EXPECT_EQ(place->venue, subjects::venue_token("SIM"));
  EXPECT_EQ(parse_member_key("radar-physics", "sim", member_key("radar-physics", "sim", 12)), 12u);
  EXPECT_EQ(parse_member_key("radar", "sim", member_key("radar-physics", "sim", 12)), std::nullopt);
  EXPECT_EQ(parse_member_key("radar-physics", "cme", member_key("radar-physics", "sim", 12)), std::nullopt);
  EXPECT_EQ(parse_lease_key("a", "SIM", lease_key("a", "SIM", sym("brk.b"))), sym("brk.b"));
  EXPECT_EQ(parse_lease_key("a", "CME", lease_key("a", "SIM", sym("brk.b"))), std::nullopt);
  EXPECT_EQ(decode_member(encode(member_record{"host-1.2", 77})), (member_record{"host-1.2", 77}));
  EXPECT_EQ(decode_lease(encode(lease_record{3, "host-1.2"})), (lease_record{3, "host-1.2"}));
  for (const char* bad : {"", "-", "x", " 1", "x y"}) EXPECT_FALSE(decode_member(bad)) << bad;
  for (const char* bad : {"", "-", "x", "1 ", "x y"}) EXPECT_FALSE(decode_lease(bad)) << bad;
  for (const char* bad : {"", "sim", "sim.options", "sim.other.es", "sim.options.ES"})
    EXPECT_FALSE(parse_registry_key(bad));
}

TEST(ShardRecords, TheShardIsNamedOrTakenFromTheHost) {
  EXPECT_EQ(parse_shard("2/3", "x"), (shard_place{2, 3}));
  EXPECT_EQ(parse_shard("5/3", "x"), (shard_place{5, 3}));  // a replica that joined later
  EXPECT_EQ(parse_shard("auto/3", "radar-physics-11"), (shard_place{11, 3}));
  EXPECT_EQ(parse_shard("auto/3", "radar-physics-0.pods.local"), (shard_place{0, 3}));
  for (const char* bad : {"", "1", "1/", "/3", "1/0", "-1/3", "a/3", "1/3/4", "1024/3", "1/1025", "auto/3"})
    EXPECT_FALSE(parse_shard(bad, "laptop")) << bad;
}

}  // namespace
}  // namespace isobar::service
