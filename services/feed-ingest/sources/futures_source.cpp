#include "feed-ingest/sources/futures_source.hpp"

namespace isobar::feed_ingest {
namespace {

struct fact_taker {
  input_record& to;
  void operator()(const market::instrument& i) const {
    to.kind = record_kind::definition;
    to.instrument = i;
  }
  void operator()(const market::statistic& s) const {
    to.kind = record_kind::statistics;
    to.statistic = s;
  }
  void operator()(const market::trading_status& s) const {
    to.kind = record_kind::status;
    to.status = s;
  }
};

void take(const market::book_event& e, input_record& to) {
  to.kind = record_kind::mbo;
  to.event = e;
  if (e.has(market::event_flag::snapshot)) to.event_time = start_of_time;
  if (e.action != market::book_action::trade) return;
  to.is_trade = true;
  to.trade = {e.ts_event, e.price, e.size, e.sequence, e.side, e.flags};
}

}  // namespace

const input_record* futures_source::marker() {
  record_.marker = true;
  record_.delivered = record_.event_time = market_.now();
  return &record_;
}

const input_record* futures_source::next() {
  while (at_ == events_.size()) {
    if (marker_due_) {
      marker_due_ = false;
      return marker();
    }
    if (market_.market().finished()) return nullptr;
    events_.clear();
    at_ = 0;
    market_.advance(market_.now() + step, events_);
    marker_due_ = true;
  }
  const auto& said = events_[at_++];
  record_.marker = false;
  record_.refused = refusal::none;
  record_.is_trade = false;
  record_.instrument_id = instrument().id;
  record_.delivered = record_.event_time = said.ts_event;
  if (const auto* e = std::get_if<market::book_event>(&said.event))
    take(*e, record_);
  else if (const auto* f = std::get_if<std::shared_ptr<const sim::futures_fact>>(&said.event))
    std::visit(fact_taker{record_}, **f);
  return &record_;
}

}  // namespace isobar::feed_ingest
