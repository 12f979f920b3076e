// Updates a second of order_book against naive_book (maps and lists) on the same records in the same run. The two
// alternate, and the best of each counts, so that a busy machine disturbs both alike. ratio = naive's time / ours; the
// goal is 3, the aim 5. The digest of what both said must agree.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <ctime>
#include <limits>
#include <map>
#include <unordered_map>

#include "market/book_fixture.hpp"
#include "testing/testdata.hpp"
#include "wire/dbn/convert.hpp"
#include "wire/dbn/reader.hpp"

namespace isobar::market {
namespace {

using generators::random;

bool smoke() { return std::getenv("ISOBAR_BENCH_SMOKE") != nullptr; }

/// What a consumer looks at: the flow of every record and the best prices after it.
/// The least that can be called a book: sums by price and where each order is. No queues, no rules, nothing said about
/// the record. Not a rival of equal duty; it shows what the containers alone cost.
class sums_by_price {
 public:
  void apply(const book_event& e) {
    switch (e.action) {
      case book_action::clear:
        sides_ = {};
        orders_.clear();
        break;
      case book_action::add:
        add(e, e.side);
        break;
      case book_action::modify:
        if (const auto at = orders_.find(e.order); at != orders_.end()) {
          const book_side side = at->second.side;
          remove(at, at->second.size);
          add(e, side);
        }
        break;
      case book_action::cancel:
        if (const auto at = orders_.find(e.order); at != orders_.end()) remove(at, e.size);
        break;
      default:
        break;
    }
  }
  std::uint64_t best() const {
    return (sides_[0].empty() ? 0 : sides_[0].rbegin()->second) +
           7 * (sides_[1].empty() ? 0 : sides_[1].begin()->second);
  }

 private:
  struct order {
    book_side side;
    std::int64_t price;
    std::uint32_t size;
  };
  using order_map = std::unordered_map<order_id, order>;
  void add(const book_event& e, book_side side) {
    orders_[e.order] = {side, e.price.value, e.size};
    sides_[static_cast<std::size_t>(side)][e.price.value] += e.size;
  }
  void remove(order_map::iterator at, std::uint32_t lots) {
    auto& levels = sides_[static_cast<std::size_t>(at->second.side)];
    const auto level = levels.find(at->second.price);
    if ((level->second -= lots) == 0) levels.erase(level);
    if ((at->second.size -= lots) == 0) orders_.erase(at);
  }

  std::array<std::map<std::int64_t, std::uint64_t>, 2> sides_;
  order_map orders_;
};

template <class Book>
struct tally {
  const Book& book;
  std::uint64_t value = 0;
  void operator()(const book_event&, const book_change& c) {
    value += c.added + 3 * (c.pulled + std::uint64_t{c.filled}) + static_cast<std::uint64_t>(c.new_tick);
    if (const auto bid = book.best(book_side::bid)) value += bid->size;
    if (const auto ask = book.best(book_side::ask)) value += 7 * ask->size;
  }
};

std::uint64_t play(order_book& book, const std::vector<book_event>& events) {
  tally<order_book> t{book};
  book.apply(std::span<const book_event>(events), t);
  return t.value;
}
std::uint64_t play_single(order_book& book, const std::vector<book_event>& events) {
  tally<order_book> t{book};
  for (const book_event& e : events) t(e, book.apply(e));
  return t.value;
}
std::uint64_t play(naive_book& book, const std::vector<book_event>& events) {
  tally<naive_book> t{book};
  for (const book_event& e : events) t(e, book.apply(e));
  return t.value;
}

/// Time of this thread alone: neighbours on the machine take the processor, not the count.
double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

std::uint64_t play(sums_by_price& book, const std::vector<book_event>& events) {
  std::uint64_t value = 0;
  for (const book_event& e : events) {
    book.apply(e);
    value += book.best();
  }
  return value;
}

template <class Work>
double seconds_of(const Work& work) {
  const double start = cpu_seconds();
  work();
  return cpu_seconds() - start;
}

/// Both books are prepared with `before`; then `events`, which may be played again and again, is timed.
void compare(benchmark::State& state, const std::vector<book_event>& before, const std::vector<book_event>& events) {
  order_book ours{{}};
  naive_book naive{{}};
  sums_by_price sums;
  play(ours, before);
  play(naive, before);
  play(sums, before);
  double ours_best = std::numeric_limits<double>::max(), single_best = ours_best, naive_best = ours_best,
         sums_best = ours_best;
  for (auto _ : state) {
    std::uint64_t a = 0, b = 0, c = 0;
    const double took = seconds_of([&] { a = play(ours, events); });
    naive_best = std::min(naive_best, seconds_of([&] { b = play(naive, events); }));
    sums_best = std::min(sums_best, seconds_of([&] { benchmark::DoNotOptimize(play(sums, events)); }));
    single_best = std::min(single_best, seconds_of([&] { c = play_single(ours, events); }));
    ours_best = std::min(ours_best, took);
    state.SetIterationTime(took);
    if (a != b || (b != c && events.front().action == book_action::clear))
      return state.SkipWithError("the books say different things");
  }
  const auto n = static_cast<double>(events.size());
  state.counters["live_orders"] =
      static_cast<double>(ours.total_orders(book_side::bid) + ours.total_orders(book_side::ask));
  state.counters["updates_per_s"] = n / ours_best;
  state.counters["ns_per_update"] = ours_best / n * 1e9;
  state.counters["ns_one_by_one"] = single_best / n * 1e9;
  state.counters["naive_ns"] = naive_best / n * 1e9;
  state.counters["sums_ns"] = sums_best / n * 1e9;
  state.counters["ratio_to_sums"] = sums_best / ours_best;
  state.counters["ratio"] = naive_best / ours_best;
  state.counters["MiB"] = static_cast<double>(ours.memory_bytes()) / (1 << 20);
}

void settings(benchmark::internal::Benchmark* b) {
  b->UseManualTime()->Unit(benchmark::kMillisecond);
  if (!smoke()) b->Iterations(7);
}

book_event clear_record() {
  book_event e;
  e.action = book_action::clear;
  e.flags = event_flag::last;
  return e;
}

/// (a) One realistic instrument, in the caches: 2,500 live orders, the mix and the place of its records like the real
/// ES session's.
void hot(benchmark::State& state) {
  std::vector<book_event> events{clear_record()};
  generators::moving_market market(1, {.orders = 2'500, .reach = 60, .far_one_in = 30});
  while (events.size() < (smoke() ? 10'000u : 1'000'000u)) market.step(events);
  compare(state, {}, events);
}
BENCHMARK(hot)->Apply(settings);

/// (b) 2,000,000 live orders over 4,000 ticks, records that touch any of them: nothing is where a cache would have it.
/// The second half undoes the first, so that it can be played again.
void cold(benchmark::State& state) {
  const std::uint64_t live = smoke() ? 20'000 : 2'000'000, n = smoke() ? 20'000 : 1'000'000;
  struct resting {
    tick_index tick;
    bool in;
  };
  random r(3);
  std::vector<resting> orders(2 * live);
  const auto record = [&](book_action action, std::uint64_t i, tick_index tick) {
    book_event e;
    e.ts_event.ns = static_cast<std::int64_t>(r.next() >> 8);
    e.price = price(tick * generators::es_tick.value);
    e.order = order_id{6'400'000'000'000 + 3 * i};
    e.size = static_cast<std::uint32_t>(1 + i % 9);
    e.action = action;
    e.side = i % 2 ? book_side::bid : book_side::ask;
    e.flags = event_flag::last;
    return e;
  };
  std::vector<book_event> before{clear_record()}, events;
  for (std::uint64_t i = 0; i < orders.size(); ++i) {
    orders[i].tick = 20'000 + (i % 2 ? -1 : 1) * (1 + r.between(0, 2'000));
    orders[i].in = false;
  }
  for (std::uint64_t k = 0; k < live; ++k) {  // half of them, in a random order of arrival
    std::uint64_t i = r.below(orders.size());
    while (orders[i].in) i = (i + 1) % orders.size();
    orders[i].in = true;
    before.push_back(record(book_action::add, i, orders[i].tick));
  }
  std::vector<std::uint64_t> touched;
  for (std::uint64_t k = 0; k < n; ++k) touched.push_back(r.below(orders.size()));
  for (int half = 0; half < 2; ++half)
    for (const std::uint64_t i : touched) {
      if (orders[i].in && i % 3 == 0) {
        events.push_back(record(book_action::modify, i, orders[i].tick + r.between(-1, 1) * 2));
        continue;
      }
      events.push_back(record(orders[i].in ? book_action::cancel : book_action::add, i, orders[i].tick));
      orders[i].in = !orders[i].in;
    }
  compare(state, before, events);
}
BENCHMARK(cold)->Apply(settings);

/// (c) The real session ten times over.
void esh4(benchmark::State& state) {
  std::vector<book_event> session, events;
  auto in =
      wire::dbn::reader::open(testing::shared_data("databento/glbx/esh4-glbx-mdp3-20231225-first-40000.mbo.dbn.zst"));
  if (!in) return state.SkipWithError("real data absent (set ISOBAR_SHARED)");
  while (const wire::dbn::record r = in->next())
    if (const auto* m = r.as<wire::dbn::mbo_record>())
      if (book_event e; wire::dbn::to_book_event(*m, e) == wire::dbn::refusal::none) session.push_back(e);
  for (int i = 0; i < (smoke() ? 1 : 10); ++i) {
    events.push_back(clear_record());
    events.insert(events.end(), session.begin(), session.end());
  }
  compare(state, {}, events);
}
BENCHMARK(esh4)->Apply(settings);

}  // namespace
}  // namespace isobar::market

BENCHMARK_MAIN();
