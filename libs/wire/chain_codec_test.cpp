#include "wire/chain_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "wire/generators.hpp"

namespace isobar::wire {
namespace {

market::chain_snapshot one_pair() {
  market::chain_snapshot c;
  c.symbol = *symbol::parse("SPX");
  c.source = "sim";
  c.ts_event = gen::noon;
  c.spot = price(6'900 * nanos_per_unit);
  market::contract_state s;
  s.bid = price(1'250'000'000);
  c.expiries.push_back({.key = {.expiry = *from_yyyymmdd(20251219), .root = "SPXW"},
                        .settles_at = gen::noon,
                        .atm = strike(0),
                        .half_range = strike_width(0),
                        .contracts = {{strike(6'900 * nanos_per_unit), market::right::call, s},
                                      {strike(6'900 * nanos_per_unit), market::right::put, s}}});
  return c;
}

errc refusal(const std::function<void(chain::v1::ChainSnapshot&)>& spoil) {
  chain::v1::ChainSnapshot message;
  to_proto(one_pair(), {.producer = "chain-ingest"}, message);
  spoil(message);
  const auto decoded = decode_chain(serialize(message));
  EXPECT_FALSE(decoded.has_value());
  return decoded ? errc{} : decoded.error().code;
}

RC_GTEST_PROP(ChainCodec, RoundTripsDeterministically, ()) {
  const auto chain = gen::any_chain();
  const auto info = gen::any_info();
  const auto bytes = encode_chain(chain, info);
  const auto back = decode_chain(bytes);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->body == chain);
  RC_ASSERT(encode_chain(back->body, back->header) == bytes);
}

TEST(ChainCodec, SurvivesTruncationAndCorruption) {
  const auto bytes = encode_chain(one_pair(), {.producer = "chain-ingest"});
  gen::survive(bytes, decode_chain);
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(decode_chain(bytes.substr(0, n))) << n;
}

TEST(ChainCodec, RefusesWhatIsNotAChain) {
  const auto columns = [](auto& m) { return m.mutable_expiries(0)->mutable_contracts(); };
  EXPECT_EQ(refusal([](auto& m) { m.mutable_header()->set_version(2); }), errc::unknown_version);
  EXPECT_EQ(refusal([](auto& m) { m.set_symbol(""); }), errc::bad_symbol);
  EXPECT_EQ(refusal([](auto& m) { m.set_source(""); }), errc::bad_text);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_expiries(0)->set_price_unit_nanos(0); }), errc::bad_unit);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_expiries(0)->set_strike_unit_nanos(-1); }), errc::bad_unit);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_expiries(0)->set_multiplier(0); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_expiries(0)->mutable_key()->set_expiry_yyyymmdd(20250230); }),
            errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_expiries(0)->mutable_key()->set_root("spx w"); }), errc::bad_text);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_expiries(0)->set_settlement(common::v1::SETTLEMENT_UNSPECIFIED); }),
            errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { *m.add_expiries() = m.expiries(0); }), errc::bad_order);
  EXPECT_EQ(refusal([&](auto& m) { columns(m)->add_bid(4); }), errc::column_length);
  EXPECT_EQ(refusal([&](auto& m) { columns(m)->mutable_right()->push_back('\0'); }), errc::column_length);
  EXPECT_EQ(refusal([&](auto& m) { (*columns(m)->mutable_right())[1] = 2; }), errc::bad_value);
  EXPECT_EQ(refusal([&](auto& m) { (*columns(m)->mutable_right())[1] = 0; }), errc::bad_order);
  EXPECT_EQ(refusal([&](auto& m) { columns(m)->set_strike_delta(1, -1); }), errc::bad_value);
  EXPECT_EQ(refusal([&](auto& m) { columns(m)->set_strike_delta(1, INT64_MAX); }), errc::overflow);
  EXPECT_EQ(refusal([&](auto& m) { columns(m)->set_ask(0, INT64_MAX); }), errc::overflow);
  EXPECT_EQ(refusal([&](auto& m) { columns(m)->set_ts_quote_delta_ns(0, INT64_MAX); }), errc::overflow);
  EXPECT_EQ(refusal([&](auto& m) { columns(m)->set_open_interest(0, -2); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_header()->set_record_count(1); }), errc::column_length);
}

}  // namespace
}  // namespace isobar::wire
