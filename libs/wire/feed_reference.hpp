#pragma once
#include "isobar/feed/v1/feed.pb.h"
#include "market/futures_feed.hpp"
#include "wire/frame.hpp"

/// Instruments and status changes, protobuf <-> domain: for the frames and for FeedService's answers.
namespace isobar::wire {

void to_proto(const market::instrument& from, feed::v1::Instrument& to);
/// bad_text: a name over 128 bytes or not printable ASCII; bad_value: negative tick or multiplier, a class that is no
/// letter.
result<market::instrument, errc> from_proto(const feed::v1::Instrument& from);

void to_proto(const market::trading_status& from, feed::v1::StatusChange& to);
/// bad_value: a number above 16 bits.
result<market::trading_status, errc> from_proto(const feed::v1::StatusChange& from);

void to_proto(const market::statistic& from, feed::v1::Statistic& to);
/// bad_value: a type above 16 bits, or a price or amount that means "none".
result<market::statistic, errc> from_proto(const feed::v1::Statistic& from);

}  // namespace isobar::wire
