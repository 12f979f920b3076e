#pragma once
// A session of one symbol as what each of its inputs says, and engines that hear it in any interleaving.

#include <functional>
#include <random>

#include "core/archive.hpp"
#include "gamma-fuel/domain/board_fixture.hpp"
#include "gamma-fuel/domain/gamma_engine.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "gamma-fuel/domain/profile_archive.hpp"

namespace isobar::gamma_fuel::testing {

/// Everything given, as bytes, by kind and in order.
struct given {
  std::vector<std::string> profiles, sets, signals, alerts;
  bool operator==(const given&) const = default;
};

class recording_sink final : public gamma_sink {
 public:
  void on_profile(const gex_profile& p) override {
    gex_profile copy = p;
    std::string bytes;
    archive_writer a(bytes);
    profile_archive<archive_writer>{a}(copy);
    all.profiles.push_back(std::move(bytes));
    ends.push_back(p.end);
    last = p;
  }
  void on_levels(const level_set_input& set) override {
    std::string text = std::to_string(set.effective.ns);
    for (const auto& l : set.levels) text += " " + l.id + "=" + std::to_string(l.price.value);
    all.sets.push_back(std::move(text));
  }
  void on_signals(const level_signals& s) override {
    all.signals.push_back(saved(s));
    ticks.push_back(s.as_of);
    newest = s;
  }
  void on_alert(const alert& a) override {
    all.alerts.push_back(std::to_string(a.as_of.ns) + " " + std::string(name_of(a.kind)) + " " + a.level + " " +
                         a.text);
  }

  given all;
  std::vector<timestamp> ends, ticks;
  gex_profile last;
  level_signals newest;
};

/// One thing that an input says, or how far it has come.
using saying = std::function<void(gamma_engine&)>;

inline gamma_config es_config() {
  gamma_config c;  // ES read from SPX
  c.volume = volume_source::options;
  return c;
}

inline constexpr std::array all_inputs{input::chain,  input::flow,   input::rows,  input::quotes,
                                       input::trades, input::levels, input::volume};

/// An engine that waits for every input of `all_inputs`.
inline std::unique_ptr<gamma_engine> engine_of(const gamma_config& c, bool live = false, merge_limits limits = {}) {
  auto e = std::make_unique<gamma_engine>(c, live, limits);
  for (const input i : all_inputs) e->require(i, true);
  return e;
}

/// A seeded session of `seconds_long`: 24 contracts, quotes that follow the spot, trades, an ES market 30 points above,
/// readings of the radar, and a silence of a minute in the middle.
class session {
 public:
  session(std::uint64_t seed, int seconds_long) : random_(seed) {
    make_chain();
    double spot = 5'000;
    for (int i = 0; i < seconds_long * 5; ++i) {
      const bool behind = i >= seconds_long * 5 / 2;
      const timestamp end = morning + milliseconds(200 * (i + 1)) + seconds(behind ? 60 : 0);
      spot += 0.25 * static_cast<double>(below(9)) - 1;
      make_window(end, spot);
      make_market(end, spot);
    }
    for (auto& [from, said] : said_) {
      (void)from;
      said.push_back([from = from](gamma_engine& e) { e.watermark(from, end_of_time); });
    }
  }
  /// By input, in the order in which it says it.
  const std::map<input, std::vector<saying>>& said() const { return said_; }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  void say(input from, saying s) { said_[from].push_back(std::move(s)); }

  void make_chain() {
    const timestamp at = morning - duration_ns{1};
    for (int k = 4'970; k <= 5'025; k += 5) {
      for (const market::right r : {call, put}) {
        const auto id = contract(k, r);
        const int lots = below(4) == 0 ? -1 : below(5'000);  // some state no open interest
        const double mid = 1 + std::max(0.0, r == call ? 5'000.0 - k : k - 5'000.0) + 8;
        say(input::chain, [=](gamma_engine& e) {
          const contract_number n = e.list(input::chain, at, id);
          const std::array events{quote(n, mid - 0.1, mid + 0.1, at), interest(n, lots, at)};
          e.take(input::chain, at, events);
        });
        contracts_.push_back(id);
      }
    }
    say(input::chain, [=](gamma_engine& e) {
      e.take(input::chain, at, underlying_quote{at, points(5'000), points(5'000), true});
      e.watermark(input::chain, morning + seconds(100'000));
    });
  }

  void make_window(timestamp end, double spot) {
    const timestamp at = end - duration_ns{1};
    for (int i = below(4); i > 0; --i) {
      const auto id = contracts_[static_cast<std::size_t>(below(static_cast<int>(contracts_.size())))];
      const double inner = to_double(id.id.strike) - spot;
      const double mid = 9 + std::max(0.0, id.id.right == call ? -inner : inner) + 0.1 * below(5);
      const timestamp ts = end - milliseconds(1 + below(199));
      say(input::rows, [=](gamma_engine& e) {
        const contract_number n = e.list(input::rows, at, id);
        const std::array events{quote(n, mid - 0.1, mid + 0.1, ts)};
        e.take(input::rows, at, events);
      });
    }
    say(input::rows, [=](gamma_engine& e) {
      e.take(input::rows, at, underlying_quote{at, points(spot), points(spot), true});
      e.watermark(input::rows, end);
    });
    for (int i = below(3); i > 0; --i) {
      const auto id = contracts_[static_cast<std::size_t>(below(static_cast<int>(contracts_.size())))];
      option_event t = trade(0, 1 + below(50), end - milliseconds(1 + below(199)));
      t.aggressor = below(2) ? market::book_side::bid : market::book_side::ask;
      say(input::flow, [=](gamma_engine& e) mutable {
        t.contract = e.list(input::flow, at, id);
        e.take(input::flow, at, {&t, 1});
      });
    }
    say(input::flow, [=](gamma_engine& e) { e.watermark(input::flow, end); });
    const auto traded = static_cast<std::uint64_t>(below(200));
    say(input::volume, [=](gamma_engine& e) {
      e.take_volume(at, points(spot), traded);
      e.watermark(input::volume, end);
    });
  }

  void make_market(timestamp end, double spot) {
    timestamp t = end - milliseconds(200);
    for (int i = 0; i < 3; ++i) {
      t = t + milliseconds(below(60));
      const double bid = spot + 30 + 0.25 * below(4);
      say(input::quotes, [=](gamma_engine& e) {
        e.take_symbol(underlying_quote{t, points(bid), points(bid + 0.25), true});
        e.watermark(input::quotes, t);
      });
      const std::uint32_t lots = static_cast<std::uint32_t>(1 + below(20));
      say(input::trades, [=](gamma_engine& e) {
        e.take_symbol(underlying_trade{.ts_event = t, .price = points(bid), .size = lots});
        e.watermark(input::trades, t);
      });
    }
    const timestamp as_of{floor_div(end.ns, milliseconds(250).value) * milliseconds(250).value};
    if (as_of <= states_at_) return;
    states_at_ = as_of;
    level_states s{.as_of = as_of, .trusted = true, .levels = {}};
    s.levels.push_back({.id = "VWAP", .price = points(spot + 30), .state = barrier::vacuum});
    s.levels.back().barrier_confidence = 0.5;
    say(input::levels, [=](gamma_engine& e) {
      e.take(s);
      e.watermark(input::levels, as_of);
    });
  }

  std::mt19937_64 random_;
  std::vector<option_contract> contracts_;
  std::map<input, std::vector<saying>> said_;
  timestamp states_at_ = start_of_time;
};

/// How an engine hears a session: which input says how much at a time, and what happens between.
struct hearing {
  std::uint64_t seed = 0;
  int at_once_max = 8;  ///< sayings of one input in a row
  bool saves = false;   ///< now and then goes on in another engine, restored from the first
};

inline given hear(const session& s, const gamma_config& c, const hearing& how) {
  std::mt19937_64 random(how.seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  auto engine = engine_of(c);
  recording_sink sink;
  std::map<input, std::size_t> at;
  std::vector<input> left(all_inputs.begin(), all_inputs.end());
  while (!left.empty()) {
    const std::size_t pick = below(left.size());
    const auto& said = s.said().at(left[pick]);
    std::size_t& next = at[left[pick]];
    for (std::size_t n = 1 + below(static_cast<std::size_t>(how.at_once_max)); n > 0 && next < said.size(); --n)
      said[next++](*engine);
    if (next == said.size()) left.erase(left.begin() + static_cast<std::ptrdiff_t>(pick));
    if (below(2) == 0) engine->advance(start_of_time, sink);
    if (how.saves && below(40) == 0) {
      std::string bytes;
      engine->save(bytes);
      engine = engine_of(c);
      if (!engine->restore(bytes)) return {};
    }
  }
  engine->advance(start_of_time, sink);
  return sink.all;
}

}  // namespace isobar::gamma_fuel::testing
