#include "isobar/query_text.hpp"

#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "core/date.hpp"

namespace isobar::cli {

void print_json(const google::protobuf::Message& message, bool one_line) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = !one_line;
  options.preserve_proto_field_names = true;
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  std::cout << text << (one_line || text.empty() || text.back() != '\n' ? "\n" : "") << std::flush;
}

std::int64_t parse_as_of(const std::string& text) {
  if (text.empty()) return 0;
  const auto t = parse_iso_timestamp(text);
  if (!t) throw CLI::ValidationError("--as-of takes a time like 2025-12-19T14:30:00.2Z, not '" + text + "'");
  return t->ns;
}

}  // namespace isobar::cli
