#include "service/stream_search.hpp"

#include "wire/frame.hpp"

namespace isobar::service {
namespace {

struct found_frame {
  std::uint64_t place = 0, sequence = 0;
  bool heartbeat = false;
  bus::message content;
};
using found = std::expected<found_frame, not_found_why>;

found read(bus::result<bus::stored_message> stored) {
  if (!stored)
    return std::unexpected(stored.error().code == bus::errc::not_found ? not_found_why::gone
                                                                       : not_found_why::unavailable);
  const auto header = wire::peek_header(stored->content.bytes());
  if (!header) return std::unexpected(not_found_why::gone);
  return found_frame{stored->place, header->sequence, header->heartbeat, std::move(stored->content)};
}

/// Where the first wanted frame lies: the first of the subject from `behind` on is it or later, the one at `before`
/// earlier.
struct bracket {
  std::uint64_t before = 0, behind = 0;
};

/// Steps back from the newest frame by doubling steps. Sequences only fall on the way back while one producer spoke.
std::expected<bracket, not_found_why> step_back(bus::stream& in, std::string_view subject, std::uint64_t first) {
  found newest = read(in.last(subject));
  if (!newest) return std::unexpected(newest.error() == not_found_why::gone ? not_found_why::not_yet : newest.error());
  if (newest->sequence < first) return std::unexpected(not_found_why::not_yet);
  bracket out{0, newest->place};
  std::uint64_t sequence = newest->sequence;
  for (std::uint64_t step = newest->sequence - first + 1; out.behind > 1; step *= 2) {
    const std::uint64_t place = out.behind > step ? out.behind - step : 1;
    const found at = read(in.next(subject, place));
    if (!at) return std::unexpected(at.error());
    if (at->sequence > sequence) return std::unexpected(not_found_why::gone);  // another producer's
    if (at->sequence < first) {
      out.before = at->place;
      return out;
    }
    out.behind = place, sequence = at->sequence;
  }
  return out;
}

}  // namespace

std::string_view to_string(not_found_why why) {
  switch (why) {
    case not_found_why::not_yet:
      return "not_yet";
    case not_found_why::gone:
      return "gone";
    case not_found_why::unavailable:
      return "unavailable";
  }
  return "?";
}

std::expected<std::vector<bus::message>, not_found_why> find_frames(bus::stream& in, std::string_view subject,
                                                                    frame_range wanted) {
  auto places = step_back(in, subject, wanted.first);
  if (!places) return std::unexpected(places.error());
  while (places->before + 1 < places->behind) {
    const std::uint64_t middle = places->before + (places->behind - places->before) / 2;
    const found at = read(in.next(subject, middle));
    if (!at) return std::unexpected(at.error());
    if (at->place >= places->behind)
      places->behind = middle;  // none of the subject in between
    else if (at->sequence < wanted.first)
      places->before = at->place;
    else
      places->behind = at->place;
  }
  std::vector<bus::message> out;
  std::uint64_t place = places->behind;
  for (std::uint64_t expected = wanted.first; expected <= wanted.last;) {
    found at = read(in.next(subject, place));
    // Past the newest message there may be more in a moment.
    if (!at) return std::unexpected(at.error() == not_found_why::gone ? not_found_why::not_yet : at.error());
    place = at->place + 1;
    if (at->heartbeat || at->sequence < expected) continue;
    if (at->sequence > expected) return std::unexpected(not_found_why::gone);
    out.push_back(std::move(at->content));
    ++expected;
  }
  return out;
}

}  // namespace isobar::service
