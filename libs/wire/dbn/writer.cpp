#include "wire/dbn/writer.hpp"

#include <zstd.h>

#include <cstring>

namespace isobar::wire::dbn {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{128} * 1024;

struct free_stream {
  void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
};

}  // namespace

struct writer::state {
  std::unique_ptr<byte_sink> sink;
  std::unique_ptr<ZSTD_CCtx, free_stream> context;  // none: plain
  std::string buffer;
  std::string packed;
  std::array<std::uint16_t, 256> sizes{};  // of this version, with sending time; 0: unknown
  std::uint64_t records = 0;
  std::optional<failure<errc>> failed;
  bool finished = false;

  result<void, errc> keep(result<void, errc> r) {
    if (!r) failed = r.error();
    return r;
  }

  /// Hands the buffer on; `last` closes the zstd frame.
  result<void, errc> flush(bool last) {
    if (!context) {
      const auto put = sink->write(buffer);
      buffer.clear();
      return put;
    }
    ZSTD_inBuffer in{buffer.data(), buffer.size(), 0};
    for (bool more = true; more;) {
      packed.resize(ZSTD_CStreamOutSize());
      ZSTD_outBuffer out{packed.data(), packed.size(), 0};
      const auto left = ZSTD_compressStream2(context.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left)) return fail(errc::compression, std::string("zstd: ") + ZSTD_getErrorName(left));
      if (const auto put = sink->write(std::string_view(packed.data(), out.pos)); !put) return put;
      more = last ? left != 0 : in.pos < in.size;
    }
    buffer.clear();
    return {};
  }

  result<void, errc> append(std::string_view bytes) {
    buffer += bytes;
    return buffer.size() < buffer_bytes ? result<void, errc>{} : keep(flush(false));
  }
};

result<writer, errc> writer::over(std::unique_ptr<byte_sink> sink, const std::optional<metadata>& m,
                                  writer_options options, std::uint8_t fragment_version) {
  auto s = std::make_unique<state>();
  s->sink = std::move(sink);
  s->buffer.reserve(buffer_bytes + record_bytes_max);
  if (options.zstd) {
    s->context.reset(ZSTD_createCCtx());
    if (!s->context) return fail(errc::io, "no memory for compression");
    ZSTD_CCtx_setParameter(s->context.get(), ZSTD_c_compressionLevel, options.zstd_level);
    ZSTD_CCtx_setParameter(s->context.get(), ZSTD_c_checksumFlag, 1);
  }
  const auto version = m ? m->version : fragment_version;
  if (version == 0 || version > newest_version)
    return fail(errc::version, "DBN version " + std::to_string(version) + "; versions 1 to 3 are written");
  for (std::size_t t = 0; t < s->sizes.size(); ++t) {
    const auto sizes = sizes_of(static_cast<rtype>(t));
    const std::size_t extra = sizes.known() && m && m->ts_out ? ts_out_bytes : 0;
    s->sizes[t] = static_cast<std::uint16_t>(sizes.of_version[version - 1u] + extra);
  }
  if (m) {
    const auto encoded = encode_metadata(*m);
    if (!encoded) return std::unexpected(encoded.error());
    if (const auto put = s->append(*encoded); !put) return std::unexpected(put.error());
  }
  return writer(std::move(s));
}

result<writer, errc> writer::create(const std::filesystem::path& path, const metadata& m) {
  auto sink = file_sink::create(path);
  if (!sink) return std::unexpected(sink.error());
  return over(std::move(*sink), m, {.zstd = path.extension() == ".zst"});
}

writer::writer(std::unique_ptr<state> s) : state_(std::move(s)) {}
writer::~writer() = default;
writer::writer(writer&&) noexcept = default;
writer& writer::operator=(writer&&) noexcept = default;

result<void, errc> writer::write(record r) {
  auto& s = *state_;
  if (s.failed) return std::unexpected(*s.failed);
  ISOBAR_ASSERT(!s.finished);
  const auto due = s.sizes[static_cast<std::uint8_t>(r.type())];
  if (due == 0 || r.size() != due)
    return fail(errc::layout, std::string(name_of(r.type())) + " record of " + std::to_string(r.size()) +
                                  " bytes; this file's have " + std::to_string(due));
  ++s.records;
  return s.append(r.bytes());
}

result<void, errc> writer::write_with_ts_out(std::string_view bytes, std::uint64_t ts_out) {
  std::array<char, record_bytes_max> longer;
  ISOBAR_ASSERT(bytes.size() + ts_out_bytes <= longer.size());
  std::memcpy(longer.data(), bytes.data(), bytes.size());
  std::memcpy(longer.data() + bytes.size(), &ts_out, sizeof ts_out);
  longer[0] = static_cast<char>((bytes.size() + ts_out_bytes) / 4);
  return write(record(longer.data()));
}

result<void, errc> writer::finish() {
  auto& s = *state_;
  if (s.failed) return std::unexpected(*s.failed);
  if (s.finished) return {};
  s.finished = true;
  if (const auto put = s.keep(s.flush(true)); !put) return put;
  return s.keep(s.sink->close());
}

std::uint64_t writer::records() const { return state_->records; }

}  // namespace isobar::wire::dbn
