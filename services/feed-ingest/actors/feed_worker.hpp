#pragma once
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "actors/actors.hpp"
#include "feed-ingest/actors/checkpoint_file.hpp"
#include "feed-ingest/actors/lane.hpp"
#include "feed-ingest/domain/consumers.hpp"
#include "feed-ingest/domain/refill_ring.hpp"
#include "feed-ingest/metrics.hpp"
#include "feed-ingest/transport/feed_board.hpp"
#include "service/intake.hpp"
#include "service/publisher.hpp"
#include "service/symbol_workers.hpp"
#include "wire/feed_codec.hpp"

namespace isobar::feed_ingest {

// Messages of a worker.
/// Records of the symbol, or news of its time and gaps.
struct batch_made {
  std::shared_ptr<batch> made;
};
/// The input has ended: nothing more will come.
struct input_ended {};
/// Repeats the last heartbeats.
struct heartbeat_due {};

/// Tags of a worker's intakes.
enum intake_tag : int { progress_tag = 1, resync_tag = 2 };

/// What a worker keeps over restarts, and what it works with. Used by one worker at a time, but for `flow` and `board`.
struct worker_shared {
  isobar::symbol symbol;
  std::array<service::publisher, channels> out;  ///< by channel; those of light_channels keep their frames
  service::publisher refill;
  feed_ingest::metrics& series;
  std::shared_ptr<lane> flow;
  std::shared_ptr<feed_board> board;
  checkpoint_file saved;
  refill_ring kept;
  std::optional<mark> resumed;                   ///< batches up to it are published already
  bool mismatched = false;                       ///< nothing is published any more
  std::function<void(std::string)> on_mismatch;  ///< the input does not make the frames that the checkpoint says
  std::chrono::milliseconds heartbeat{1000};
  market::quality quality = market::quality::ok;  ///< of data frames: what is wrong with single records say their flags
  bool leads_with_options = false;   ///< consumers count frames of its options: it has no instrument of its own
  bool hold_when_full = true;        ///< else the oldest kept frames go
  std::function<timestamp()> clock;  ///< live: for the lag; else none

  feed_ingest::consumers consumers{};
  feed_state state{};
  timestamp watermark = start_of_time;
  std::array<timestamp, channels> told{};         ///< watermark that each subject has last said
  std::array<std::uint64_t, channels> skipped{};  ///< frames of a resumed run that were not published again
  std::shared_ptr<service::intake> progress{}, resync{};
  std::optional<service::symbol_place> place{};  ///< of a symbol that was shared out: the bus that `out` is on
};

/// One symbol's worker: encodes, numbers and publishes what the reader made, keeps book frames for refills, follows the
/// consumers.
struct feed_worker {
  using messages = actors::message_list<batch_made, input_ended, heartbeat_due, service::intake_ready>;
  std::shared_ptr<worker_shared> shared;

  void on_start(actors::context& self);
  void on(actors::context& self, const batch_made& m);
  void on(actors::context& self, const input_ended& m);
  void on(actors::context& self, const heartbeat_due& m);
  void on(actors::context& self, const service::intake_ready& m);

 private:
  bool already_published(const batch& b);
  void make_light(const batch& b);
  void mismatch(const std::string& what);
  void publish(const batch& b);
  void publish(const batch& b, channel c, std::size_t at, const mark& behind);
  void keep(std::uint64_t sequence, std::shared_ptr<const std::string> bytes, const mark& behind);
  void show(const batch& b);
  void beat();
  void tell_time();
  void save(std::chrono::milliseconds every);
  void take_progress(const bus::message& m);
  void answer(const bus::message& m);
  void answer_book(const wire::refill_request& asked);
};

}  // namespace isobar::feed_ingest
