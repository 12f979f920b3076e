#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "core/types.hpp"

namespace isobar::chain_ingest {

struct recorder_options {
  std::filesystem::path folder;
  std::uint64_t file_bytes = 256u << 20;  ///< the next fetch begins a new file when this is passed
  std::size_t files_max = 16;             ///< of this symbol; the oldest goes when there are more
  std::function<void(std::uint64_t bytes, bool written)> on_line{};  ///< after each line
};

/// Appends lines to chain_<SYMBOL>_<YYYYMMDDTHHMMSS>_<n>.ndjson, flushed line by line; never changes what is written.
/// Not thread-safe: the source's thread owns it.
class recorder {
 public:
  /// Fails, naming the folder, when a file cannot be made there.
  static isobar::result<std::unique_ptr<recorder>, int> open(recorder_options options, const isobar::symbol& s,
                                                             timestamp now);
  /// `line` ends with its line break. `begins`: first line of a fetch, which may begin a new file; a fetch is never
  /// torn over two. False: the disk refused it.
  bool append(std::string_view line, bool begins = false);

 private:
  recorder(recorder_options options, std::string stem) : options_(std::move(options)), stem_(std::move(stem)) {}
  bool next_file();
  void forget_oldest() const;
  bool write(std::string_view line, bool begins);

  recorder_options options_;
  std::string stem_, prefix_;
  std::ofstream out_;
  std::uint64_t in_file_ = 0, number_ = 0;
};

}  // namespace isobar::chain_ingest
