#include "gamma-fuel/actors/gamma_desk.hpp"

#include <algorithm>

#include "gamma-fuel/transport/level_states_decoder.hpp"
#include "telemetry/log.hpp"
#include "wire/chain_codec.hpp"
#include "wire/model_codec.hpp"

namespace isobar::gamma_fuel {
namespace {

const telemetry::logger& log() {
  static const telemetry::logger l("gamma-fuel");
  return l;
}

std::unique_ptr<gamma_recorder> make_recorder(const gamma_link& link) {
  if (!link.configured.record) return nullptr;
  return std::make_unique<gamma_recorder>(link.folder, service::session_rule{link.configured.session_start_minutes});
}

/// radar-physics asks for what it lacks in replay only.
std::size_t bytes_kept(const gamma_link& link) {
  if (link.live || !link.plan.future || !link.plan.side_radar) return 0;
  return static_cast<std::size_t>(link.configured.kept_bytes_max);
}

/// The latest time of the rows; 0: none.
template <class Rows>
timestamp newest_of(const Rows& rows) {
  timestamp out{0};
  for (const auto& row : rows) out = std::max(out, row.ts_event);
  return out;
}

symbol options_of(const gamma_link& link) { return link.plan.options.chains.value_or(link.name); }

}  // namespace

gamma_desk::gamma_desk(gamma_link& link)
    : link_(link),
      mark_(link.folder / "given.mark"),
      output_({link.bus, link.venue, link.name, *link.store, link.measured, make_recorder(link), link.given,
               link.live ? &mark_ : nullptr, bytes_kept(link)},
              link.plan.rules),
      file_(link.folder, "gamma"),
      users_(link.folder, "levels") {
  make_engine();
}

void gamma_desk::make_engine() {
  engine_ = std::make_unique<gamma_engine>(link_.plan.rules, link_.live, link_.configured.queues());
  inputs_ = std::make_unique<option_inputs>(*engine_, options_of(link_));
  output_.attach(*engine_);
  require_inputs();
}

/// What is subscribed to is waited for: what comes out must not depend on which input is heard first.
void gamma_desk::require_inputs() {
  const symbol_plan& p = link_.plan;
  const bool chains = p.options.chains.has_value();
  engine_->require(input::chain, chains && p.side_chain);
  engine_->require(input::rows, chains && p.side_rows);
  engine_->require(input::flow, chains && p.side_flow);
  engine_->require(input::volume, p.side_volume);
  engine_->require(input::option_feed, p.options.feed.has_value());
  engine_->require(input::quotes, p.future);
  engine_->require(input::trades, p.future);
  engine_->require(input::levels, p.side_radar);
}

void gamma_desk::begin() {
  file_.remove();
  link_.store->clear();
  if (link_.lives <= 1) mark_.remove();
  output_.resume({});
  load_user_levels();
}

// ---- sequences ----

void gamma_desk::lose(input from) {
  link_.measured.gaps.add();
  of(from).gap = true;
  if (from == input::rows) lost_ = true;
  mark_gap(from, start_of_time);
}

void gamma_desk::kept_from(std::size_t line, std::uint64_t sequence) {
  if (!followed() || !follower(line).kept_from(sequence)) return;
  if (line == epoch_line) return;  // the store has them all
  log().warn("frames are kept no more symbol=" + link_.name.str() +
             " input=" + std::string(name_of(static_cast<input>(line))) + " first=" + std::to_string(sequence));
  lose(static_cast<input>(line));
}

void gamma_desk::skip(std::size_t line, std::uint64_t sequence) {
  if (followed() && follower(line).next() != sequence) return;
  link_.measured.frames_skipped.add();
  log().error("frame passed over symbol=" + link_.name.str() + " line=" + std::to_string(line) +
              " sequence=" + std::to_string(sequence));
  if (!followed()) return;  // the next one shows a gap
  follower(line).resume_after(sequence);
  if (line != epoch_line) lose(static_cast<input>(line));
}

std::uint64_t gamma_desk::durable(std::size_t line) const {
  // The older checkpoint must be able to stand in for the newest one.
  return durable_[1][line];
}

bool gamma_desk::follow(input from, const wire::frame_info& header) {
  if (again_) return true;
  input_line& l = of(from);
  l.anew = header.heartbeat && header.sequence == 0;
  if (followed()) {
    switch (follower(static_cast<std::size_t>(from)).observe(header.sequence, header.heartbeat)) {
      case service::frame_follower::verdict::repeat:
      case service::frame_follower::verdict::early:
        return false;
      case service::frame_follower::verdict::gap:
        lose(from);
        break;
      case service::frame_follower::verdict::next:
        break;
    }
    if (!header.heartbeat) l.last = header.sequence;
    return true;
  }
  switch (l.sequence.observe(header.sequence, header.heartbeat)) {
    case bus::arrival::next:
      break;
    case bus::arrival::duplicate:
      if (header.heartbeat) break;
      link_.measured.rejected("duplicate").add();
      return false;
    case bus::arrival::first:
      l.gap = header.heartbeat ? header.sequence > 0 : header.sequence > 1;
      break;
    case bus::arrival::restarted:
      l.gap = true;
      if (from == input::option_feed) inputs_->forget_feed_numbers();
      break;
    case bus::arrival::gap:
      link_.measured.gaps.add();
      l.gap = true;
      break;
  }
  if (!header.heartbeat) l.last = header.sequence;
  if (l.gap && from == input::rows) lost_ = true;
  return true;
}

bool gamma_desk::believe(input from, timestamp t, const wire::frame_info& header, const bus::message& m) {
  input_line& l = of(from);
  if (header.heartbeat)
    t = header.watermark;
  else if (header.watermark != end_of_time)
    t = std::max(t, header.watermark);
  if (believed_) {
    l.time.saw(t);
    return true;
  }
  const duration_ns bound = milliseconds(link_.configured.leap_max_ms);
  switch (const auto verdict = l.time.judge(t, bound, header.heartbeat)) {
    case leap_guard::verdict::good:
      return true;
    case leap_guard::verdict::leaps:
      l.time.keep(t, m);
      l.gap_kept = std::exchange(l.gap, false);
      return false;
    case leap_guard::verdict::confirms:
    case leap_guard::verdict::contradicts: {
      const leap_guard::kept before = l.time.take();
      if (verdict == leap_guard::verdict::confirms) {
        // A gap found since is behind the frame that was kept: a base in it heals what was before.
        const bool newer = std::exchange(l.gap, l.gap_kept);
        take_again(from, before.frame, true);
        l.gap = l.gap || newer;
        if (newer && from == input::rows) lost_ = true;
      } else {
        refuse(from, "time_leap", "time " + std::to_string(before.at.ns) + " is contradicted");
        l.gap = true;
        if (from == input::rows) lost_ = true;
      }
      take_again(from, m, false);
      return false;
    }
  }
  return true;
}

void gamma_desk::take_again(input from, const bus::message& m, bool believed) {
  again_ = true;
  believed_ = believed;
  take(from, m);
  again_ = believed_ = false;
}

void gamma_desk::trust(input from, timestamp at, market::quality frame, bool base) {
  input_line& l = of(from);
  if (base) l.gap = false;
  market::quality q = frame;
  if (l.gap) q = market::worst(q, market::quality::gap);
  if (from != input::rows && from != input::option_feed) l.gap = false;
  if (frame == market::quality::synthetic) output_.set_source(market::worst(output_.source(), frame));
  const market::quality before = std::exchange(l.told, q);
  if (q == before) return;
  if (before >= market::quality::gap && q < market::quality::gap && from != input::rows) link_.measured.heals.add();
  (void)engine_->take(from, at, q);
}

void gamma_desk::mark_gap(input from, timestamp heard) {
  input_line& l = of(from);
  if (!l.gap || l.anew || l.told >= market::quality::gap) return;
  const timestamp before = engine_->watermark(from), at = before == start_of_time ? heard : before;
  if (at == start_of_time || at == end_of_time) return;  // the frame that follows says it
  l.told = market::worst(l.told, market::quality::gap);
  if (from == input::levels) return engine_->lose_levels(at);
  (void)engine_->take(from, at, l.told);
}

void gamma_desk::lose_all() {
  for (std::size_t i = 0; i < inputs; ++i) {
    if (lines_[i].last == 0 || followed()) continue;
    lines_[i].gap = true;
    if (static_cast<input>(i) == input::rows) lost_ = true;
  }
}

void gamma_desk::refuse(input from, std::string_view reason, const std::string& evidence) {
  link_.measured.rejected(reason).add();
  log().warn_limited(std::string(name_of(from)) + " " + link_.name.str(),
                     "frame refused symbol=" + link_.name.str() + " input=" + std::string(name_of(from)) +
                         " reason=" + std::string(reason) + " error=\"" + evidence + "\"");
}

// ---- frames ----

void gamma_desk::take(input from, const bus::message& m) {
  switch (from) {
    case input::chain:
      return take_chain(m);
    case input::rows:
      return take_model(from, m, rows_);
    case input::flow:
      return take_model(from, m, flow_);
    case input::volume:
      return take_volume(m);
    case input::option_feed:
      return take_options(m);
    case input::quotes:
      return take_quotes(m);
    case input::trades:
      return take_trades(m);
    case input::levels:
      return take_levels(m);
  }
}

void gamma_desk::take_chain(const bus::message& m) {
  const auto frame = wire::decode_chain(m.bytes());
  if (!frame) return refuse(input::chain, wire::to_string(frame.error().code), frame.error().evidence);
  const wire::frame_info& header = frame->header;
  if (!follow(input::chain, header) || !believe(input::chain, frame->body.ts_event, header, m)) return;
  if (!header.heartbeat) {
    if (frame->body.symbol != options_of(link_)) return refuse(input::chain, "wrong_symbol", frame->body.symbol.str());
    trust(input::chain, inputs_->chain_reach(frame->body.ts_event), header.quality, true);  // a chain is never partial
    inputs_->take(frame->body);
    newest_ = std::max(newest_, frame->body.ts_event);
  } else {
    mark_gap(input::chain, inputs_->chain_reach(header.watermark));
  }
  engine_->watermark(input::chain, inputs_->chain_reach(header.watermark));
}

template <class Rows>
void gamma_desk::take_model(input from, const bus::message& m, Rows& rows) {
  const auto header = wire::decode_model(m.bytes(), rows);
  if (!header) return refuse(from, wire::to_string(header.error().code), header.error().evidence);
  if (!header->heartbeat && rows.header.symbol != options_of(link_))
    return refuse(from, "wrong_symbol", rows.header.symbol.str());
  if (!releasing_ && !follow(from, *header)) return;  // what is held was followed when it came
  if (!releasing_ && held_epoch_) {
    (void)hold(from, m);
    return;
  }
  const bool known = header->heartbeat || inputs_->knows(rows.header.epoch) || rows.header.epoch == 0;
  if (!known && given_up_ == rows.header.epoch) return drop_unknown(from, *header);
  if (!known) {
    held_epoch_ = rows.header.epoch;
    if (!releasing_) (void)hold(from, m);
    return;
  }
  if (!believe(from, rows.header.window_end, *header, m)) return;
  if (!header->heartbeat) {
    const bool base = from == input::rows && rows.header.base;
    trust(from, rows.header.window_end - duration_ns{1}, rows.header.quality, base);
    inputs_->take(rows);
    if (given_up_ != rows.header.epoch) given_up_.reset();  // another is in force
    if (base && std::exchange(lost_, false)) link_.measured.heals.add();
    newest_ = std::max(newest_, rows.header.window_end);
    link_.measured.epoch.set(static_cast<double>(rows.header.epoch));
  } else {
    mark_gap(from, inputs_->rows_reach(header->watermark));
  }
  engine_->watermark(from, inputs_->rows_reach(header->watermark));
}

/// No contract of it is looked at, so no epoch is waited for.
void gamma_desk::take_volume(const bus::message& m) {
  const auto header = wire::decode_model(m.bytes(), volume_);
  if (!header) return refuse(input::volume, wire::to_string(header.error().code), header.error().evidence);
  if (!header->heartbeat && volume_.header.symbol != options_of(link_))
    return refuse(input::volume, "wrong_symbol", volume_.header.symbol.str());
  if (!follow(input::volume, *header) || !believe(input::volume, volume_.header.window_end, *header, m)) return;
  if (header->heartbeat) {
    mark_gap(input::volume, inputs_->rows_reach(header->watermark));
  } else {
    trust(input::volume, volume_.header.window_end - duration_ns{1}, volume_.header.quality, false);
    inputs_->take(volume_);
    newest_ = std::max(newest_, volume_.header.window_end);
  }
  engine_->watermark(input::volume, inputs_->rows_reach(header->watermark));
}

void gamma_desk::drop_unknown(input from, const wire::frame_info& header) {
  link_.measured.rejected("unknown_epoch").add();
  of(from).gap = true;
  if (from == input::rows) lost_ = true;
  const timestamp reached = inputs_->rows_reach(header.watermark);
  mark_gap(from, reached);
  engine_->watermark(from, reached);
}

void gamma_desk::give_up_epoch() {
  if (!held_epoch_) return;
  log().warn("epoch does not come: its rows are dropped symbol=" + link_.name.str() +
             " epoch=" + std::to_string(*held_epoch_) + " frames=" + std::to_string(held_.size()));
  given_up_ = held_epoch_;
  release();
}

/// Keeps the frame until its epoch is known. False: no room; everything held is given up, and a base is needed.
bool gamma_desk::hold(input from, const bus::message& m) {
  held_.emplace_back(from, m);
  if (held_.size() <= static_cast<std::size_t>(link_.configured.held_frames_max)) return true;
  link_.measured.rejected("held_overflow").add(held_.size());
  held_.clear();
  held_epoch_.reset();
  lines_[static_cast<std::size_t>(input::flow)].gap = true;
  lines_[static_cast<std::size_t>(input::rows)].gap = true;
  lost_ = true;
  return false;
}

void gamma_desk::release() {
  releasing_ = true;
  held_epoch_.reset();
  while (!held_.empty() && !held_epoch_) {
    const auto [from, m] = held_.front();
    take(from, m);
    if (!held_epoch_) held_.pop_front();  // it may be of another epoch that is not known
  }
  releasing_ = false;
}

void gamma_desk::take_epoch(const bus::message& m) {
  const auto record = wire::decode_epoch(m.bytes());
  if (!record) {
    link_.measured.rejected(wire::to_string(record.error().code)).add();
    log().warn_limited("epoch " + link_.name.str(),
                       "epoch refused symbol=" + link_.name.str() + " error=\"" + record.error().evidence + "\"");
    return;
  }
  // An epoch may be known at any time: that some are missing only means that they are asked for.
  if (followed()) (void)follower(epoch_line).observe(record->header.sequence, record->header.heartbeat);
  if (!record->header.heartbeat) learn(record->body.epoch);
}

void gamma_desk::learn(const market::epoch& e) {
  if (e.symbol != options_of(link_)) return link_.measured.rejected("wrong_symbol").add();
  inputs_->learn(e);
  if (given_up_ == e.id) given_up_.reset();
  if (held_epoch_ && inputs_->knows(*held_epoch_)) release();
}

std::optional<std::uint64_t> gamma_desk::epoch_wanted() const { return held_epoch_ ? held_epoch_ : given_up_; }

void gamma_desk::take_options(const bus::message& m) {
  const auto header = wire::decode_options(m.bytes(), option_frame_);
  if (!header) return refuse(input::option_feed, wire::to_string(header.error().code), header.error().evidence);
  if (!header->heartbeat && option_frame_.symbol != link_.plan.options.feed)
    return refuse(input::option_feed, "wrong_symbol", option_frame_.symbol.str());
  if (!follow(input::option_feed, *header) || !believe(input::option_feed, newest_of(option_frame_.events), *header, m))
    return;
  if (header->heartbeat) {
    mark_gap(input::option_feed, header->watermark);
  } else {
    if (!join_base()) return;
    timestamp at = engine_->watermark(input::option_feed);
    if (!option_frame_.events.empty()) at = std::max(at, option_frame_.events.front().ts_event);
    if (at == start_of_time && header->watermark != end_of_time) at = header->watermark;
    if (at != start_of_time && (option_frame_.base || !option_frame_.events.empty()))
      trust(input::option_feed, at, header->quality, option_frame_.base);
    inputs_->take(option_frame_);
    newest_ = std::max(newest_, header->ts_last);
  }
  if (!joining_) engine_->watermark(input::option_feed, header->watermark);
}

bool gamma_desk::join_base() {
  input_line& l = of(input::option_feed);
  wire::option_frame& f = option_frame_;
  if (f.base || l.gap)
    joining_ = f.base && f.base_continues;  // a base that has lost a frame is none: a gap until the next
  if (f.base) {
    if (!joining_) return true;
    l.gap = false;  // told as one all the same until the base is whole
    joined_ = f;
    return false;
  }
  if (!joining_) return true;
  joined_.contracts.insert(joined_.contracts.end(), f.contracts.begin(), f.contracts.end());
  joined_.events.insert(joined_.events.end(), f.events.begin(), f.events.end());
  if (joined_.contracts.size() > wire::max_listed_options) {
    joining_ = false;
    l.gap = true;
    return false;
  }
  if (f.base_continues) return false;
  joining_ = false;
  std::swap(joined_, f);
  return true;
}

void gamma_desk::take_quotes(const bus::message& m) {
  const auto header = wire::decode_quotes(m.bytes(), quotes_);
  if (!header) return refuse(input::quotes, wire::to_string(header.error().code), header.error().evidence);
  if (!header->heartbeat && quotes_.symbol != link_.name)
    return refuse(input::quotes, "wrong_symbol", quotes_.symbol.str());
  if (!follow(input::quotes, *header) || !believe(input::quotes, newest_of(quotes_.quotes), *header, m)) return;
  if (!header->heartbeat && !quotes_.quotes.empty()) {
    trust(input::quotes, quotes_.quotes.front().ts_event, header->quality, false);
    for (const market::top_quote& q : quotes_.quotes)
      if (!engine_->take_symbol(underlying_quote{q.ts_event, q.bid, q.ask, q.trusted})) of(input::quotes).gap = true;
    newest_ = std::max(newest_, quotes_.quotes.back().ts_event);
  }
  if (header->heartbeat) mark_gap(input::quotes, header->watermark);
  engine_->watermark(input::quotes, header->watermark);
}

void gamma_desk::take_trades(const bus::message& m) {
  const auto header = wire::decode_trades(m.bytes(), trades_);
  if (!header) return refuse(input::trades, wire::to_string(header.error().code), header.error().evidence);
  if (!header->heartbeat && trades_.symbol != link_.name)
    return refuse(input::trades, "wrong_symbol", trades_.symbol.str());
  if (!follow(input::trades, *header) || !believe(input::trades, newest_of(trades_.trades), *header, m)) return;
  if (!header->heartbeat && !trades_.trades.empty()) {
    trust(input::trades, trades_.trades.front().ts_event, header->quality, false);
    for (const market::trade_event& t : trades_.trades)
      if (!engine_->take_symbol(t)) of(input::trades).gap = true;
  }
  if (header->heartbeat) mark_gap(input::trades, header->watermark);
  engine_->watermark(input::trades, header->watermark);
}

void gamma_desk::take_levels(const bus::message& m) {
  auto frame = decode_level_states(m.bytes(), link_.name);
  if (!frame) return refuse(input::levels, wire::to_string(frame.error().code), frame.error().evidence);
  if (!follow(input::levels, frame->header) || !believe(input::levels, frame->body.as_of, frame->header, m)) return;
  input_line& l = of(input::levels);
  if (frame->header.heartbeat) {
    mark_gap(input::levels, frame->header.watermark);
  } else {
    if (l.gap) frame->body.quality = market::worst(frame->body.quality, market::quality::gap);
    (void)engine_->take(std::move(frame->body));
    l.gap = false;
    l.told = market::quality::ok;
  }
  engine_->watermark(input::levels, frame->header.watermark);
}

// ---- time, levels of the user's own ----

void gamma_desk::advance(timestamp clock) {
  const std::uint64_t before = engine_->counters().windows;
  const auto start = std::chrono::steady_clock::now();
  engine_->advance(clock, output_);
  const std::uint64_t built = engine_->counters().windows - before;
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (std::uint64_t i = 0; i < built; ++i) link_.measured.window_seconds.observe(took / static_cast<double>(built));
}

bool gamma_desk::add(const user_level& l) {
  if (!engine_->add(l)) return false;
  store_user_levels();
  return true;
}

bool gamma_desk::remove(std::string_view id) {
  if (!engine_->remove(id)) return false;
  store_user_levels();
  return true;
}

}  // namespace isobar::gamma_fuel
