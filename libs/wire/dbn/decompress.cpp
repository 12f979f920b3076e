#include "wire/dbn/decompress.hpp"

#include <zstd.h>
#include <zstd_errors.h>

#include <cstring>

namespace isobar::wire::dbn {
namespace {

constexpr std::uint32_t frame_magic = 0xFD2FB528;
constexpr std::uint32_t skippable_magic = 0x184D2A50;  // the last four bits are free
constexpr std::size_t look_bytes = 11;                 // magic, size, "DBZ"

struct free_stream {
  void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
};

}  // namespace

struct decompressor::state {
  std::unique_ptr<byte_source> raw;
  std::unique_ptr<ZSTD_DCtx, free_stream> context;
  std::string head;  // first pieces, when they were too short to tell what they are
  ZSTD_inBuffer in{};
  std::string_view piece;
  std::uint64_t before_piece = 0;  // raw bytes in the pieces before
  bool compressed = false;
  bool in_frame = false;
  bool ended = false;
  std::optional<source_error> failed;

  /// Remembers the error: every later call answers with it.
  std::unexpected<source_error> stop(source_error why) {
    failed = why;
    return std::unexpected(std::move(why));
  }

  /// Takes the next raw piece; false at the end.
  std::expected<bool, source_error> pull() {
    const auto got = raw->next();
    if (!got) return stop(got.error());
    before_piece += piece.size();
    piece = *got;
    in = {piece.data(), piece.size(), 0};
    ended = piece.empty();
    return !ended;
  }
};

decompressor::decompressor(std::unique_ptr<byte_source> raw) : state_(std::make_unique<state>()) {
  state_->raw = std::move(raw);
}
decompressor::~decompressor() = default;
decompressor::decompressor(decompressor&&) noexcept = default;
decompressor& decompressor::operator=(decompressor&&) noexcept = default;

std::expected<void, source_error> decompressor::begin() {
  auto& s = *state_;
  if (const auto more = s.pull(); !more) return std::unexpected(more.error());
  if (!s.ended && s.piece.size() < look_bytes) {
    s.head = s.piece;
    while (s.head.size() < look_bytes) {
      const auto more = s.pull();
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
      s.head += s.piece;
    }
    s.before_piece = 0;
    s.piece = s.head;
    s.in = {s.head.data(), s.head.size(), 0};
    s.ended = false;
  }
  std::uint32_t magic = 0;
  if (s.piece.size() < sizeof magic) return {};
  std::memcpy(&magic, s.piece.data(), sizeof magic);
  const bool skippable = (magic & 0xFFFFFFF0u) == skippable_magic;
  s.compressed = magic == frame_magic || skippable;
  if (skippable && s.piece.size() >= look_bytes && s.piece.substr(8, 3) == "DBZ")
    return s.stop({errc::legacy_dbz, "a legacy DBZ file, the format before DBN: the vendor's dbn tool converts it"});
  if (!s.compressed) return {};
  s.context.reset(ZSTD_createDCtx());
  if (!s.context) return s.stop({errc::io, "no memory for decompression"});
  ZSTD_DCtx_setParameter(s.context.get(), ZSTD_d_windowLogMax, zstd_window_log_max);
  return {};
}

bool decompressor::compressed() const { return state_->compressed; }
std::uint64_t decompressor::taken() const { return state_->before_piece + state_->in.pos; }
const std::string& decompressor::name() const { return state_->raw->name(); }

std::expected<std::size_t, source_error> decompressor::fill(std::span<char> into) {
  auto& s = *state_;
  ZSTD_outBuffer out{into.data(), into.size(), 0};
  while (out.pos < out.size && !s.failed) {
    if (s.in.pos == s.in.size && !s.ended) {
      const auto more = s.pull();
      if (!more || *more) {
        if (!more) break;
        continue;
      }
    }
    if (s.ended && !s.in_frame) break;
    const auto out_before = out.pos;
    const auto hint = ZSTD_decompressStream(s.context.get(), &out, &s.in);
    if (ZSTD_isError(hint)) {
      const bool window = ZSTD_getErrorCode(hint) == ZSTD_error_frameParameter_windowTooLarge;
      s.failed = window ? source_error{errc::window, "zstd frame with a window above 2^25 bytes (32 MiB)"}
                        : source_error{errc::compression, std::string("zstd: ") + ZSTD_getErrorName(hint)};
      break;
    }
    s.in_frame = hint != 0;
    if (s.ended && s.in_frame && out.pos == out_before)
      s.failed = source_error{errc::truncated, "the input ends inside a zstd frame"};
  }
  // What was decompressed before an error is good and goes out first.
  if (s.failed && out.pos == 0) return std::unexpected(*s.failed);
  return out.pos;
}

std::expected<std::string_view, source_error> decompressor::pass() {
  auto& s = *state_;
  if (s.failed) return std::unexpected(*s.failed);
  if (s.in.pos < s.in.size) {
    s.in.pos = s.in.size;
    return s.piece;
  }
  if (s.ended) return std::string_view{};
  if (const auto more = s.pull(); !more) return std::unexpected(more.error());
  s.in.pos = s.in.size;
  return s.piece;
}

decompressed_source::decompressed_source(std::unique_ptr<byte_source> raw) : input_(std::move(raw)) {}

std::expected<std::string_view, source_error> decompressed_source::next() {
  if (!begun_) {
    begun_ = true;
    if (const auto ok = input_.begin(); !ok) return std::unexpected(ok.error());
    if (input_.compressed()) block_.resize(block_bytes);
  }
  if (!input_.compressed()) return input_.pass();
  const auto got = input_.fill(block_);
  if (!got) return std::unexpected(got.error());
  return std::string_view(block_.data(), *got);
}

std::optional<std::uint64_t> decompressed_source::compressed_offset() const {
  if (!input_.compressed()) return std::nullopt;
  return input_.taken();
}

}  // namespace isobar::wire::dbn
