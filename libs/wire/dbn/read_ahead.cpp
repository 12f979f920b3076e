#include "wire/dbn/read_ahead.hpp"

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

#include "wire/dbn/decompress.hpp"

namespace isobar::wire::dbn {
namespace {

/// Fills blocks from a decompressor, whether it is plain or packed.
class filler {
 public:
  explicit filler(std::unique_ptr<byte_source> raw) : input_(std::move(raw)) {}

  /// Bytes put into the block; 0 at the end.
  std::expected<std::size_t, source_error> fill(std::span<char> block) {
    if (!begun_) {
      begun_ = true;
      if (const auto ok = input_.begin(); !ok) return std::unexpected(ok.error());
    }
    if (input_.compressed()) return input_.fill(block);
    if (piece_.empty()) {
      const auto got = input_.pass();
      if (!got) return std::unexpected(got.error());
      piece_ = *got;
    }
    const auto part = std::min(piece_.size(), block.size());
    if (part > 0) std::memcpy(block.data(), piece_.data(), part);
    piece_.remove_prefix(part);
    return part;
  }
  std::optional<std::uint64_t> taken() const {
    return input_.compressed() ? std::optional(input_.taken()) : std::nullopt;
  }

 private:
  decompressor input_;
  std::string_view piece_;
  bool begun_ = false;
};

/// One place of the ring. Between `ready` and its release it is the consumer's, else the thread's.
struct slot {
  std::vector<char> bytes;
  std::size_t size = 0;  // 0: the end
  std::optional<source_error> error;
  std::optional<std::uint64_t> taken;
};

}  // namespace

struct read_ahead::state {
  state(std::unique_ptr<byte_source> raw, read_ahead_options o)
      : name(raw->name()), input(std::move(raw)), ring(std::max<std::size_t>(o.blocks, 2)) {
    for (auto& s : ring) s.bytes.resize(std::max<std::size_t>(o.block_bytes, 1));
  }

  /// The thread: fills slot after slot until the end, an error, or the owner's.
  void run() {
    for (std::uint64_t n = 0;; ++n) {
      {
        std::unique_lock lock(mutex);
        room.wait(lock, [&] { return stopping || n - released < ring.size(); });
        if (stopping) return;
      }
      slot& s = ring[n % ring.size()];
      const auto got = input.fill(s.bytes);
      s.size = got ? *got : 0;
      if (!got) s.error = got.error();
      s.taken = input.taken();
      {
        const std::scoped_lock lock(mutex);
        ready = n + 1;
      }
      filled.notify_one();
      if (s.size == 0) return;
    }
  }

  const std::string name;
  filler input;  // the thread's
  std::vector<slot> ring;
  std::mutex mutex;
  std::condition_variable room, filled;
  std::uint64_t ready = 0;     // slots filled, under the mutex
  std::uint64_t released = 0;  // slots given back, under the mutex
  bool stopping = false;       // under the mutex
  // The consumer's:
  std::uint64_t taken_slots = 0;
  std::optional<std::uint64_t> compressed;
  std::thread thread;
};

std::expected<std::unique_ptr<read_ahead>, source_error> read_ahead::start(std::unique_ptr<byte_source> raw,
                                                                           read_ahead_options options) {
  auto s = std::make_unique<state>(std::move(raw), options);
  try {
    s->thread = std::thread([at = s.get()] { at->run(); });
  } catch (const std::system_error& e) {
    return std::unexpected(source_error{errc::io, std::string("no thread to read ahead: ") + e.what()});
  }
  return std::unique_ptr<read_ahead>(new read_ahead(std::move(s)));
}

read_ahead::read_ahead(std::unique_ptr<state> s) : state_(std::move(s)) {}

read_ahead::~read_ahead() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopping = true;
  }
  state_->room.notify_one();
  state_->thread.join();
}

std::expected<std::string_view, source_error> read_ahead::next() {
  auto& s = *state_;
  std::unique_lock lock(s.mutex);
  // The last slot, end or error, stays where it is and answers for ever.
  const slot* held = s.taken_slots == 0 ? nullptr : &s.ring[(s.taken_slots - 1) % s.ring.size()];
  if (!held || held->size != 0) {
    if (held) {
      s.released = s.taken_slots;
      s.room.notify_one();
    }
    s.filled.wait(lock, [&] { return s.ready > s.taken_slots; });
    held = &s.ring[s.taken_slots++ % s.ring.size()];
    s.compressed = held->taken;
  }
  if (held->error) return std::unexpected(*held->error);
  return std::string_view(held->bytes.data(), held->size);
}

const std::string& read_ahead::name() const { return state_->name; }
std::optional<std::uint64_t> read_ahead::compressed_offset() const { return state_->compressed; }

std::expected<reader, read_error> open_ahead(const std::filesystem::path& path, reader_options options,
                                             read_ahead_options ahead) {
  const auto refuse = [&](const source_error& e) {
    return std::unexpected(read_error{e.code, path, e.what, 0, std::nullopt, 0});
  };
  auto file = file_source::open(path);
  if (!file) return refuse(file.error());
  auto source = read_ahead::start(std::move(*file), ahead);
  if (!source) return refuse(source.error());
  return reader::over(std::move(*source), options);
}

}  // namespace isobar::wire::dbn
