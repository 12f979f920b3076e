#include "isobar/query_futures.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "core/date.hpp"
#include "core/decimal.hpp"
#include "isobar/feed/v1/feed_service.grpc.pb.h"
#include "isobar/query_text.hpp"
#include "isobar/radar/v1/radar_service.grpc.pb.h"
#include "isobar/radar_picture.hpp"

namespace isobar::cli {
namespace {

namespace rv = radar::v1;

/// The words of these questions; lives as long as the parser.
struct words {
  std::string symbol, as_of;
  std::uint32_t columns = 0, depth = 0, windows = 0, limit = 0, count = 0, heartbeat_ms = 0;
  std::uint64_t from_revision = 0;
  std::string colour = "auto";
  picture_options picture;
  bool orders = false;
};

struct question {
  const endpoint* to;
  const std::string* format;
  words w;
  bool json() const { return *format == "json"; }
};

template <class Ask, class Answer, class Call>
int ask_radar(const question& q, const Ask& asked, Answer& answer, Call call) {
  return ask<rv::RadarService>(*q.to, cluster_port::radar_physics, asked, answer, call);
}

picture_options picture_of(const question& q) {
  picture_options o = q.w.picture;
  o.colour = q.w.colour == "always" || (q.w.colour == "auto" && ::isatty(STDOUT_FILENO) == 1);
  return o;
}

int radar_matrix(const question& q) {
  rv::GetRadarRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_as_of_ns(parse_as_of(q.w.as_of));
  asked.set_columns(q.w.columns);
  rv::GetRadarResponse answer;
  if (const int bad = ask_radar(q, asked, answer, &rv::RadarService::Stub::GetRadar)) return bad;
  if (q.json())
    print_json(answer);
  else
    std::cout << radar_picture(answer, picture_of(q));
  return 0;
}

/// Keeps the last columns of the stream and draws them again with each message; a line a message when not a terminal.
int radar_stream(const question& q) {
  const auto stub = rv::RadarService::NewStub(connect(*q.to, cluster_port::radar_physics, q.w.symbol));
  rv::StreamRadarRequest ask;
  ask.set_symbol(q.w.symbol);
  ask.set_from_revision(q.w.from_revision);
  ask.set_heartbeat_ms(q.w.heartbeat_ms);
  grpc::ClientContext context;
  identify(context, *q.to);
  const auto reader = stub->StreamRadar(&context, ask);
  const int keep = q.w.columns > 0 ? static_cast<int>(q.w.columns) : 60;
  const bool screen = ::isatty(STDOUT_FILENO) == 1;
  rv::GetRadarResponse shown;
  rv::StreamRadarResponse update;
  for (std::uint32_t seen = 0; (q.w.count == 0 || seen < q.w.count) && reader->Read(&update); ++seen) {
    if (q.json()) {
      print_json(update, true);
      continue;
    }
    if (update.base()) shown.clear_columns();
    shown.mutable_columns()->MergeFrom(update.columns());
    if (shown.columns_size() > keep) shown.mutable_columns()->DeleteSubrange(0, shown.columns_size() - keep);
    if (screen) {
      std::cout << "\x1b[H\x1b[2J" << radar_picture(shown, picture_of(q)) << std::flush;
    } else {
      const auto revision = update.columns().empty() ? 0 : update.columns().rbegin()->window().revision();
      std::cout << "revision " << revision << (update.base() ? " base " : " ") << update.columns_size() << " columns"
                << (update.conflated_columns() ? " (conflated)" : "") << std::endl;
    }
  }
  if (q.w.count > 0) context.TryCancel();
  const auto status = reader->Finish();
  return status.error_code() == grpc::StatusCode::CANCELLED && q.w.count > 0 ? 0 : report(status, *q.to);
}

/// One line a level: price, depth now, what came and went, vacuum and physics.
int surfaces(const question& q) {
  rv::GetSurfacesRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_as_of_ns(parse_as_of(q.w.as_of));
  rv::GetSurfacesResponse answer;
  if (const int bad = ask_radar(q, asked, answer, &rv::RadarService::Stub::GetSurfaces)) return bad;
  if (q.json()) {
    print_json(answer);
    return 0;
  }
  const auto& s = answer.surface();
  std::printf("%s  %s  %s\n%-4s %12s %6s %8s %8s %8s %8s %8s %8s %8s\n", s.window().symbol().c_str(),
              to_iso(timestamp{s.window().window_end_ns()}).c_str(), validity_of(s.window()).c_str(), "side", "price",
              "rel", "depth", "resting", "added", "pulled", "filled", "vacuum", "physics");
  const int shown = q.w.limit > 0 ? static_cast<int>(q.w.limit) : 20;
  std::int64_t rel = 0;
  for (int i = 0; i < s.depth_end_lots_size(); ++i) {
    rel = (i == 0 || i == static_cast<int>(s.bid_rows()) ? 0 : rel) + s.rel_tick_delta(i);
    if (std::abs(rel) > shown) continue;
    std::printf("%-4s %12s %6lld %8llu %8llu %8llu %8llu %8llu %8.3f %8.3f\n",
                i < static_cast<int>(s.bid_rows()) ? "bid" : "ask",
                format_nanos((s.window().ref_tick() + rel) * s.window().tick_nanos(), 2).c_str(),
                static_cast<long long>(rel), static_cast<unsigned long long>(s.depth_end_lots(i)),
                static_cast<unsigned long long>(s.depth_rest_lots(i)), static_cast<unsigned long long>(s.added_lots(i)),
                static_cast<unsigned long long>(s.pulled_lots(i)), static_cast<unsigned long long>(s.filled_lots(i)),
                static_cast<double>(s.vacuum_score(i)), static_cast<double>(s.physics_score(i)));
  }
  return 0;
}

void print_side(const char* name, const google::protobuf::RepeatedPtrField<rv::BookLevel>& levels) {
  for (const auto& level : levels) {
    std::printf("%-4s %12s %8llu lots in %u orders\n", name, format_nanos(level.price_nanos(), 2).c_str(),
                static_cast<unsigned long long>(level.lots()), level.order_count());
    for (const auto& order : level.orders())
      std::printf("       %20llu %6u lots since %s\n", static_cast<unsigned long long>(order.order_id()), order.lots(),
                  to_iso(timestamp{order.ts_entered_ns()}).c_str());
  }
}

int book(const question& q) {
  rv::GetBookRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_depth(q.w.depth);
  asked.set_orders(q.w.orders);
  rv::GetBookResponse answer;
  if (const int bad = ask_radar(q, asked, answer, &rv::RadarService::Stub::GetBook)) return bad;
  if (q.json()) {
    print_json(answer);
    return 0;
  }
  std::printf("%s  %s%s  bids %llu lots in %u orders, asks %llu in %u\n", answer.symbol().c_str(),
              to_iso(timestamp{answer.ts_event_ns()}).c_str(), answer.crossed() ? "  crossed in feed" : "",
              static_cast<unsigned long long>(answer.bid_lots()), answer.bid_orders(),
              static_cast<unsigned long long>(answer.ask_lots()), answer.ask_orders());
  auto asks = answer.asks();
  std::reverse(asks.begin(), asks.end());
  print_side("ask", asks);
  print_side("bid", answer.bids());
  return 0;
}

int features(const question& q) {
  rv::GetFeaturesRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_as_of_ns(parse_as_of(q.w.as_of));
  asked.set_windows(q.w.windows);
  rv::GetFeaturesResponse answer;
  if (const int bad = ask_radar(q, asked, answer, &rv::RadarService::Stub::GetFeatures)) return bad;
  if (q.json()) {
    print_json(answer);
    return 0;
  }
  for (const auto& v : answer.vectors()) {
    std::printf("%s  approach %d  %s\n", to_iso(timestamp{v.window().window_end_ns()}).c_str(), v.approach_dir(),
                validity_of(v.window()).c_str());
    for (int i = 0; i < std::min(v.value_size(), answer.names_size()); ++i)
      std::printf("%-40s %.10g\n", answer.names(i).c_str(), v.value(i));
  }
  return 0;
}

int breakthroughs(const question& q) {
  rv::GetBreakthroughsRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_limit(q.w.limit);
  rv::GetBreakthroughsResponse answer;
  if (const int bad = ask_radar(q, asked, answer, &rv::RadarService::Stub::GetBreakthroughs)) return bad;
  if (q.json()) {
    print_json(answer);
    return 0;
  }
  std::printf("%llu breakthroughs\n", static_cast<unsigned long long>(answer.total()));
  for (const auto& b : answer.breakthroughs())
    std::printf("%s  %s through %s (bucket %lld), spot bucket %lld -> %lld\n",
                to_iso(timestamp{b.window().window_end_ns()}).c_str(), b.direction() > 0 ? "up  " : "down",
                format_nanos(b.bucket_low_nanos(), 2).c_str(), static_cast<long long>(b.bucket()),
                static_cast<long long>(b.from_bucket()), static_cast<long long>(b.to_bucket()));
  return 0;
}

std::string state_word(rv::BarrierState state) {
  constexpr std::string_view prefix = "BARRIER_STATE_";
  return rv::BarrierState_Name(state).substr(prefix.size());
}

int levels(const question& q) {
  rv::GetLevelsRequest asked;
  asked.set_symbol(q.w.symbol);
  rv::GetLevelsResponse answer;
  if (const int bad = ask_radar(q, asked, answer, &rv::RadarService::Stub::GetLevels)) return bad;
  if (q.json()) {
    print_json(answer);
    return 0;
  }
  std::printf("%s  %s\n%-16s %12s %-10s %8s %8s %8s %8s %9s %9s  %s\n", answer.levels().symbol().c_str(),
              to_iso(timestamp{answer.levels().as_of_ns()}).c_str(), "level", "price", "barrier", "added", "pulled",
              "filled", "in zone", "imbalance", "trades/s", "sweep");
  for (const auto& l : answer.levels().levels())
    std::printf("%-16s %12s %-10s %8llu %8llu %8llu %8llu %9.3f %9.2f  %s\n", l.id().c_str(),
                format_nanos(l.price_nanos(), 2).c_str(), state_word(l.state()).c_str(),
                static_cast<unsigned long long>(l.added_lots()), static_cast<unsigned long long>(l.cancelled_lots()),
                static_cast<unsigned long long>(l.filled_lots()),
                static_cast<unsigned long long>(l.depth_in_zone_lots()), l.imbalance(), l.trades_per_second(),
                l.sweep().direction() > 0   ? "up"
                : l.sweep().direction() < 0 ? "down"
                                            : "-");
  return 0;
}

/// Asks feed-ingest of the symbol and prints the answer.
template <class Ask, class Answer, class Call>
int ask_feed(const question& q, Answer answer, Call call) {
  Ask asked;
  asked.set_symbol(q.w.symbol);
  if (const int bad = ask<feed::v1::FeedService>(*q.to, cluster_port::feed_ingest, asked, answer, call)) return bad;
  print_json(answer);
  return 0;
}

int feeds(const question& q) {
  return ask_feed<feed::v1::GetFeedStatusRequest>(q, feed::v1::GetFeedStatusResponse(),
                                                  &feed::v1::FeedService::Stub::GetFeedStatus);
}

int gaps(const question& q) {
  return ask_feed<feed::v1::GetGapsRequest>(q, feed::v1::GetGapsResponse(), &feed::v1::FeedService::Stub::GetGaps);
}

}  // namespace

void declare_futures_queries(CLI::App& top, const endpoint& to, const std::string& format,
                             std::function<int()>& chosen) {
  const auto q = std::make_shared<question>(question{&to, &format, {}});
  const auto add = [&, q](const char* name, const char* help, int (*run)(const question&), bool required = true) {
    CLI::App* sub = top.add_subcommand(name, help);
    auto* symbol = sub->add_option("symbol", q->w.symbol, "registry symbol or product, e.g. ESH4 or ES");
    if (required) symbol->required();
    sub->callback([&chosen, q, run] { chosen = [q, run] { return run(*q); }; });
    return sub;
  };
  const auto add_time = [q](CLI::App* sub) {
    sub->add_option("--as-of", q->w.as_of, "newest window at or before this UTC time");
  };
  const auto add_picture = [q](CLI::App* sub) {
    sub->add_option("--columns", q->w.columns, "windows to show; 0: the configured number (60)");
    sub->add_option("--colour,--color", q->w.colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    sub->add_flag("--relative", q->w.picture.relative, "every column around its own spot: the seed's matrix");
    sub->add_flag("--stateful", q->w.picture.stateful, "solidity of the stateful medium");
  };
  auto* matrix =
      add("radar", "the bucket radar: resistance red, cavitation blue, prices down, windows across", radar_matrix);
  add_time(matrix);
  add_picture(matrix);
  auto* stream = add("radar-stream", "the bucket radar, drawn again with each window, until stopped", radar_stream);
  add_picture(stream);
  stream->add_option("--from-revision", q->w.from_revision, "last revision held");
  stream->add_option("--count", q->w.count, "stop after this many messages");
  stream->add_option("--heartbeat-ms", q->w.heartbeat_ms, "a message at least this often");
  auto* s = add("surfaces", "wall, vacuum and physics by price as of a window", surfaces);
  add_time(s);
  s->add_option("--within", q->w.limit, "ticks around the mid to show (tables); 0: 20");
  auto* b = add("book", "the order book by price", book);
  b->add_option("--depth", q->w.depth, "levels per side; 0: 10");
  b->add_flag("--orders", q->w.orders, "also each level's orders in queue order");
  auto* f = add("features", "the 196 learning features as of a window", features);
  add_time(f);
  f->add_option("--windows", q->w.windows, "windows up to then; 0: 1");
  add("breakthroughs", "crossings of fully blocked buckets, newest first", breakthroughs)
      ->add_option("--limit", q->w.limit, "at most this many; 0: 100");
  add("levels", "barrier and tape at the watched levels", levels);
  add("feeds", "how the order-by-order feeds are doing (JSON)", feeds, false);
  add("gaps", "where a feed is known to be incomplete (JSON)", gaps);
}

}  // namespace isobar::cli
