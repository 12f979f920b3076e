#pragma once
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "config/config.hpp"
#include "feed-ingest/app.hpp"
#include "feed-ingest/domain/checkpoint.hpp"
#include "isobar/feed/v1/feed_service.grpc.pb.h"
#include "telemetry/metrics.hpp"
#include "testing/eventually.hpp"
#include "testing/temp_dir.hpp"
#include "testing/testdata.hpp"
#include "wire/feed_codec.hpp"
#include "wire/option_feed_codec.hpp"
#include "wire/progress_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::feed_ingest::testing {

/// One message as it came.
struct arrival {
  subjects::kind kind{};
  wire::frame_info header;
  std::string bytes;
  timestamp wall;  ///< when it was taken from the bus, at the earliest when it came
};

inline timestamp wall_now() {
  using namespace std::chrono;
  return {duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count()};
}

/// The service in a process of its own, on a bus that the test listens to as a consumer does.
class running_feed {
 public:
  struct settings {
    std::vector<std::string> words;    ///< options
    std::vector<std::string> futures;  ///< symbols
    std::string data_dir;
    std::shared_ptr<bus::bus> bus;
    std::string mode = "replay";
    bool report = true;  ///< answer every book frame with progress
  };

  explicit running_feed(settings with) : with_(std::move(with)) {
    auto service = make_app();
    config::schema schema("feed-ingest", "test", "0");
    service->declare(schema);
    with_.words.insert(with_.words.begin(), "feed-ingest");
    std::vector<const char*> argv;
    for (const auto& w : with_.words) argv.push_back(w.c_str());
    const char* env[] = {nullptr};
    const auto parsed = schema.parse(static_cast<int>(argv.size()), argv.data(), env);
    EXPECT_TRUE(parsed) << parsed.error().evidence;
    service::host_options options;
    for (const auto& f : with_.futures) options.futures.push_back(*symbol::parse(f));
    options.venue = "test";
    options.mode = with_.mode;
    options.grpc = "127.0.0.1:0";
    options.http = "off";
    options.data_dir = with_.data_dir;
    subscription_ = *with_.bus->subscribe("isobar.feed.test.>", {.queue_limit = 1'000'000}, [] {});
    EXPECT_TRUE(with_.bus->flush());
    std::vector<std::unique_ptr<service::app>> apps;
    apps.push_back(std::move(service));
    process = std::make_unique<service::process>(options, std::move(apps), with_.bus);
    started = process->start();
  }
  ~running_feed() { stop(); }
  void stop() {
    if (process) process->stop();
  }

  void report(const std::string& s, std::uint64_t input, std::uint64_t durable) {
    const auto name = *symbol::parse(s);
    const wire::frame_info info{.producer = "test", .sequence = 1};
    EXPECT_TRUE(with_.bus->publish(subjects::control_progress("test", name),
                                   wire::encode_progress({name, "radar-physics", {}, input, durable}, info)));
    EXPECT_TRUE(with_.bus->flush());
  }
  /// As gamma-fuel does: frames of feed.options.
  void report_options(const std::string& s, std::uint64_t taken) {
    const auto name = *symbol::parse(s);
    const wire::frame_info info{.producer = "test", .sequence = 1};
    EXPECT_TRUE(with_.bus->publish(
        subjects::control_progress("test", name),
        wire::encode_progress({.symbol = name, .participant = "gamma-fuel", .done_until = {}, .option_sequence = taken},
                              info)));
    EXPECT_TRUE(with_.bus->flush());
  }
  void ask(const std::string& s, std::uint64_t from) {
    const auto name = *symbol::parse(s);
    EXPECT_TRUE(with_.bus->publish(subjects::feed_resync("test", name),
                                   wire::encode_refill_request({name, "radar-physics", from})));
    EXPECT_TRUE(with_.bus->flush());
  }

  /// Frames of a subject beside the book.
  void ask(const std::string& s, subjects::kind of, std::uint64_t from,
           wire::refill_purpose purpose = wire::refill_purpose::want) {
    const auto name = *symbol::parse(s);
    EXPECT_TRUE(with_.bus->publish(
        subjects::feed_resync("test", name),
        wire::encode_refill_request({name, "gamma-fuel", from, subjects::subject(of, "test", name), purpose})));
    EXPECT_TRUE(with_.bus->flush());
  }

  /// Takes what has come.
  void pump() {
    batch_.clear();
    subscription_->drain(batch_, 100'000);
    std::map<std::string, std::uint64_t> last;
    for (const auto& m : batch_) {
      const auto subject = subjects::parse(m.subject);
      if (!subject || subject->kind == subjects::kind::feed_resync) continue;
      const auto header = wire::peek_header(m.bytes());
      EXPECT_TRUE(header) << m.subject;
      if (!header) continue;
      auto& to = (header->heartbeat ? heartbeats : frames)[subject->symbol.str()];
      to.push_back({subject->kind, *header, std::string(m.bytes()), wall_now()});
      if (subject->kind == subjects::kind::feed_book && !header->heartbeat)
        last[subject->symbol.str()] = header->sequence;
    }
    if (with_.report)
      for (const auto& [s, sequence] : last) report(s, sequence, 0);
  }
  template <class F>
  bool until(F enough) {
    return isobar::testing::eventually(
        [&] {
          pump();
          return enough();
        },
        std::chrono::seconds(30));
  }
  /// Heartbeats have told of the end on every subject of the symbol.
  bool ended(const std::string& s) {
    std::map<subjects::kind, bool> told;
    for (const auto& h : heartbeats[s])
      if (h.header.watermark == end_of_time && h.kind != subjects::kind::feed_refill) told[h.kind] = true;
    return told.size() == channels;
  }
  bool until_end(const std::string& s) {
    return until([&] { return ended(s); });
  }

  std::vector<arrival> of(const std::string& s, subjects::kind kind) {
    std::vector<arrival> out;
    for (const auto& f : frames[s])
      if (f.kind == kind) out.push_back(f);
    return out;
  }
  /// Every book event, frames joined; their sequence numbers must be contiguous from `first`.
  std::vector<market::book_event> events(const std::string& s, std::uint64_t first = 1) {
    std::vector<market::book_event> out;
    wire::book_frame frame;
    for (const auto& f : of(s, subjects::kind::feed_book)) {
      EXPECT_EQ(f.header.sequence, first++);
      EXPECT_TRUE(wire::decode_book(f.bytes, frame));
      out.insert(out.end(), frame.events.begin(), frame.events.end());
    }
    return out;
  }
  /// Every row of best prices, frames joined.
  std::vector<market::top_quote> quotes(const std::string& s) {
    std::vector<market::top_quote> out;
    wire::quote_frame frame;
    std::uint64_t sequence = 1;
    for (const auto& f : of(s, subjects::kind::feed_quotes)) {
      EXPECT_EQ(f.header.sequence, sequence++);
      EXPECT_TRUE(wire::decode_quotes(f.bytes, frame));
      out.insert(out.end(), frame.quotes.begin(), frame.quotes.end());
    }
    return out;
  }
  std::vector<market::trade_event> trades(const std::string& s) {
    std::vector<market::trade_event> out;
    wire::trade_frame frame;
    for (const auto& f : of(s, subjects::kind::feed_trades)) {
      EXPECT_TRUE(wire::decode_trades(f.bytes, frame));
      out.insert(out.end(), frame.trades.begin(), frame.trades.end());
    }
    return out;
  }

  std::unique_ptr<feed::v1::FeedService::Stub> stub() {
    const std::string where = "127.0.0.1:" + std::to_string(process->get_host().grpc_port());
    return feed::v1::FeedService::NewStub(::grpc::CreateChannel(where, ::grpc::InsecureChannelCredentials()));
  }
  feed::v1::GetFeedStatusResponse status() {
    ::grpc::ClientContext context;
    feed::v1::GetFeedStatusResponse out;
    EXPECT_TRUE(stub()->GetFeedStatus(&context, {}, &out).ok());
    return out;
  }
  std::string metrics() { return process->get_host().metrics().scrape(); }

  std::unique_ptr<service::process> process;
  service::result<void> started;
  std::map<std::string, std::vector<arrival>> frames, heartbeats;  ///< by symbol

 private:
  settings with_;
  std::unique_ptr<bus::subscription> subscription_;
  std::vector<bus::message> batch_;
};

inline constexpr const char* esh4_session = "databento/glbx/esh4-glbx-mdp3-20231225-first-40000.mbo.dbn.zst";
inline constexpr const char* esh4_snapshot = "databento/glbx/esh4-glbx-mdp3-20231224.mbo.dbn.zst";

/// "--feed-ingest.files=" with paths of real data.
inline std::string files(std::initializer_list<const char*> relative) {
  std::string out = "--feed-ingest.files=";
  for (const char* r : relative) out += (out.ends_with('=') ? "" : ",") + isobar::testing::shared_data(r).string();
  return out;
}

}  // namespace isobar::feed_ingest::testing
