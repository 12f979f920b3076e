#include "service/shard_machine.hpp"

#include <algorithm>

#include "core/rendezvous.hpp"

namespace isobar::service {
namespace {

using kind = shard_action::kind;

}  // namespace

shard_machine::shard_machine(shard_settings s) : settings_(std::move(s)) { lose_session(); }

// ---- what the store says ----

void shard_machine::take_member(std::uint32_t ordinal, const std::optional<member_record>& r, std::uint64_t revision,
                                steady_instant now, bool read) {
  if (ordinal >= ordinals_max) return;
  if (ordinal == settings_.ordinal) return take_own_key(r, revision, now, read);
  member& m = members_[ordinal];
  if (!read && revision <= m.revision) return;
  const std::string instance = r ? r->instance : std::string();
  if (revision != m.revision || instance != m.instance) m.changed = now;
  m.revision = revision;
  m.instance = instance;
}

void shard_machine::take_own_key(const std::optional<member_record>& r, std::uint64_t revision, steady_instant now,
                                 bool read) {
  if (!read && revision <= key_revision_) return;
  if (read) key_unknown_ = false;
  if (revision != key_revision_) key_seen_ = now;
  key_revision_ = revision;
  key_taken_ = r && !r->instance.starts_with(settings_.process + ".");
  const bool present = r && r->instance == instance_;
  // No key at all is a store that lost everything, which nobody can have used to evict us.
  if (joined_ && !present && revision != 0) {
    lose_session();
  } else if (joined_ && revision == 0) {
    store_lost(now);
  }
}

void shard_machine::take_lease(const symbol& s, const std::optional<lease_record>& r, std::uint64_t revision,
                               bool read) {
  lease& l = leases_[s];
  if (!read && revision <= l.revision) return;
  l = {r, revision};
  const bool names_us = r && r->instance == instance_;
  const auto at = mine_.find(s);
  if (at == mine_.end()) {
    // A write whose answer was lost.
    if (names_us) mine_[s] = {.at = phase::releasing, .revision = revision, .keyed = true};
    return;
  }
  own& o = at->second;
  if (names_us) {
    o.keyed = true;
    o.revision = revision;
  } else if (o.keyed || (revision != 0 && o.at != phase::acquiring)) {
    o.keyed = false;
    o.lost = true;
  }
}

void shard_machine::take_symbol(const symbol& s, bool listed) {
  const bool changed = listed ? registry_.insert(s).second : registry_.erase(s) > 0;
  registry_changed_ = registry_changed_ || changed;
}

void shard_machine::store_lost(steady_instant now) {
  leases_.clear();
  for (auto& [s, o] : mine_) {
    o.keyed = false;
    o.revision = 0;
  }
  // Others write their keys again; until then they are as alive as before.
  for (auto& [ordinal, m] : members_) {
    m.revision = 0;
    m.changed = now;
  }
}

// ---- the session ----

/// What was held belongs to an instance that is no more.
void shard_machine::lose_session() {
  instance_ = settings_.process + "." + std::to_string(++sessions_);
  joined_ = settled_ = false;
  valid_until_ = steady_instant::min();
  wanted_since_.clear();
  for (auto at = mine_.begin(); at != mine_.end();) {
    own& o = at->second;
    if (o.keyed && (o.at == phase::starting || o.at == phase::running)) ++stats_.leases_lost;
    o.keyed = false;
    o.lost = true;
    at = o.at == phase::acquiring || o.at == phase::releasing ? mine_.erase(at) : std::next(at);
  }
}

void shard_machine::keep_session(steady_instant now, actions& out) {
  if (joined_ && now >= valid_until_) {
    ++stats_.self_fences;
    lose_session();
  }
  if (key_busy_ || now < retry_at_) return;
  if (key_unknown_) {
    key_busy_ = true;
    out.push_back({.what = kind::read_member, .at = now, .ordinal = settings_.ordinal});
    return;
  }
  const bool may_join = !key_taken_ || now - key_seen_ >= settings_.lease;
  if (joined_ ? now - beat_at_ >= settings_.lease / 3 : may_join)
    write_own_key(encode(member_record{instance_, ++beats_}), now, out);
}

void shard_machine::leave_session(steady_instant now, actions& out) {
  if (!mine_.empty()) return keep_session(now, out);
  if (!joined_ || key_busy_ || now < retry_at_) return;
  write_own_key(std::string(nobody), now, out);
}

void shard_machine::write_own_key(std::string value, steady_instant now, actions& out) {
  key_busy_ = true;
  beat_at_ = now;
  out.push_back({.what = kind::write_member,
                 .at = now,
                 .ordinal = settings_.ordinal,
                 .value = std::move(value),
                 .revision = key_revision_});
}

void shard_machine::done_own_key(const shard_action& a, shard_outcome how, std::uint64_t revision, steady_instant now) {
  key_busy_ = false;
  if (how == shard_outcome::unreachable) retry_at_ = now + settings_.lease / 12;
  if (how == shard_outcome::wrong_revision) key_unknown_ = true;
  if (how != shard_outcome::done || a.what == kind::read_member) return;
  key_revision_ = revision;
  key_taken_ = false;
  const auto written = decode_member(a.value);
  if (!written) {  // left
    joined_ = false;
    valid_until_ = steady_instant::min();
    return;
  }
  if (written->instance != instance_) return;  // of a session that was lost meanwhile
  if (!joined_) joined_at_ = now;
  joined_ = true;
  valid_until_ = a.at + settings_.lease - settings_.lease / 5;
}

// ---- the others ----

void shard_machine::read_again(steady_instant now, actions& out) {
  for (const std::uint32_t ordinal : std::exchange(reread_members_, {}))
    out.push_back({.what = kind::read_member, .at = now, .ordinal = ordinal});
  for (const symbol& s : std::exchange(reread_leases_, {}))
    out.push_back({.what = kind::read_lease, .at = now, .name = s});
}

/// Says "nobody" for who was silent for a lease; refused when they were not.
void shard_machine::evict(steady_instant now, actions& out) {
  if (!joined_ || leaving_) return;
  for (const auto& [ordinal, m] : members_) {
    if (m.instance.empty() || live(m, now)) continue;
    auto& again = evict_again_[ordinal];
    if (now < again) continue;
    again = now + settings_.lease / 3;
    out.push_back({.what = kind::write_member,
                   .at = now,
                   .ordinal = ordinal,
                   .value = std::string(nobody),
                   .revision = m.revision});
  }
}

void shard_machine::done_eviction(const shard_action& a, shard_outcome how, std::uint64_t revision,
                                  steady_instant now) {
  if (how == shard_outcome::wrong_revision) reread_members_.insert(a.ordinal);
  if (how != shard_outcome::done) return;
  ++stats_.evictions;
  members_[a.ordinal] = {.instance = {}, .revision = revision, .changed = now};
}

/// A start of all at once begins when all are there, so that symbols do not move again and again.
void shard_machine::settle(steady_instant now) {
  if (!joined_ || settled_) return;
  std::size_t there = 1;
  for (const auto& [ordinal, m] : members_) there += live(m, now) ? 1 : 0;
  settled_ = there >= settings_.expected || now - joined_at_ >= settings_.lease;
}

void shard_machine::assign(steady_instant now) {
  std::vector<std::uint32_t> there;
  for (const auto& [ordinal, m] : members_)
    if (live(m, now)) there.push_back(ordinal);
  there.insert(std::ranges::lower_bound(there, settings_.ordinal), settings_.ordinal);
  if (!std::exchange(registry_changed_, false) && there == live_) return;
  live_ = std::move(there);
  assigned_.clear();
  second_.clear();
  const auto word = [](std::uint32_t ordinal) { return std::to_string(ordinal); };
  for (const symbol& s : registry_) {
    const std::uint32_t owner = *rendezvous(s.str(), live_, word);
    if (owner == settings_.ordinal) assigned_.insert(s);
    if (!settings_.standby || owner == settings_.ordinal) continue;
    std::vector<std::uint32_t> others(live_);
    std::erase(others, owner);
    if (*rendezvous(s.str(), others, word) == settings_.ordinal) second_.insert(s);
  }
  std::erase_if(wanted_since_, [this](const auto& w) { return !assigned_.contains(w.first); });
}

// ---- symbols ----

std::vector<shard_action> shard_machine::tick(steady_instant now) {
  actions out;
  more_ = false;
  leaving_ ? leave_session(now, out) : keep_session(now, out);
  read_again(now, out);
  evict(now, out);
  settle(now);
  assign(now);
  for (auto at = mine_.begin(); at != mine_.end();) {
    const auto here = at++;
    look_after(here->first, here->second, now, out);
    if (here->second.at == phase::releasing && !here->second.keyed && !here->second.waiting) mine_.erase(here);
  }
  acquire(now, out);
  stand_by(now, out);
  count(now);
  return out;
}

/// The next step of one symbol.
void shard_machine::look_after(const symbol& s, own& o, steady_instant now, actions& out) {
  const bool runs = o.at == phase::starting || o.at == phase::running;
  if (runs && (o.lost || !wanted(s))) {
    // Even while it is being started: whoever starts it then stops it.
    o.at = phase::stopping;
    o.waiting = true;
    out.push_back({.what = kind::stop, .at = now, .name = s, .graceful = !o.lost});
    return;
  }
  if (o.waiting || now < o.again) return;
  if (o.at == phase::acquiring && o.keyed) o.at = phase::starting;
  switch (o.at) {
    case phase::starting:
      o.waiting = true;
      out.push_back({.what = kind::start, .at = now, .name = s, .revision = o.revision});
      return;
    case phase::running:
      // The store had lost it.
      if (!o.keyed) write_lease(s, o, encode(lease_record{settings_.ordinal, instance_}), now, out);
      return;
    case phase::releasing:
      if (o.keyed) write_lease(s, o, std::string(nobody), now, out);
      return;
    case phase::acquiring:
    case phase::stopping:
      return;
  }
}

void shard_machine::write_lease(const symbol& s, own& o, std::string value, steady_instant now, actions& out) {
  o.waiting = true;
  const auto known = leases_.find(s);
  shard_action a{.what = kind::write_lease, .at = now, .name = s, .value = std::move(value)};
  if (known != leases_.end()) {
    a.revision = known->second.revision;
    const auto& holder = known->second.holder;
    if (holder && holder->instance != instance_) a.before = holder;
  }
  out.push_back(std::move(a));
}

void shard_machine::acquire(steady_instant now, actions& out) {
  if (leaving_ || !joined_ || !settled_) return;
  std::size_t taken = 0;
  for (const symbol& s : assigned_) {
    if (mine_.contains(s)) continue;
    wanted_since_.try_emplace(s, now);
    const auto alone = left_alone_until_.find(s);
    if (alone != left_alone_until_.end() && now < alone->second) continue;
    const auto known = leases_.find(s);
    const auto holder = known == leases_.end() ? std::nullopt : known->second.holder;
    if (holder && holder->instance != instance_ && holder->ordinal != settings_.ordinal) {
      const auto m = members_.find(holder->ordinal);
      if (m != members_.end() && m->second.instance == holder->instance) continue;  // until it leaves or is evicted
    }
    if (mine_.size() >= settings_.held_max) return;
    if (++taken > settings_.acquisitions_max) {
      more_ = true;
      return;
    }
    left_alone_until_.erase(s);
    write_lease(s, mine_[s], encode(lease_record{settings_.ordinal, instance_}), now, out);
  }
}

/// A worker that stands by is there before its symbol is taken, and until that has been done: start() finds it.
void shard_machine::stand_by(steady_instant now, actions& out) {
  for (auto& [s, w] : warm_) {
    const bool kept = joined_ && !leaving_ && (second_.contains(s) || assigned_.contains(s));
    if (w.waiting || kept) continue;
    w.waiting = true;
    out.push_back({.what = kind::unfollow, .at = now, .name = s});
  }
  if (leaving_ || !joined_ || !settled_) return;
  std::size_t taken = 0;
  for (const symbol& s : second_) {
    if (mine_.contains(s) || warm_.contains(s)) continue;
    const auto again = follow_again_.find(s);
    if (again != follow_again_.end() && now < again->second) continue;
    if (warm_.size() >= settings_.held_max) return;
    if (++taken > settings_.acquisitions_max) {
      more_ = true;
      return;
    }
    follow_again_.erase(s);
    warm_[s] = {};
    out.push_back({.what = kind::follow, .at = now, .name = s});
  }
}

void shard_machine::followed(const symbol& s, bool well, steady_instant now) {
  const auto at = warm_.find(s);
  if (at == warm_.end()) return;
  at->second.waiting = false;
  if (well) return;
  warm_.erase(at);
  follow_again_[s] = now + settings_.lease;
}

void shard_machine::done(const shard_action& a, shard_outcome how, std::uint64_t revision, steady_instant now) {
  switch (a.what) {
    case kind::write_member:
    case kind::read_member:
      if (a.ordinal == settings_.ordinal) return done_own_key(a, how, revision, now);
      if (a.what == kind::write_member) return done_eviction(a, how, revision, now);
      if (how == shard_outcome::unreachable) reread_members_.insert(a.ordinal);
      return;
    case kind::read_lease:
      if (how == shard_outcome::unreachable) reread_leases_.insert(a.name);
      return;
    case kind::write_lease:
      return done_lease(a, how, revision, now);
    case kind::start:
    case kind::stop:
    case kind::follow:
    case kind::unfollow:
      return;
  }
}

void shard_machine::done_lease(const shard_action& a, shard_outcome how, std::uint64_t revision, steady_instant now) {
  const auto record = decode_lease(a.value);  // nothing: given back
  if (how == shard_outcome::done) leases_[a.name] = {record, revision};
  const auto at = mine_.find(a.name);
  if (at == mine_.end() || !at->second.waiting) return;
  own& o = at->second;
  // Meanwhile it may have been told to stop: that goes on.
  if (o.at != phase::stopping) o.waiting = false;
  if (how == shard_outcome::done) {
    if (!record) {
      ++stats_.handovers;
      mine_.erase(at);
    } else if (record->instance == instance_ && !o.lost) {
      o.keyed = true;
      o.revision = revision;
    } else if (o.at == phase::acquiring) {
      mine_.erase(at);
    }
    return;
  }
  // It may have been written all the same.
  reread_leases_.insert(a.name);
  if (how == shard_outcome::occupied && a.before) reread_members_.insert(a.before->ordinal);
  o.again = now + settings_.lease / 12;
  if (o.at != phase::acquiring) return;
  left_alone_until_[a.name] = o.again;
  mine_.erase(at);
}

void shard_machine::started(const symbol& s, steady_instant now) {
  warm_.erase(s);
  const auto at = mine_.find(s);
  if (at == mine_.end() || at->second.at != phase::starting) return;
  at->second.at = phase::running;
  at->second.waiting = false;
  ++stats_.takeovers;
  if (const auto since = wanted_since_.extract(s)) takeover_times_.push_back(now - since.mapped());
}

void shard_machine::failed(const symbol& s, steady_instant now) {
  warm_.erase(s);
  const auto at = mine_.find(s);
  if (at == mine_.end() || at->second.at != phase::starting) return;
  at->second.at = phase::releasing;
  at->second.waiting = false;
  left_alone_until_[s] = now + settings_.lease;
}

void shard_machine::stopped(const symbol& s) {
  const auto at = mine_.find(s);
  if (at == mine_.end() || at->second.at != phase::stopping) return;
  if (!at->second.keyed) {
    mine_.erase(at);
    return;
  }
  at->second.at = phase::releasing;
  at->second.waiting = false;
}

bool shard_machine::holds(const symbol& s) const {
  const auto at = mine_.find(s);
  return at != mine_.end() && !at->second.lost && at->second.at != phase::acquiring &&
         at->second.at != phase::releasing;
}

void shard_machine::count(steady_instant now) {
  stats_.members = joined_ ? 1 : 0;
  for (const auto& [ordinal, m] : members_) stats_.members += live(m, now) ? 1 : 0;
  stats_.symbols = registry_.size();
  stats_.held = static_cast<std::size_t>(std::ranges::count_if(mine_, [](const auto& o) { return o.second.keyed; }));
  stats_.standbys =
      static_cast<std::size_t>(std::ranges::count_if(warm_, [](const auto& w) { return !w.second.waiting; }));
  stats_.joined = joined_;
  stats_.settled = settled_;
}

}  // namespace isobar::service
