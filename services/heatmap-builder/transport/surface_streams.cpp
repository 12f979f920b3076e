#include "heatmap-builder/transport/surface_streams.hpp"

#include <atomic>
#include <set>

#include "heatmap-builder/transport/messages.hpp"
#include "heatmap-builder/transport/status.hpp"

namespace isobar::heatmap_builder {
namespace {

using clock = std::chrono::steady_clock;
using heatmap::v1::StreamSurfaceRequest;
using heatmap::v1::StreamSurfaceResponse;

constexpr std::uint32_t heartbeat_ms_min = 100, heartbeat_ms_max = 60'000, heartbeat_ms_default = 1000;

query_result<void> check(const StreamSurfaceRequest& r) {
  if (r.heartbeat_ms() != 0 && (r.heartbeat_ms() < heartbeat_ms_min || r.heartbeat_ms() > heartbeat_ms_max))
    return fail(query_errc::invalid_argument, "heartbeat_ms: not between 100 and 60000");
  return check_expiries(r.expiries());
}

/// Finishes at once.
class refused final : public ::grpc::ServerWriteReactor<StreamSurfaceResponse> {
 public:
  explicit refused(const ::grpc::Status& why) { Finish(why); }
  void OnDone() override { delete this; }
};

}  // namespace

/// One subscriber. gRPC's threads only set flags; writes and the finish come from the one serving thread.
class subscriber final : public ::grpc::ServerWriteReactor<StreamSurfaceResponse> {
 public:
  subscriber(surface_streams& owner, std::shared_ptr<surface_store> store, const StreamSurfaceRequest& r)
      : owner_(owner), store_(std::move(store)), expiries_(r.expiries().begin(), r.expiries().end()) {
    heartbeat_ = std::chrono::milliseconds(r.heartbeat_ms() == 0 ? heartbeat_ms_default : r.heartbeat_ms());
    if (r.from_revision() != 0) sent_ = store_->at_revision(r.from_revision());
  }

  void OnWriteDone(bool ok) override {
    if (!ok) cancelled_ = true;
    writing_ = false;
    owner_.wake();
  }
  void OnCancel() override {
    cancelled_ = true;
    owner_.wake();
  }
  void OnDone() override {
    dead_ = true;
    const auto keep = std::move(self_);
    owner_.wake();
  }
  void keep_alive(std::shared_ptr<subscriber> self) { self_ = std::move(self); }

  bool dead() const { return dead_; }
  /// Serving thread: writes when there is something to say, ends when it is time to. Returns when to look again.
  clock::time_point serve(clock::time_point now, bool closing, const stream_limits& limits,
                          const std::string& assumptions, stream_metrics& m) {
    if (finished_) return clock::time_point::max();
    if (cancelled_) return end(::grpc::Status::CANCELLED, m.ended_cancelled);
    if (closing) return end({::grpc::StatusCode::UNAVAILABLE, "the service is stopping"}, m.ended_drained);
    if (writing_) {
      if (now < written_at_ + limits.stall_max) return written_at_ + limits.stall_max;
      return end({::grpc::StatusCode::RESOURCE_EXHAUSTED, "the client does not read"}, m.ended_stalled);
    }
    const auto view = store_->latest();
    const bool heartbeat_due = !greeted_ || now >= written_at_ + heartbeat_;
    response_.Clear();
    const bool news = view && fill_planes(*view, m);
    if (!view || (!news && !heartbeat_due && resyncing_ == view->resyncing)) return written_at_ + heartbeat_;
    greeted_ = true;
    resyncing_ = view->resyncing;
    to_proto(*view->snapshot, view->resyncing, assumptions, *response_.mutable_info());
    m.messages.add();
    written_at_ = now;
    writing_ = true;
    StartWrite(&response_);
    return now + std::min<clock::duration>(heartbeat_, limits.stall_max);
  }

 private:
  clock::time_point end(const ::grpc::Status& why, telemetry::counter& counted) {
    counted.add();
    finished_ = true;
    Finish(why);
    return clock::time_point::max();
  }

  bool wants(const market::expiry_key& key) const { return expiries_.empty() || expiries_.contains(to_string(key)); }

  /// What leads from the last sent snapshot to this one. True when there is any plane in it.
  bool fill_planes(const surface_view& view, stream_metrics& m) {
    const surface_snapshot& now = *view.snapshot;
    if (sent_ == view.snapshot) return false;
    const bool base = !sent_ || sent_->board->epoch != now.board->epoch || sent_->planes.size() != now.planes.size();
    tile_columns columns;
    for (std::size_t i = 0; i < now.planes.size(); ++i) {
      const plane_board& layout = now.board->planes[i];
      if (!wants(layout.key) || (!base && sent_->planes[i] == now.planes[i])) continue;
      if (base)
        valid_tiles(layout, *now.planes[i], columns);
      else
        difference(layout, *sent_->planes[i], *now.planes[i], columns);
      if (base || !columns.changed.empty() || !columns.removed.empty())
        to_proto(now, i, base, columns, *response_.add_planes());
    }
    if (greeted_ && view.windows > windows_ + 1) {
      response_.set_conflated_windows(static_cast<std::uint32_t>(view.windows - windows_ - 1));
      m.conflated_windows.add(view.windows - windows_ - 1);
    }
    windows_ = view.windows;
    sent_ = view.snapshot;
    return response_.planes_size() > 0;
  }

  surface_streams& owner_;
  std::shared_ptr<surface_store> store_;
  std::set<std::string> expiries_;
  std::chrono::milliseconds heartbeat_{};
  std::shared_ptr<const surface_snapshot> sent_;
  StreamSurfaceResponse response_;
  clock::time_point written_at_{};
  std::uint64_t windows_ = 0;
  bool greeted_ = false, resyncing_ = false, finished_ = false;
  std::atomic<bool> writing_{false}, cancelled_{false}, dead_{false};
  std::shared_ptr<subscriber> self_;
};

surface_streams::surface_streams(const surface_stores& stores, std::string assumptions, stream_limits limits,
                                 stream_metrics metrics)
    : stores_(stores), assumptions_(std::move(assumptions)), limits_(limits), metrics_(metrics) {
  thread_ = std::thread([this] { run(); });
}

surface_streams::~surface_streams() {
  close();
  thread_.join();
}

::grpc::ServerWriteReactor<StreamSurfaceResponse>* surface_streams::open(const StreamSurfaceRequest& request) {
  if (const auto ok = check(request); !ok) return new refused(to_status(ok.error()));
  const auto store = find_store(stores_, request.symbol());
  if (!store) return new refused(to_status(store.error()));
  const auto view = (*store)->latest();
  if (!view) return new refused({::grpc::StatusCode::UNAVAILABLE, "symbol: nothing built yet for " + request.symbol()});
  if (const auto planes = select_planes(*view->snapshot->board, request.expiries()); !planes)
    return new refused(to_status(planes.error()));
  const std::lock_guard lock(mutex_);
  if (closing_) return new refused({::grpc::StatusCode::UNAVAILABLE, "the service is stopping"});
  if (subscribers_.size() >= limits_.subscribers_max)
    return new refused({::grpc::StatusCode::RESOURCE_EXHAUSTED,
                        "more than " + std::to_string(limits_.subscribers_max) + " subscribers"});
  auto made = std::make_shared<subscriber>(*this, *store, request);
  made->keep_alive(made);
  subscribers_.push_back(made);
  awake_ = true;
  changed_.notify_one();
  return made.get();
}

void surface_streams::wake() {
  const std::lock_guard lock(mutex_);
  awake_ = true;
  changed_.notify_one();
}

void surface_streams::close() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  awake_ = true;
  changed_.notify_one();
}

void surface_streams::run() {
  std::unique_lock lock(mutex_);
  auto next = clock::time_point::max();
  for (;;) {
    const auto due = [this] { return awake_; };
    if (next == clock::time_point::max())
      changed_.wait(lock, due);
    else
      changed_.wait_until(lock, next, due);
    awake_ = false;
    std::erase_if(subscribers_, [](const auto& s) { return s->dead(); });
    metrics_.subscribers.set(static_cast<double>(subscribers_.size()));
    const bool closing = closing_;
    if (closing && subscribers_.empty()) return;
    const std::vector<std::shared_ptr<subscriber>> present(subscribers_.begin(), subscribers_.end());
    lock.unlock();
    next = clock::time_point::max();
    for (const auto& s : present)
      next = std::min(next, s->serve(clock::now(), closing, limits_, assumptions_, metrics_));
    lock.lock();
  }
}

}  // namespace isobar::heatmap_builder
