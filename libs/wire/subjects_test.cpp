#include "wire/subjects.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace isobar::subjects {
namespace {

const symbol spx = *symbol::parse("SPX");
const symbol index_spx = *symbol::parse("I:SPX");

TEST(Subjects, AreThePatternWithEscapedTokens) {
  EXPECT_EQ(chain_snapshot("SIM", spx), "isobar.chain.sim.spx.snapshot");
  EXPECT_EQ(epoch_switch("SIM", index_spx), "isobar.epoch.sim.i%3aspx.switch");
  EXPECT_EQ(epoch_ack("SIM", spx), "isobar.epoch.sim.spx.ack");
  EXPECT_EQ(window_frame("SIM", spx), "isobar.window.sim.spx.frame");
  EXPECT_EQ(window_resync("SIM", spx), "isobar.window.sim.spx.resync");
  EXPECT_EQ(model_heatmap("SIM", spx), "isobar.model.sim.spx.heatmap");
  EXPECT_EQ(model_gex("SIM", spx), "isobar.model.sim.spx.gex");
  EXPECT_EQ(model_volume_profile("SIM", spx), "isobar.model.sim.spx.volume_profile");
  EXPECT_EQ(heatmap_tiles("SIM", spx), "isobar.heatmap.sim.spx.tiles");
  EXPECT_EQ(heatmap_gradient("SIM", spx), "isobar.heatmap.sim.spx.gradient");
  EXPECT_EQ(color_cells("SIM", spx), "isobar.color.sim.spx.cells");
  EXPECT_EQ(feed_book("GLBX", *symbol::parse("ESH4")), "isobar.feed.glbx.esh4.book");
  EXPECT_EQ(radar_column("SIM", spx), "isobar.radar.sim.spx.column");
  EXPECT_EQ(control_progress("SIM", spx), "isobar.control.sim.spx.progress");
  EXPECT_EQ(chain_snapshot("sim", spx), chain_snapshot("SIM", spx));
  EXPECT_EQ(every_symbol(kind::window_frame, "SIM"), "isobar.window.sim.*.frame");
  EXPECT_EQ(every_venue(kind::window_frame), "isobar.window.*.*.frame");
}

RC_GTEST_PROP(Subjects, ParseIsTheInverse, ()) {
  const auto printable = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>('!', '~')));
  const auto digits = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>('!', 'A')));
  const auto venue = (*digits).substr(0, 20) + "x";
  const auto name = symbol::parse((*printable).substr(0, 32));
  RC_ASSERT(name.has_value());
  for (const auto& entry : all_subjects) {
    const auto text = subject(entry.kind, venue, *name);
    const auto parsed = parse(text);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == (parsed_subject{.kind = entry.kind, .venue = venue, .symbol = *name}));
  }
}

TEST(Subjects, ParseRefusesEverythingElse) {
  for (const auto* text : {"", ".", "isobar", "isobar.chain.sim.spx", "isobar.chain.sim.spx.snapshot.more",
                           "isobar.chain.sim.spx.frame", "isobar.chain..spx.snapshot", "isobar.chain.sim..snapshot",
                           "isobar.chain.SIM.spx.snapshot", "isobar.chain.*.*.snapshot", "x.chain.sim.spx.snapshot"})
    EXPECT_EQ(parse(text).error().code, wire::errc::bad_subject) << text;
  EXPECT_FALSE(parse(std::string(1'000'000, '.')));
}

TEST(Keys, AreValidForNatsAndStable) {
  EXPECT_EQ(latest_chain_key("SIM", spx), "sim.spx.latest");
  EXPECT_EQ(latest_chain_key("sim", spx), "sim.spx.latest");
  EXPECT_EQ(active_epoch_key("SIM", index_spx), "sim.i=3aspx.active");
  EXPECT_EQ(epoch_key("SIM", spx, 12), "sim.spx.12");
  EXPECT_EQ(model_key("SIM", spx), "sim.spx.model");
  EXPECT_EQ(model_key("SIM", spx, 3), "sim.spx.model.3");
  EXPECT_EQ(model_key("SIM", spx, 3, {.expiry = *from_yyyymmdd(20251219), .root = "SPXW"}),
            "sim.spx.model.3.SPXW-20251219");
}

RC_GTEST_PROP(Keys, TokensHoldOnlyWhatNatsAllows, (const std::string& text)) {
  const auto token = key_token(text);
  RC_ASSERT(std::all_of(token.begin(), token.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '=';
  }));
}

}  // namespace
}  // namespace isobar::subjects
