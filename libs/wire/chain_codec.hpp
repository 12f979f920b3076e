#pragma once
#include <string>
#include <string_view>

#include "isobar/chain/v1/chain.pb.h"
#include "market/option_chain.hpp"
#include "wire/frame.hpp"

namespace isobar::wire {

/// Fills the message; header.record_count is the number of contracts. quote_sequence is not carried: a chain's quotes
/// have sequence 0. Prices must be no_price or not negative.
void to_proto(const market::chain_snapshot& chain, const frame_info& info, chain::v1::ChainSnapshot& to);
/// The message's content, header included, checked; for gRPC clients and KV values as much as for frames.
result<framed<market::chain_snapshot>, errc> from_proto(const chain::v1::ChainSnapshot& from);

/// Deterministic bytes of isobar.chain.v1.ChainSnapshot.
std::string encode_chain(const market::chain_snapshot& chain, const frame_info& info);
/// Refuses what the header of this library names; a heartbeat gives an empty body.
result<framed<market::chain_snapshot>, errc> decode_chain(std::string_view bytes);

}  // namespace isobar::wire
