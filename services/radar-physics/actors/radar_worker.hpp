#pragma once
#include <array>
#include <chrono>
#include <future>
#include <memory>

#include "actors/actors.hpp"
#include "bus/sequence.hpp"
#include "radar-physics/actors/radar_core.hpp"
#include "radar-physics/transport/book_call.hpp"
#include "service/intake.hpp"

namespace isobar::radar_physics {

/// Ten times a second: windows by the clock (live), liveness, figures.
struct tick {};
/// Time to ask for missing frames again.
struct refill_due {
  std::uint64_t generation = 0;
};
/// A query for the book.
struct book_wanted {
  std::shared_ptr<book_call> call;
};
/// The process ends, or the symbol goes: keep a checkpoint.
struct finish {
  bool save = true;                             ///< false: the symbol is another's already
  std::shared_ptr<std::promise<void>> ended{};  ///< the symbol goes: the worker ends and says so
};

/// One symbol's medium: puts feed frames in order, asks for missing ones, hands them to radar_core, answers GetBook,
/// reports progress. Messages: intake_ready of the inputs below, tick, refill_due, book_wanted, finish. Restored after
/// a failure from its checkpoint.
class radar_worker {
 public:
  using messages = actors::message_list<service::intake_ready, tick, refill_due, book_wanted, finish>;
  enum input { book = 1, refill, definition, gex, gate, levels, resync };

  explicit radar_worker(std::shared_ptr<radar_link> link);

  void on_start(actors::context& self);
  void on(actors::context& self, const service::intake_ready& m);
  void on(actors::context& self, const tick&);
  void on(actors::context& self, const refill_due& m);
  void on(actors::context& self, const book_wanted& m);
  void on(actors::context& self, const finish& m);

 private:
  void take(int from, const bus::message& m);
  void take_book(const bus::message& m, bool refilled);
  void take_definition(const bus::message& m);
  template <class Frame, class Give>
  void take_side(side which, const result<wire::framed<Frame>, wire::errc>& frame, Give give);
  bool follow(side which, const wire::frame_info& header);
  void take_resync(const bus::message& m);
  void ask_for_sides(bool again);
  void tell_durable_sides();
  void say(side which, wire::refill_purpose purpose, std::uint64_t sequence);
  void refuse(std::string_view what, const failure<wire::errc>& why);
  bool room() const;
  void after(actors::context& self);
  void follow_missing(actors::context& self);
  void ask();
  void progress();
  void publish_latest(bool now);
  void report();

  std::shared_ptr<radar_link> link_;
  std::unique_ptr<radar_core> core_;
  std::array<bus::sequence_check, sides> side_sequence_;
  std::string progress_subject_, resync_subject_;
  std::array<std::string, sides> side_subjects_;
  std::array<std::uint64_t, sides> told_durable_sides_{};
  std::uint64_t progress_sequence_ = 0;
  std::uint64_t refill_generation_ = 0, asked_for_ = 0;
  int asked_times_ = 0;
  std::chrono::milliseconds refill_wait_{0};
  bool missing_ = false, gap_open_ = false, starved_ = false;
  timestamp told_until_ = start_of_time;
  std::uint64_t told_sequence_ = UINT64_MAX, told_durable_ = 0;
  std::uint64_t stored_windows_ = 0;
  timestamp stored_until_ = start_of_time;
  market::quality stored_quality_ = market::quality::ok;
  std::chrono::steady_clock::time_point stored_at_{}, beat_at_{};
};

}  // namespace isobar::radar_physics
