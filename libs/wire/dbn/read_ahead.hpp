#pragma once
#include <filesystem>
#include <memory>

#include "wire/dbn/reader.hpp"

namespace isobar::wire::dbn {

struct read_ahead_options {
  std::size_t blocks = 8;                             ///< at least 2
  std::size_t block_bytes = std::size_t{256} * 1024;  ///< decompressed
};

/// A source that reads and decompresses on a thread of its own, ahead of whoever takes its blocks: decoding then costs
/// the consumer's core only the walk. Holds blocks * block_bytes of decompressed data (2 MiB) and the zstd window; the
/// thread waits when the ring is full. next() belongs to one thread. The end of its life stops the thread after the raw
/// source's call in progress.
class read_ahead final : public byte_source {
 public:
  /// Errors: io when the system has no thread to give.
  static std::expected<std::unique_ptr<read_ahead>, source_error> start(std::unique_ptr<byte_source> raw,
                                                                        read_ahead_options options = {});
  ~read_ahead() override;
  read_ahead(const read_ahead&) = delete;
  read_ahead& operator=(const read_ahead&) = delete;

  std::expected<std::string_view, source_error> next() override;
  const std::string& name() const override;
  /// Compressed bytes taken in for the blocks handed out so far: the same in every run.
  std::optional<std::uint64_t> compressed_offset() const override;
  bool decompressed() const override { return true; }

 private:
  struct state;
  explicit read_ahead(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

/// reader::open with a thread that reads ahead.
std::expected<reader, read_error> open_ahead(const std::filesystem::path& path, reader_options options = {},
                                             read_ahead_options ahead = {});

}  // namespace isobar::wire::dbn
