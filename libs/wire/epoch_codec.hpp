#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "isobar/epoch/v1/epoch.pb.h"
#include "market/epoch_record.hpp"
#include "wire/frame.hpp"

namespace isobar::wire {

using market::epoch_record;

void to_proto(const market::geometry& board, epoch::v1::Geometry& to);
/// `symbol` is not part of the message; first_contract and spacing are recomputed.
result<market::geometry, errc> from_proto(const epoch::v1::Geometry& from, const isobar::symbol& symbol);

/// header.record_count is 1.
void to_proto(const epoch_record& record, const frame_info& info, epoch::v1::Epoch& to);
/// Refuses a geometry whose hash is not the one stated.
result<framed<epoch_record>, errc> from_proto(const epoch::v1::Epoch& from);

std::string encode_epoch(const epoch_record& record, const frame_info& info);
result<framed<epoch_record>, errc> decode_epoch(std::string_view bytes);

/// A participant has built what an epoch needs. Subject epoch.ack.
struct epoch_ack {
  isobar::symbol symbol;
  std::uint64_t epoch_id = 0;
  std::string participant;  ///< service name
  duration_ns pause;        ///< wall-clock pause that the previous switch cost; zero: none
  bool operator==(const epoch_ack&) const = default;
};
std::string encode_epoch_ack(const epoch_ack& ack, const frame_info& info);
result<framed<epoch_ack>, errc> decode_epoch_ack(std::string_view bytes);

}  // namespace isobar::wire
