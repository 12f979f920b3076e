#pragma once
#include <rapidcheck.h>

#include "market/model_rows.hpp"
#include "market/numeric_surface.hpp"
#include "market/option_chain.hpp"
#include "wire/epoch_codec.hpp"

/// Random domain values for the codecs' tests: everything a codec promises to carry, with the awkward corners.
namespace isobar::wire::gen {

inline const timestamp noon{1'766'150'000'000'000'000};

inline std::int64_t in(std::int64_t low, std::int64_t high) {
  return *rc::gen::resize(100, rc::gen::inRange(low, high));
}

inline price any_price() { return in(0, 5) == 0 ? market::no_price : price(in(0, 100'000) * 10'000'000); }
inline timestamp any_time() { return in(0, 6) == 0 ? start_of_time : noon + milliseconds(in(-100'000, 1)); }

inline market::contract_state any_state(bool with_sequence) {
  market::contract_state s;
  s.bid = any_price();
  s.ask = any_price();
  s.last = any_price();
  s.bid_size = quantity(in(0, 1000));
  s.ask_size = quantity(in(0, 1000));
  s.last_size = quantity(in(0, 1000));
  s.ts_quote = any_time();
  s.ts_trade = any_time();
  s.quote_sequence = with_sequence ? static_cast<std::uint64_t>(in(0, 1'000'000)) : 0;
  s.volume = quantity(in(-1, 50));
  s.open_interest = quantity(in(-1, 50));
  if (in(0, 2)) s.implied_volatility = 0.01 * static_cast<double>(in(0, 90));
  if (in(0, 2)) s.gamma = 0.0001 * static_cast<double>(in(0, 90));
  return s;
}

inline isobar::symbol any_symbol() { return *symbol::parse(in(0, 2) ? "SPX" : "I:SPX"); }

inline market::quality any_quality() { return static_cast<market::quality>(in(1, 7)); }

inline frame_info any_info() {
  return {.producer = "test-service",
          .sequence = static_cast<std::uint64_t>(in(1, 1'000'000)),
          .ts_first = noon,
          .ts_last = noon + seconds(1),
          .quality = any_quality(),
          .watermark = noon + seconds(in(0, 100))};
}

/// Trades of a window that ends at `end`, in their order; some late, some of one instant, some without a quote.
inline std::vector<market::option_print> any_prints(timestamp end) {
  std::vector<market::option_print> out;
  timestamp ts = end - milliseconds(in(0, 400));
  market::contract_index contract = 0;
  for (auto n = in(0, 3) ? in(0, 12) : 0; n > 0; --n) {
    if (in(0, 3)) {
      ts = ts + duration_ns{in(1, 10'000'000)};
      contract = static_cast<market::contract_index>(in(0, 9000));
    } else {
      contract += static_cast<market::contract_index>(in(0, 3));
    }
    out.push_back({contract, ts, price(in(0, 100'000) * 10'000'000), quantity(in(0, 1000)), any_price(), any_price()});
  }
  return out;
}

inline market::frozen_window any_window() {
  market::frozen_window w;
  w.symbol = any_symbol();
  w.epoch = static_cast<std::uint64_t>(in(0, 9));
  w.sequence = static_cast<std::uint64_t>(in(1, 1'000'000));
  w.start = noon;
  w.end = noon + milliseconds(200);
  w.base = in(0, 2) == 1;
  w.spot = in(0, 3) ? price(in(1, 7'000'000) * 1'000'000) : market::no_price;
  w.ts_chain = any_time();
  w.quality = any_quality();
  market::contract_index index = static_cast<market::contract_index>(in(0, 1000));
  for (auto n = in(0, 20); n > 0; --n) {
    const auto traded = quantity(in(0, 4) ? 0 : in(0, 100));
    w.rows.push_back({.contract = index, .state = any_state(true), .traded = traded});
    index += static_cast<market::contract_index>(in(1, 5000));
  }
  w.prints = any_prints(w.end);
  w.prints_dropped = in(0, 4) ? 0 : static_cast<std::uint32_t>(in(0, 100'000));
  return w;
}

inline market::chain_snapshot any_chain() {
  market::chain_snapshot c;
  c.symbol = any_symbol();
  c.source = "sim";
  c.ts_event = noon;
  c.spot = in(0, 3) ? price(in(1, 7'000'000) * 1'000'000) : market::no_price;
  auto day = *from_yyyymmdd(20251219);
  for (auto n = in(0, 4); n > 0; --n) {
    market::expiry_chain e{.key = {.expiry = day, .root = in(0, 2) ? "SPX" : "SPXW"},
                           .settles = in(0, 2) ? market::settlement::am : market::settlement::pm,
                           .settles_at = noon + seconds(in(0, 1'000'000)),
                           .multiplier = in(1, 200),
                           .atm = strike(in(0, 7000) * nanos_per_unit),
                           .half_range = strike_width(in(0, 300) * nanos_per_unit),
                           .contracts = {}};
    auto k = in(1, 7000) * 500'000'000;
    for (auto m = in(0, 12); m > 0; --m, k += in(1, 30) * 500'000'000)
      for (int r = 0; r < 2; ++r)
        if (in(0, 8))
          e.contracts.push_back(
              {.strike = strike(k), .right = static_cast<market::right>(r), .state = any_state(false)});
    c.expiries.push_back(std::move(e));
    day = day + static_cast<std::int32_t>(in(1, 5));
  }
  return c;
}

inline epoch_record any_epoch() {
  epoch_record r;
  auto& e = r.epoch;
  e.symbol = any_symbol();
  e.previous = static_cast<std::uint64_t>(in(0, 9));
  e.id = e.previous + 1;
  e.effective_from = noon;
  e.state = static_cast<enum market::epoch::state>(in(1, 4));
  for (int reason = 1; reason <= 5; ++reason)
    if (in(0, 2)) e.reasons.push_back(static_cast<enum market::epoch::reason>(reason));
  e.board.symbol = e.symbol;
  for (const auto& chain : any_chain().expiries) {
    market::expiry_plane p;
    p.key = chain.key;
    p.settles = chain.settles;
    p.settles_at = chain.settles_at;
    p.multiplier = chain.multiplier;
    for (const auto& c : chain.contracts) {
      if (p.strikes.empty() || p.strikes.back() != c.strike) {
        p.strikes.push_back(c.strike);
        p.listed.push_back(0);
      }
      p.listed.back() = static_cast<std::uint8_t>(p.listed.back() | (1u << static_cast<unsigned>(c.right)));
    }
    e.board.planes.push_back(std::move(p));
    r.windows.push_back({chain.atm, chain.half_range});
  }
  for (std::int64_t w = 5; w < 30; w += in(1, 20)) e.board.widths.emplace_back(w * nanos_per_unit);
  e.board.finish();
  e.hash = e.board.hash();
  if (in(0, 3) == 0) r.missing_acks = {"heatmap-builder"};
  return r;
}

inline market::numeric_delta any_numeric() {
  market::numeric_delta d;
  d.symbol = any_symbol();
  d.surface = "heatmap.gradient";
  d.plane = "SPXW-20251219";
  d.epoch = static_cast<std::uint64_t>(in(0, 9));
  d.revision = static_cast<std::uint64_t>(in(0, 1'000'000));
  d.window_end = noon;
  d.base = in(0, 2) == 1;
  d.value_unit = 0.01;
  std::uint32_t cell = static_cast<std::uint32_t>(in(0, 9));
  for (auto n = in(0, 20); n > 0; --n, cell += static_cast<std::uint32_t>(in(1, 100))) {
    if (in(0, 4)) {
      d.cells.push_back(cell);
      d.values.push_back(in(-1'000'000, 1'000'000));
    } else {
      d.removed.push_back(cell);
    }
  }
  return d;
}

/// Every proper prefix and single-byte corruption must be refused or decode to something; nothing may crash. Returns
/// how many were refused.
template <class Decode>
int survive(const std::string& bytes, Decode decode) {
  int refused = 0;
  for (std::size_t n = 0; n < bytes.size(); ++n) refused += decode(std::string_view(bytes).substr(0, n)) ? 0 : 1;
  std::string bent = bytes;
  for (std::size_t i = 0; i < bent.size(); ++i) {
    for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
      bent[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ flip);
      refused += decode(std::string_view(bent)) ? 0 : 1;
    }
    bent[i] = bytes[i];
  }
  return refused;
}

}  // namespace isobar::wire::gen
