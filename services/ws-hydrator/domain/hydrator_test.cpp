#include "ws-hydrator/domain/hydrator.hpp"

#include <gtest/gtest.h>

#include "ws-hydrator/domain/testing_market.hpp"

namespace isobar::ws_hydrator {
namespace {

using namespace ws_hydrator::testing;
using market::frozen_window;

struct harness {
  explicit harness(hydrator_options o = {})
      : h(*symbol::parse("SPX"), o, [this](const frozen_window& w) { windows.push_back(w); }) {}
  /// Board 90..110 in force from t0, nothing quoted.
  harness& with_board() {
    EXPECT_TRUE(h.apply(make_epoch(1, 90, 110, t0)));
    advance_all(t0 + duration_ns{1});
    return *this;
  }
  void advance_all(timestamp t) {
    h.advance_epochs(t);
    h.advance_chains(t);
    h.advance_quotes(t);
  }
  void send(std::vector<market::option_event> events) { h.apply(std::span<const market::option_event>(events)); }
  const market::contract_state& row(std::size_t window, market::option_id id) {
    const auto c = h.current()->find(id);
    for (const market::contract_row& r : windows.at(window).rows)
      if (r.contract == *c) return r.state;
    throw std::runtime_error("no such row");
  }

  std::vector<frozen_window> windows;
  hydrator h;
};

TEST(hydrator, says_nothing_before_the_first_epoch) {
  harness t;
  t.send({quote(contract(100), at_ms(10), 1, 1, 2)});
  t.advance_all(at_ms(1000));
  EXPECT_TRUE(t.windows.empty());
  EXPECT_EQ(t.h.closed_until(), start_of_time);
  EXPECT_EQ(t.h.queued(), 1u);
}

TEST(hydrator, begins_an_epoch_with_a_base_window_that_ends_one_width_after_it) {
  harness t;
  t.with_board();
  t.advance_all(at_ms(200));
  ASSERT_EQ(t.windows.size(), 1u);
  EXPECT_TRUE(t.windows[0].base);
  EXPECT_EQ(t.windows[0].start, t0);
  EXPECT_EQ(t.windows[0].end, at_ms(200));
  EXPECT_EQ(t.windows[0].sequence, 1u);
  EXPECT_EQ(t.h.closed_until(), at_ms(200));
}

TEST(hydrator, closes_a_window_only_when_all_three_inputs_have_passed_its_end) {
  harness t;
  t.with_board();
  t.send({quote(contract(100), at_ms(10), 1, 1, 2)});
  t.h.advance_quotes(at_ms(200));
  t.h.advance_epochs(at_ms(200));
  t.h.advance_chains(at_ms(199));
  EXPECT_TRUE(t.windows.empty());
  t.h.advance_chains(at_ms(200));
  ASSERT_EQ(t.windows.size(), 1u);
  EXPECT_EQ(t.row(0, contract(100)).bid, points(1));
}

TEST(hydrator, puts_an_event_on_a_boundary_into_the_later_window) {
  harness t;
  t.with_board();
  t.send({quote(contract(100), at_ms(199), 1, 1, 2), quote(contract(100), at_ms(200), 2, 3, 4)});
  t.advance_all(at_ms(400));
  ASSERT_EQ(t.windows.size(), 2u);
  EXPECT_EQ(t.row(0, contract(100)).bid, points(1));
  EXPECT_EQ(t.row(1, contract(100)).bid, points(3));
}

TEST(hydrator, keeps_the_newest_by_time_then_sequence_and_counts_the_rest) {
  harness t;
  t.with_board();
  t.send({quote(contract(100), at_ms(50), 7, 5, 6), quote(contract(100), at_ms(50), 6, 1, 2),
          quote(contract(100), at_ms(50), 7, 8, 9), quote(contract(100), at_ms(20), 99, 3, 4)});
  t.advance_all(at_ms(200));
  EXPECT_EQ(t.row(0, contract(100)).bid, points(5));
  EXPECT_EQ(t.h.counts().superseded, 3u);
  EXPECT_EQ(t.h.counts().applied, 1u);
}

TEST(hydrator, ranks_a_quote_over_a_chain_of_the_same_time) {
  harness t;
  t.with_board();
  const auto chain = make_chain(make_epoch(1, 90, 110, t0), at_ms(50), 100);
  t.h.apply(chain);
  t.send({quote(contract(100), at_ms(50), 0, 5, 6)});
  t.advance_all(at_ms(200));
  EXPECT_EQ(t.row(0, contract(100)).bid, points(5));
  EXPECT_EQ(t.row(0, contract(105)).bid, points(1.05));
  EXPECT_EQ(t.row(0, contract(100)).open_interest, quantity(7));
  EXPECT_EQ(t.windows[0].spot, points(100));
  EXPECT_EQ(t.windows[0].ts_chain, at_ms(50));
}

TEST(hydrator, never_invents_a_contract) {
  harness t;
  t.with_board();
  t.send({quote(contract(115), at_ms(50), 1, 5, 6),
          quote(contract(100, market::right::call, "SPX"), at_ms(50), 1, 5, 6),
          quote(contract(101), at_ms(50), 1, 5, 6)});
  t.advance_all(at_ms(200));
  EXPECT_EQ(t.h.counts().unknown, 3u);
  EXPECT_TRUE(t.windows.at(0).rows.empty());
}

TEST(hydrator, refuses_impossible_values_by_reason) {
  harness t;
  t.with_board();
  auto negative = quote(contract(100), at_ms(1), 1, -1, 2);
  auto absurd = quote(contract(100), at_ms(1), 1, 1, 2);
  absurd.ask = price(INT64_MAX - 1);
  auto nan_like = quote(contract(100), at_ms(1), 1, 1, 2);
  nan_like.bid = price(INT64_MIN);
  auto size = quote(contract(100), at_ms(1), 1, 1, 2);
  size.bid_size = quantity(2'000'000'000);
  auto negative_size = quote(contract(100), at_ms(1), 1, 1, 2);
  negative_size.ask_size = quantity(-1);
  t.send({negative, absurd, nan_like, size, negative_size, quote(contract(100), timestamp{0}, 1, 1, 2),
          quote(contract(100), end_of_time, 1, 1, 2), quote(contract(100), at_ms(1), UINT64_MAX, 1, 2)});
  const auto& refused = t.h.counts().refused;
  const auto count = [&](refusal r) { return refused[static_cast<std::size_t>(r)]; };
  EXPECT_EQ(count(refusal::negative_price), 2u);
  EXPECT_EQ(count(refusal::absurd_price), 1u);
  EXPECT_EQ(count(refusal::absurd_size), 1u);
  EXPECT_EQ(count(refusal::negative_size), 1u);
  EXPECT_EQ(count(refusal::bad_time), 2u);
  EXPECT_EQ(count(refusal::bad_sequence), 1u);
  EXPECT_EQ(t.h.counts().applied, 0u);
  t.advance_all(at_ms(200));
  EXPECT_TRUE(t.windows.at(0).rows.empty());
}

TEST(hydrator, keeps_a_crossed_quote_and_flags_the_window) {
  harness t;
  t.with_board();
  t.send({quote(contract(100), at_ms(50), 1, 3, 2)});
  t.advance_all(at_ms(200));
  EXPECT_EQ(t.windows.at(0).quality, market::quality::crossed_in_feed);
  EXPECT_TRUE(t.row(0, contract(100)).crossed());
  EXPECT_EQ(t.h.counts().crossed, 1u);
}

TEST(hydrator, emits_only_rows_that_really_changed_and_nothing_in_quiet_windows) {
  harness t;
  t.with_board();
  t.send({quote(contract(100), at_ms(50), 1, 1, 2), quote(contract(105), at_ms(50), 1, 1, 2)});
  t.send({quote(contract(105), at_ms(450), 2, 1, 3), quote(contract(100), at_ms(40), 0, 9, 9)});
  t.advance_all(at_ms(2000));
  ASSERT_EQ(t.windows.size(), 2u);
  EXPECT_EQ(t.windows[1].end, at_ms(600));
  EXPECT_EQ(t.windows[1].sequence, 2u);
  ASSERT_EQ(t.windows[1].rows.size(), 1u);
  EXPECT_EQ(t.row(1, contract(105)).ask, points(3));
  EXPECT_EQ(t.h.closed_until(), at_ms(2000));
}

TEST(hydrator, books_traded_contracts_per_window_and_a_repetition_once) {
  harness t;
  t.with_board();
  t.send({trade(contract(100), at_ms(10), 1, 1.5, 4), trade(contract(100), at_ms(20), 3, 1.6, 2),
          trade(contract(100), at_ms(15), 2, 1.4, 1), trade(contract(100), at_ms(10), 1, 1.5, 4)});
  t.send({trade(contract(100), at_ms(210), 4, 1.5, 5)});
  t.advance_all(at_ms(600));
  ASSERT_EQ(t.windows.size(), 2u);
  EXPECT_EQ(t.windows[0].rows.at(0).traded, quantity(7));
  EXPECT_EQ(t.windows[0].rows.at(0).state.last, points(1.6));
  EXPECT_EQ(t.windows[1].rows.at(0).traded, quantity(5));
  EXPECT_EQ(t.h.counts().repeated_trades, 1u);
}

TEST(hydrator, applies_a_late_event_to_state_without_touching_an_emitted_window) {
  harness t;
  t.with_board();
  t.send({quote(contract(100), at_ms(450), 1, 1, 2)});
  t.advance_all(at_ms(450));
  const auto emitted = t.windows;
  t.send({quote(contract(105), at_ms(130), 1, 3, 4)});
  t.advance_all(at_ms(600));
  EXPECT_EQ(t.h.counts().late, 1u);
  ASSERT_EQ(t.windows.size(), emitted.size() + 1);
  EXPECT_EQ(t.windows.back().end, at_ms(600));
  EXPECT_EQ(t.windows.back().rows.size(), 2u);
}

TEST(hydrator, answers_a_resync_with_a_base_at_the_next_freeze_even_after_the_end) {
  harness t;
  t.with_board();
  t.send({quote(contract(100), at_ms(10), 1, 1, 2)});
  t.advance_all(at_ms(300));
  t.h.request_base();
  t.advance_all(at_ms(400));
  ASSERT_EQ(t.windows.size(), 2u);
  EXPECT_TRUE(t.windows[1].base);
  EXPECT_EQ(t.windows[1].rows.size(), 1u);
  t.advance_all(end_of_time);
  EXPECT_EQ(t.h.closed_until(), end_of_time);
  EXPECT_EQ(t.windows.size(), 2u);
  t.h.request_base();
  ASSERT_EQ(t.windows.size(), 3u);
  EXPECT_TRUE(t.windows[2].base);
  EXPECT_GT(t.windows[2].end, t.windows[1].end);
}

TEST(hydrator, carries_survivors_over_a_switch_and_fills_new_contracts_from_the_chain) {
  harness t;
  t.with_board();
  t.send({quote(contract(90), at_ms(100), 1, 1, 2), quote(contract(110), at_ms(100), 1, 3, 4)});
  const auto next = make_epoch(2, 100, 120, at_ms(400));
  t.h.apply(make_chain(next, at_ms(390), 110));
  ASSERT_TRUE(t.h.apply(next));
  t.h.advance_epochs(at_ms(400));
  t.h.advance_chains(at_ms(700));
  t.h.advance_quotes(at_ms(395));
  // Early: belongs to the new board only, and must not be lost.
  t.send({quote(contract(120), at_ms(410), 1, 5, 6)});
  t.h.advance_quotes(at_ms(700));
  EXPECT_TRUE(t.h.blocked_by_switch());
  EXPECT_EQ(t.h.queued(), 1u);
  EXPECT_EQ(t.windows.back().epoch, 1u);
  EXPECT_EQ(t.windows.back().end, at_ms(400));
  t.h.advance_epochs(at_ms(700));
  EXPECT_FALSE(t.h.blocked_by_switch());
  const auto& base = t.windows.back();
  EXPECT_EQ(base.epoch, 2u);
  EXPECT_TRUE(base.base);
  EXPECT_EQ(base.end, at_ms(600));
  EXPECT_EQ(base.rows.size(), 10u);
  const std::size_t last = t.windows.size() - 1;
  EXPECT_EQ(t.row(last, contract(110)).bid, points(1.10));  // the chain is newer than the quote at 100 ms
  EXPECT_EQ(t.row(last, contract(115)).bid, points(1.15));
  EXPECT_EQ(t.row(last, contract(120)).bid, points(5));
  EXPECT_EQ(t.h.counts().unknown, 0u);
}

TEST(hydrator, drops_beyond_the_queue_limit_visibly) {
  hydrator_options o;
  o.queue_events_max = 2;
  harness t(o);
  t.with_board();
  for (int i = 0; i < 5; ++i) t.send({quote(contract(100), at_ms(1000 + i), static_cast<std::uint64_t>(i), 1, 2)});
  EXPECT_EQ(t.h.counts().dropped, 3u);
  EXPECT_EQ(t.h.queue_room(), 0u);
  t.advance_all(at_ms(2000));
  EXPECT_EQ(t.windows.back().quality, market::quality::gap);
  EXPECT_EQ(t.h.counts().events, 5u);
  EXPECT_EQ(t.h.counts().applied + t.h.counts().dropped, 5u);
}

TEST(hydrator, skips_days_without_data_at_no_cost) {
  harness t;
  t.with_board();
  const std::int64_t year_ms = 365LL * 86'400'000;
  t.send({quote(contract(100), at_ms(10), 1, 1, 2)});
  for (int y = 1; y <= 20; ++y) {
    t.send({quote(contract(100), at_ms(y * year_ms + 10), 2, 1, 2)});
    t.advance_all(at_ms(y * year_ms + 300));
  }
  EXPECT_EQ(t.windows.size(), 21u);
  EXPECT_EQ(t.windows.back().end, at_ms(20 * year_ms + 200));
}

TEST(hydrator, refuses_an_epoch_off_the_boundary_or_with_another_hash) {
  harness t;
  EXPECT_EQ(t.h.apply(make_epoch(1, 90, 110, at_ms(1))).error().code, epoch_errc::misaligned);
  auto wrong = make_epoch(1, 90, 110, t0);
  ++wrong.hash;
  EXPECT_EQ(t.h.apply(wrong).error().code, epoch_errc::wrong_hash);
  EXPECT_EQ(t.h.newest(), nullptr);
}

TEST(hydrator, resumes_without_repeating_a_window) {
  hydrator_options o;
  o.resume_from = at_ms(1000);
  o.sequence = 41;
  harness t(o);
  t.with_board();
  t.send({quote(contract(100), at_ms(10), 1, 1, 2)});
  t.advance_all(at_ms(1200));
  ASSERT_EQ(t.windows.size(), 1u);
  EXPECT_EQ(t.windows[0].end, at_ms(1200));
  EXPECT_EQ(t.windows[0].sequence, 42u);
  EXPECT_TRUE(t.windows[0].base);
  EXPECT_EQ(t.row(0, contract(100)).bid, points(1));
}

TEST(hydrator, takes_indexed_events_as_it_takes_named_ones) {
  harness named, indexed;
  named.with_board();
  indexed.with_board();
  std::vector<market::option_event> events;
  std::vector<indexed_event> by_index;
  for (int i = 0; i < 50; ++i) {
    events.push_back(quote(contract(90 + 5 * (i % 5)), at_ms(i * 37), static_cast<std::uint64_t>(i), 1 + i, 2 + i));
    by_index.push_back({*indexed.h.current()->find(events.back().id), to_feed_event(events.back())});
    by_index.back().event.contract = {};
  }
  named.send(events);
  indexed.h.apply(std::span<const indexed_event>(by_index));
  named.advance_all(end_of_time);
  indexed.advance_all(end_of_time);
  EXPECT_EQ(named.windows, indexed.windows);
  EXPECT_GT(named.windows.size(), 5u);
}

TEST(hydrator, lists_trades_with_the_quote_that_stood) {
  harness t;
  t.with_board();
  t.send({trade(contract(95), at_ms(5), 1, 4, 1), quote(contract(100), at_ms(10), 1, 1, 2),
          trade(contract(100), at_ms(20), 2, 2, 3), quote(contract(100), at_ms(30), 3, 5, 6),
          trade(contract(100), at_ms(25), 4, 1, 2)});
  t.advance_all(at_ms(200));
  const auto c95 = *t.h.current()->find(contract(95)), c100 = *t.h.current()->find(contract(100));
  ASSERT_EQ(t.windows.size(), 1u);
  EXPECT_EQ(t.windows[0].prints, (std::vector<market::option_print>{
                                     {c95, at_ms(5), points(4), quantity(1), market::no_price, market::no_price},
                                     {c100, at_ms(20), points(2), quantity(3), points(1), points(2)},
                                     // The quote of 30 ms had come already: what stood at 25 ms is not known any more.
                                     {c100, at_ms(25), points(1), quantity(2), market::no_price, market::no_price}}));
}

TEST(hydrator, gives_a_window_for_a_trade_that_changes_no_row) {
  harness t;
  t.with_board();
  t.send({trade(contract(100), at_ms(250), 9, 2, 3)});
  t.advance_all(at_ms(400));
  // Older than the row's last trade, and of nothing: neither state nor volume moves.
  t.send({trade(contract(100), at_ms(240), 8, 2, 0)});
  t.advance_all(at_ms(600));
  ASSERT_EQ(t.windows.size(), 3u);
  EXPECT_TRUE(t.windows[2].rows.empty());
  ASSERT_EQ(t.windows[2].prints.size(), 1u);
  EXPECT_EQ(t.windows[2].prints[0].ts_event, at_ms(240));
}

TEST(hydrator, lists_a_repeated_trade_once_and_an_unnumbered_one_each_time) {
  harness t;
  t.with_board();
  t.send({trade(contract(100), at_ms(50), 9, 2, 3), trade(contract(100), at_ms(50), 9, 2, 3),
          trade(contract(105), at_ms(50), 0, 2, 3), trade(contract(105), at_ms(50), 0, 2, 3),
          trade(contract(500), at_ms(50), 1, 2, 3)});
  t.advance_all(at_ms(200));
  EXPECT_EQ(t.windows[0].prints.size(), 3u);
  EXPECT_EQ(t.h.counts().repeated_trades, 1u);
  EXPECT_EQ(t.h.counts().unknown, 1u);
  EXPECT_EQ(t.h.counts().prints, 3u);
}

TEST(hydrator, lists_in_a_base_window_only_its_own_trades) {
  harness t;
  t.with_board();
  t.send({trade(contract(100), at_ms(50), 1, 2, 3)});
  t.advance_all(at_ms(200));
  t.h.request_base();
  t.advance_all(at_ms(400));
  ASSERT_EQ(t.windows.size(), 2u);
  EXPECT_TRUE(t.windows[1].base);
  EXPECT_EQ(t.windows[1].rows.size(), 1u);
  EXPECT_TRUE(t.windows[1].prints.empty());
}

TEST(hydrator, bounds_the_trades_that_a_window_lists_and_still_counts_their_volume) {
  harness t;
  t.with_board();
  std::vector<market::option_event> trades;
  for (std::uint64_t i = 1; i <= market::prints_max + 10; ++i)
    trades.push_back(trade(contract(100), t0 + duration_ns{static_cast<std::int64_t>(i)}, i, 2, 1));
  t.send(trades);
  t.advance_all(at_ms(200));
  EXPECT_EQ(t.windows[0].prints.size(), market::prints_max);
  EXPECT_EQ(t.windows[0].prints_dropped, 10u);
  EXPECT_EQ(t.windows[0].rows[0].traded, quantity(static_cast<std::int64_t>(market::prints_max) + 10));
  EXPECT_EQ(t.h.counts().prints_dropped, 10u);
  t.send({trade(contract(100), at_ms(250), 1u << 20, 2, 1)});
  t.advance_all(at_ms(400));
  EXPECT_EQ(t.windows[1].prints_dropped, 0u);
  EXPECT_EQ(t.windows[1].prints.size(), 1u);
}

TEST(hydrator, shows_a_trade_no_chain_of_its_own_window) {
  harness early, late;
  for (harness* t : {&early, &late}) t->with_board();
  const auto chain = make_chain(make_epoch(1, 90, 110, t0), at_ms(50), 100);
  early.h.apply(chain);
  for (harness* t : {&early, &late}) t->send({trade(contract(100), at_ms(60), 1, 2, 3)});
  late.h.apply(chain);
  for (harness* t : {&early, &late}) {
    t->advance_all(at_ms(200));
    t->send({trade(contract(100), at_ms(260), 2, 2, 3)});
    t->advance_all(at_ms(400));
  }
  EXPECT_EQ(early.windows, late.windows);
  EXPECT_EQ(early.windows[0].prints[0].bid, market::no_price);
  EXPECT_EQ(early.windows[1].prints[0].bid, points(1));
}

}  // namespace
}  // namespace isobar::ws_hydrator
