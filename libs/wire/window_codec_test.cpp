#include "wire/window_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <functional>

#include "wire/generators.hpp"

namespace isobar::wire {
namespace {

market::frozen_window two_rows() {
  market::frozen_window w;
  w.symbol = *symbol::parse("SPX");
  w.epoch = 1;
  w.sequence = 3;
  w.start = gen::noon;
  w.end = gen::noon + milliseconds(200);
  w.rows.resize(2);
  w.rows[0].contract = 4;
  w.rows[0].state.bid = price(1'250'000'000);
  w.rows[0].state.ask = price(1'300'000'000);
  w.rows[0].state.ts_quote = gen::noon;
  w.rows[1].contract = 9;
  w.prints = {{4, gen::noon, price(1'300'000'000), quantity(2), price(1'250'000'000), price(1'300'000'000)},
              {9, gen::noon, price(50'000'000), quantity(1), market::no_price, market::no_price}};
  return w;
}

errc refusal(const std::function<void(window::v1::ContractWindow&)>& spoil) {
  window_encoder encoder;
  encoder.encode(two_rows(), {.producer = "ws-hydrator"});
  auto message = encoder.message();
  spoil(message);
  const auto decoded = decode_window(serialize(message));
  EXPECT_FALSE(decoded.has_value());
  return decoded ? errc{} : decoded.error().code;
}

RC_GTEST_PROP(WindowCodec, RoundTripsAndReusesItsBuffers, ()) {
  window_encoder encoder;
  window_decoder decoder;
  market::frozen_window into;
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    const auto window = gen::any_window();
    const auto info = gen::any_info();
    encoder.encode(window, info, bytes);
    const auto header = decoder.decode(bytes, into);
    RC_ASSERT(header.has_value());
    RC_ASSERT(into == window);
    RC_ASSERT(header->sequence == window.sequence);
    RC_ASSERT(header->watermark == info.watermark);
    RC_ASSERT(bytes == encode_window(window, info));  // deterministic, whatever was encoded before
  }
}

TEST(WindowCodec, SurvivesTruncationAndCorruption) {
  const auto bytes = encode_window(two_rows(), {.producer = "ws-hydrator"});
  const auto refused = gen::survive(bytes, decode_window);
  EXPECT_GT(refused, static_cast<int>(bytes.size()));
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(decode_window(bytes.substr(0, n))) << n;
}

TEST(WindowCodec, UnitIsTheGreatestCommonDivisor) {
  window_encoder encoder;
  encoder.encode(two_rows(), {.producer = "ws-hydrator"});
  EXPECT_EQ(encoder.message().price_unit_nanos(), 50'000'000);  // gcd(1.25, 1.30) = 0.05
  EXPECT_EQ(encoder.message().rows().bid(0), 25);
  EXPECT_EQ(encoder.message().rows().bid(1), -1);
  EXPECT_EQ(encoder.message().rows().traded_size(), 0);
  auto none = two_rows();
  none.rows.clear();
  none.prints.clear();
  encoder.encode(none, {.producer = "ws-hydrator"});
  EXPECT_EQ(encoder.message().price_unit_nanos(), 1);
}

TEST(WindowCodec, RefusesWhatItsHeaderNames) {
  EXPECT_EQ(refusal([](auto& m) { m.mutable_header()->set_version(9); }), errc::unknown_version);
  EXPECT_EQ(refusal([](auto& m) { m.set_symbol("no spaces"); }), errc::bad_symbol);
  EXPECT_EQ(refusal([](auto& m) { m.set_price_unit_nanos(0); }), errc::bad_unit);
  EXPECT_EQ(refusal([](auto& m) { m.set_price_unit_nanos(-5); }), errc::bad_unit);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->add_ask(1); }), errc::column_length);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->add_gamma(1); }), errc::column_length);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_header()->set_record_count(3); }), errc::column_length);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->set_contract_delta(1, 0); }), errc::bad_order);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->set_contract_delta(1, UINT32_MAX); }), errc::bad_order);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->set_bid(0, INT64_MAX / 2); }), errc::overflow);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->set_bid(0, -2); }), errc::overflow);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->set_quote_age_ns(0, INT64_MIN + 1); }), errc::overflow);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->set_bid_lots(0, UINT64_MAX); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->set_volume(0, -2); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.set_window_end_ns(m.window_start_ns()); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_rows()->mutable_gamma()->Resize(2, std::nan("")); }), errc::bad_value);
}

TEST(WindowCodec, UnitDividesThePricesOfPrintsToo) {
  auto w = two_rows();
  w.prints[0].price = price(1'260'000'000);
  window_encoder encoder;
  encoder.encode(w, {.producer = "ws-hydrator"});
  EXPECT_EQ(encoder.message().price_unit_nanos(), 10'000'000);
  EXPECT_EQ(encoder.message().prints().price(0), 126);
  EXPECT_EQ(encoder.message().prints().bid(1), -1);
  EXPECT_EQ(encoder.message().prints().age_ns(0), 200'000'000);
}

TEST(WindowCodec, RefusesPrintsThatCannotBe) {
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->add_lots(1); }), errc::column_length);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->add_ask(1); }), errc::column_length);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->mutable_contract()->Add(1); }), errc::column_length);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->set_contract(1, 3); }), errc::bad_order);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->set_age_ns(1, 300'000'000); }), errc::bad_order);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->set_age_ns(0, INT64_MIN); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->set_age_ns(0, INT64_MIN + 1); }), errc::overflow);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->set_price(0, -1); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->set_price(0, -2); }), errc::overflow);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->set_bid(0, INT64_MAX / 2); }), errc::overflow);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->set_lots(0, UINT64_MAX); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_prints()->set_contract(1, 1u << 20); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) {
              window::v1::PrintColumns& p = *m.mutable_prints();
              for (auto* column : {p.mutable_age_ns(), p.mutable_price(), p.mutable_bid(), p.mutable_ask()})
                column->Resize(65'537, 1);
              p.mutable_contract()->Resize(65'537, 1);
              p.mutable_lots()->Resize(65'537, 1);
              m.mutable_header()->set_record_count(65'539);
            }),
            errc::too_many);
}

TEST(WindowCodec, ResyncRequestsRoundTripAndRefuseNonsense) {
  const resync_request request{.symbol = *symbol::parse("SPX"), .requester = "decomposer"};
  EXPECT_EQ(decode_resync(encode_resync(request)).value(), request);
  EXPECT_EQ(decode_resync("").error().code, errc::bad_symbol);
  EXPECT_EQ(decode_resync("\xff").error().code, errc::malformed);
}

}  // namespace
}  // namespace isobar::wire
