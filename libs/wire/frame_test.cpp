#include "wire/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "isobar/control/v1/progress.pb.h"
#include "isobar/epoch/v1/epoch.pb.h"
#include "isobar/window/v1/window.pb.h"
#include "wire/generators.hpp"
#include "wire/progress_codec.hpp"

namespace isobar::wire {
namespace {

common::v1::FrameHeader sound() {
  common::v1::FrameHeader h;
  write_header({.producer = "ws-hydrator", .sequence = 7, .watermark = gen::noon}, h);
  return h;
}

RC_GTEST_PROP(FrameHeader, RoundTrips, ()) {
  auto info = gen::any_info();
  info.heartbeat = gen::in(0, 2) == 1;
  common::v1::FrameHeader h;
  write_header(info, h);
  const auto back = read_header(h);
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == info);
}

TEST(FrameHeader, RefusesAVersionItDoesNotKnow) {
  auto h = sound();
  h.set_version(2);
  EXPECT_EQ(read_header(h).error().code, errc::unknown_version);
  EXPECT_EQ(read_header(h).error().evidence, "frame version 2, known: 1");
  h.set_version(0);
  EXPECT_EQ(read_header(h).error().code, errc::unknown_version);
}

TEST(FrameHeader, RefusesUnstatedAndLaterQualities) {
  auto h = sound();
  h.set_quality(common::v1::QUALITY_UNSPECIFIED);
  EXPECT_EQ(read_header(h).error().code, errc::bad_value);
  h.set_quality(static_cast<common::v1::Quality>(7));
  EXPECT_EQ(read_header(h).error().code, errc::bad_value);
}

TEST(FrameHeader, RefusesAbsurdCountsAndNames) {
  auto h = sound();
  h.set_record_count(UINT32_MAX);
  EXPECT_EQ(read_header(h).error().code, errc::too_many);
  h = sound();
  h.set_producer(std::string(1000, 'x'));
  EXPECT_EQ(read_header(h).error().code, errc::bad_text);
  h = sound();
  h.set_heartbeat(true);
  h.set_record_count(1);
  EXPECT_EQ(read_header(h).error().code, errc::column_length);
}

TEST(Frame, OfAGigabyteIsRefusedByLengthBeforeItIsParsed) {
  // The bytes behind the pointer are one page: touching them beyond would crash.
  static const char page[4096] = {};
  const std::string_view huge(page, std::size_t{1} << 30);
  window::v1::ContractWindow message;
  EXPECT_EQ(parse(huge, message).error().code, errc::oversize);
  EXPECT_EQ(peek_header(huge).error().code, errc::oversize);
}

TEST(Frame, WithoutHeaderIsRefused) {
  window::v1::ContractWindow message;
  EXPECT_EQ(parse_frame("", message).error().code, errc::no_header);
  EXPECT_EQ(parse_frame("\xff\xff", message).error().code, errc::malformed);
  EXPECT_EQ(peek_header("").error().code, errc::no_header);
}

TEST(Heartbeat, IsAValidFrameOfEveryMessage) {
  frame_info info{.producer = "chain-ingest", .sequence = 41, .watermark = end_of_time};
  info.record_count = 5;
  const auto bytes = encode_heartbeat(info);
  info.record_count = 0;
  info.heartbeat = true;
  window::v1::ContractWindow window;
  epoch::v1::Epoch epoch;
  EXPECT_EQ(parse_frame(bytes, window).value(), info);
  EXPECT_EQ(parse_frame(bytes, epoch).value(), info);
  EXPECT_EQ(peek_header(bytes).value(), info);
  EXPECT_EQ(serialize(window), bytes);
}

RC_GTEST_PROP(PeekHeader, AgreesWithAFullParse, ()) {
  const auto info = gen::any_info();
  const progress report{.symbol = gen::any_symbol(), .participant = "heatmap-builder", .done_until = gen::noon};
  const auto bytes = encode_progress(report, info);
  const auto whole = decode_progress(bytes);
  RC_ASSERT(whole.has_value());
  RC_ASSERT(whole->body == report);
  RC_ASSERT(peek_header(bytes).value() == whole->header);
  RC_ASSERT(gen::survive(bytes, decode_progress) > 0);
  gen::survive(bytes, peek_header);
}

TEST(Errc, EveryCodeHasAName) {
  EXPECT_EQ(to_string(errc::oversize), "oversize");
  EXPECT_EQ(to_string(errc::bad_subject), "bad_subject");
  EXPECT_EQ(to_string(errc::column_length), "column_length");
}

}  // namespace
}  // namespace isobar::wire
