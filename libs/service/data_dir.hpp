#pragma once
#include <filesystem>
#include <string_view>

#include "service/host.hpp"

namespace isobar::service {

/// Creates the folder and writes a file into it; unwritable naming the path and the cause.
result<void> prepare_data_dir(const std::filesystem::path& folder);

}  // namespace isobar::service
