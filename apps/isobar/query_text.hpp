#pragma once
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>

namespace isobar::cli {

/// To standard output, with the proto's field names.
void print_json(const google::protobuf::Message& message, bool one_line = false);
/// ns since 1970 UTC; 0 for an empty text. Anything else than a time throws CLI::ValidationError: exit code 2.
std::int64_t parse_as_of(const std::string& text);

}  // namespace isobar::cli
