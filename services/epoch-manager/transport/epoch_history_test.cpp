#include "epoch-manager/transport/epoch_history.hpp"

#include <gtest/gtest.h>

namespace isobar::epoch_manager {
namespace {

epoch_message epoch_with(std::uint64_t id) {
  auto message = std::make_shared<epoch::v1::Epoch>();
  message->set_epoch_id(id);
  return message;
}

TEST(EpochHistory, FindsTheActiveOneAndListsNewestFirst) {
  epoch_history history;
  EXPECT_EQ(history.find(0), nullptr);
  for (std::uint64_t id = 1; id <= 4; ++id) history.put(epoch_with(id), id != 4);
  EXPECT_EQ(history.find(0)->epoch_id(), 3u);
  EXPECT_EQ(history.find(4)->epoch_id(), 4u);
  EXPECT_EQ(history.find(9), nullptr);
  const auto page = history.list(2, 4);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0]->epoch_id(), 3u);
  EXPECT_EQ(page[1]->epoch_id(), 2u);
  EXPECT_EQ(history.list(100, 0).size(), 4u);
}

TEST(EpochHistory, IsBounded) {
  epoch_history history;
  for (std::uint64_t id = 1; id <= 300; ++id) history.put(epoch_with(id), true);
  EXPECT_EQ(history.list(1000, 0).size(), epoch_history::epochs_kept);
  EXPECT_EQ(history.find(44), nullptr);
  EXPECT_EQ(history.find(45)->epoch_id(), 45u);
}

}  // namespace
}  // namespace isobar::epoch_manager
