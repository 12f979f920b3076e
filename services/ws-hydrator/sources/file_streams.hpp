#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "ws-hydrator/sources/event_stream.hpp"

namespace isobar::ws_hydrator {

/// Why a file cannot be played; the evidence names it (and the line).
enum class file_errc { unreadable, malformed };
using stream_result = isobar::result<std::unique_ptr<event_stream>, file_errc>;

/// Quotes and trades of minute archives (wire/minute_quotes.hpp), of the symbol's roots.
stream_result open_minute_quotes(const std::vector<std::string>& files, const symbol& s);

/// What frame_recorder wrote: files oldest first, read line by line as it is played. A line that is not a frame is
/// skipped and counted (`bad_frames`), as it was when it came.
stream_result open_recording(const std::vector<std::string>& files, const symbol& s);

}  // namespace isobar::ws_hydrator
