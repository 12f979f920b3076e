#include "wire/progress_codec.hpp"

#include "isobar/control/v1/progress.pb.h"

namespace isobar::wire {

std::string encode_progress(const progress& report, const frame_info& info) {
  control::v1::Progress message;
  auto header = info;
  header.record_count = 1;
  write_header(header, *message.mutable_header());
  message.set_symbol(report.symbol.str());
  message.set_participant(report.participant);
  message.set_done_until_ns(report.done_until.ns);
  message.set_input_sequence(report.input_sequence);
  message.set_durable_sequence(report.durable_sequence);
  message.set_option_sequence(report.option_sequence);
  return serialize(message);
}

result<framed<progress>, errc> decode_progress(std::string_view bytes) {
  control::v1::Progress message;
  auto header = parse_frame(bytes, message);
  if (!header) return std::unexpected(header.error());
  framed<progress> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  auto symbol = read_symbol(message.symbol(), "Progress");
  if (!symbol) return std::unexpected(symbol.error());
  if (!valid_text(message.participant())) return fail(errc::bad_text, "Progress.participant");
  out.body = {.symbol = std::move(*symbol),
              .participant = message.participant(),
              .done_until = {message.done_until_ns()},
              .input_sequence = message.input_sequence(),
              .durable_sequence = message.durable_sequence(),
              .option_sequence = message.option_sequence()};
  return out;
}

}  // namespace isobar::wire
