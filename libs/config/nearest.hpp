#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace isobar::config {

/// The known name with the smallest edit distance to `name`, or nothing when none is near (a third of its length, at
/// least two edits). Ties go to the first.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// " (did you mean window-ms?)", or nothing when no name is near.
std::string suggestion(std::string_view name, const std::vector<std::string>& known);

}  // namespace isobar::config
