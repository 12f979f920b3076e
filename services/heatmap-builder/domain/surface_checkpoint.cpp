#include "core/archive.hpp"
#include "heatmap-builder/domain/plane_state.hpp"
#include "heatmap-builder/domain/surface.hpp"

namespace isobar::heatmap_builder {
namespace {

constexpr std::uint32_t saved_version = 1;

/// The last window of the snapshot.
struct saved_window {
  std::uint64_t epoch = 0, revision = 0, planes = 0;
  timestamp window_end;
  market::quality quality = market::quality::ok;
  price spot = market::no_price;
  bool base_awaited = true;
  template <class Archive>
  void fields(Archive& a) {
    a(epoch, revision, planes, window_end, quality, spot, base_awaited);
  }
};

/// Tiles are functions of the quotes, so that they need not be kept.
template <class Archive, class Quotes>
void quote_fields(Archive& a, Quotes& q) {
  a(q.bid, q.ask, q.ts_quote, q.status, q.expired, q.sequence);
}

}  // namespace

void surface::save(std::string& to) const {
  archive_writer a(to);
  const saved_window w{.epoch = active_->epoch,
                       .revision = snapshot_->revision,
                       .planes = planes_.size(),
                       .window_end = last_window_end_,
                       .quality = snapshot_->quality,
                       .spot = snapshot_->spot,
                       .base_awaited = base_awaited_};
  a(saved_version, w);
  for (const auto& p : planes_) quote_fields(a, p->quotes);
}

bool surface::restore(std::string_view from, std::shared_ptr<const board> in_force) {
  archive_reader a(from);
  std::uint32_t version = 0;
  saved_window w;
  a(version, w);
  if (!a.ok() || version != saved_version || w.epoch != in_force->epoch || w.planes != in_force->planes.size())
    return false;
  std::vector<std::unique_ptr<plane_state>> planes;
  for (std::uint32_t i = 0; i < in_force->planes.size(); ++i) {
    const auto& layout = in_force->planes[i];
    auto& p = *planes.emplace_back(std::make_unique<plane_state>(layout, i));
    quote_fields(a, p.quotes);
    const plane_quotes& q = p.quotes;
    const std::size_t rows = layout.rows();
    if (!a.ok() || q.bid.size() != rows || q.ask.size() != rows || q.ts_quote.size() != rows || q.status.size() != rows)
      return false;
    // Whether a quote has aged is looked at in the next window.
    p.next_stale_ns = INT64_MIN;
    p.evaluate_all();
  }
  if (!a.finished()) return false;
  active_ = std::move(in_force);
  std::erase_if(prepared_, [this](const auto& b) { return b->epoch <= active_->epoch; });
  planes_ = std::move(planes);
  resumed_.reset();
  last_window_end_ = w.window_end;
  base_awaited_ = w.base_awaited;
  delta_ = {};
  delta_.board = active_.get();
  delta_.revision = w.revision;
  delta_.window_end = w.window_end;
  snapshot_.reset();
  market::model_header h;
  h.window_end = w.window_end;
  h.quality = w.quality;
  h.spot = w.spot;
  publish_snapshot(h);
  return true;
}

}  // namespace isobar::heatmap_builder
