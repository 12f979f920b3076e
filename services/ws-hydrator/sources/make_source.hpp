#pragma once
#include <functional>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "ws-hydrator/config.hpp"
#include "ws-hydrator/sources/quote_source.hpp"

namespace isobar::ws_hydrator {

enum class source_errc { unreadable, malformed, configuration };

/// What a source needs besides its settings.
struct source_context {
  isobar::symbol symbol;
  bool live = true;
  std::function<timestamp()> clock;              ///< wall time, for live feeds
  timestamp process_start;                       ///< wall time that stands in for an empty sim.anchor
  std::function<bool(timestamp next)> may_pass;  ///< replay: the pipeline's gate; empty: none
  std::string record_dir;                        ///< where the vendor feed is recorded; empty: nowhere
};

/// The source that the settings name, not started. Files are read here, so that a bad one fails the start.
isobar::result<std::unique_ptr<quote_source>, source_errc> make_source(const settings& s, source_context context);

}  // namespace isobar::ws_hydrator
