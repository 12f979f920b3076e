#include "wire/dbn/reader.hpp"

#include <cstring>

#include "wire/dbn/decompress.hpp"

namespace isobar::wire::dbn {
namespace {

constexpr std::uint16_t no_length = 0xFFFF;

/// "DBN" read as the first bytes of a record: what a second file behind the first looks like.
bool looks_like_metadata(const char* at) { return std::memcmp(at, "DBN", 3) == 0; }

std::string sizes_text(const record_sizes& sizes, std::size_t extra) {
  std::string out;
  for (std::size_t v = 0; v < sizes.of_version.size(); ++v) {
    if (v > 0 && sizes.of_version[v] == sizes.of_version[v - 1]) continue;
    out += (out.empty() ? "" : " or ") + std::to_string(sizes.of_version[v] + extra);
  }
  return out;
}

}  // namespace

std::expected<reader, read_error> reader::open(const std::filesystem::path& path, reader_options options) {
  auto file = file_source::open(path);
  if (!file) return std::unexpected(read_error{file.error().code, path, file.error().what, 0, std::nullopt, 0});
  return over(std::move(*file), options);
}

std::expected<reader, read_error> reader::over(std::unique_ptr<byte_source> source, reader_options options) {
  if (!source->decompressed()) source = std::make_unique<decompressed_source>(std::move(source));
  reader r(std::move(source), options);
  if (!r.start(options)) return std::unexpected(std::move(*r.error_));
  return r;
}

reader::reader(std::unique_ptr<byte_source> source, reader_options options) : source_(std::move(source)) {
  use_ts_out(options.fragment_ts_out);
}

void reader::use_ts_out(bool ts_out) {
  ts_out_ = ts_out;
  for (std::size_t t = 0; t < words_.size(); ++t) {
    const auto sizes = sizes_of(static_cast<rtype>(t));
    const auto version = metadata_ ? metadata_->version - 1u : newest_version - 1u;
    const auto bytes = sizes.of_version[version] + (ts_out ? ts_out_bytes : 0);
    words_[t] = sizes.known() ? static_cast<std::uint16_t>(bytes / 4) : no_length;
  }
}

bool reader::stop(errc code, std::string what, std::uint64_t offset) {
  error_ = read_error{code, name(), std::move(what), offset, source_->compressed_offset(), 0};
  at_ = end_;
  return false;
}

/// Moves on to the next block; false at the end or at an error.
bool reader::fetch() {
  if (error_ || ended_) return false;
  block_offset_ += static_cast<std::uint64_t>(end_ - block_);
  const auto got = source_->next();
  const std::string_view bytes = got ? *got : std::string_view{};
  block_ = at_ = bytes.data();
  end_ = at_ + bytes.size();
  if (!got) return stop(got.error().code, got.error().what, block_offset_);
  ended_ = bytes.empty();
  return !ended_;
}

bool reader::start(const reader_options& options) {
  if (!fetch()) return error_ ? false : stop(errc::empty, "no bytes", 0);
  if (end_ - at_ < static_cast<std::ptrdiff_t>(metadata_prefix_bytes)) {
    do head_.insert(head_.end(), at_, end_);
    while (head_.size() < metadata_prefix_bytes && fetch());
    if (error_) return false;
    ended_ = false;
    block_offset_ = 0;
    block_ = at_ = head_.data();
    end_ = at_ + head_.size();
  }
  if (end_ - at_ < static_cast<std::ptrdiff_t>(metadata_prefix_bytes))
    return stop(errc::truncated, "the input ends after " + std::to_string(end_ - at_) + " bytes", 0);
  if (!looks_like_metadata(at_)) return true;  // a fragment
  const auto version = static_cast<std::uint8_t>(at_[3]);
  std::uint32_t length = 0;
  std::memcpy(&length, at_ + 4, sizeof length);
  at_ += metadata_prefix_bytes;
  return read_metadata(options, version, length);
}

bool reader::read_metadata(const reader_options& options, std::uint8_t version, std::uint32_t length) {
  if (length > options.metadata_bytes_max)
    return stop(errc::metadata,
                "metadata of " + std::to_string(length) + " bytes; at most " +
                    std::to_string(options.metadata_bytes_max) + " are read",
                0);
  std::string body;
  if (!take(length, body)) {
    if (error_) return false;
    return stop(
        errc::truncated,
        "the input ends after " + std::to_string(body.size()) + " of " + std::to_string(length) + " bytes of metadata",
        0);
  }
  auto decoded = decode_metadata(version, body);
  if (!decoded) return stop(decoded.error().code, decoded.error().evidence, 0);
  metadata_ = std::move(*decoded);
  use_ts_out(metadata_->ts_out);
  return true;
}

/// Appends n bytes of the stream to `out`, which grows with what is really there.
bool reader::take(std::size_t n, std::string& out) {
  while (n > 0) {
    if (at_ == end_ && !fetch()) return false;
    const auto part = std::min(n, static_cast<std::size_t>(end_ - at_));
    out.append(at_, part);
    at_ += part;
    n -= part;
  }
  return true;
}

/// Looks at a header; the error is set when it is bad.
reader::verdict reader::judge(const char* at, std::uint64_t offset) {
  const auto type = static_cast<std::uint8_t>(at[1]);
  const std::size_t size = std::size_t{static_cast<unsigned char>(at[0])} * 4;
  const std::size_t extra = ts_out_ ? ts_out_bytes : 0;
  const auto sizes = sizes_of(static_cast<rtype>(type));
  const auto refuse = [&](std::string what) {
    stop(errc::record, std::move(what), offset);
    return verdict::bad;
  };
  if (size < sizeof(record_header))
    return refuse("record of " + std::to_string(size) + " bytes, less than its header's 16");
  if (!sizes.known()) {
    if (looks_like_metadata(at)) return refuse("a second file's metadata where a record is due");
    if (unknown_by_type_.empty()) unknown_by_type_.resize(256);
    return verdict::unknown;
  }
  if (size >= extra && sizes.has(size - extra)) return verdict::good;
  return refuse(std::string(name_of(static_cast<rtype>(type))) + " record of " + std::to_string(size) + " bytes, not " +
                sizes_text(sizes, extra));
}

/// Everything that is not a record of the usual length lying whole in the block.
record reader::next_slow() {
  for (;;) {
    if (error_ || (at_ == end_ && !fetch())) break;
    const auto left = static_cast<std::size_t>(end_ - at_);
    const std::size_t size = std::size_t{static_cast<unsigned char>(*at_)} * 4;
    if (left < sizeof(record_header) || left < size) {
      if (const record r = straddling()) return r;
      continue;
    }
    const auto found = judge(at_, offset());
    if (found == verdict::bad) break;
    const char* at = at_;
    at_ += size;
    if (found == verdict::good) {
      ++records_;
      return record(at);
    }
    ++unknown_;
    ++unknown_by_type_[static_cast<unsigned char>(at[1])];
  }
  if (error_ && error_->record == 0) error_->record = records_ + unknown_ + 1;
  return {};
}

/// A record across blocks: put together in carry_. False with an error, or without one when its type was unknown.
record reader::straddling() {
  const auto offset = this->offset();
  carry_.resize(record_bytes_max);
  std::size_t have = 0;
  const auto fill_to = [&](std::size_t wanted) {
    while (have < wanted) {
      if (at_ == end_ && !fetch()) {
        if (!error_)
          stop(errc::truncated,
               "the input ends after " + std::to_string(have) + " bytes of a record" +
                   (have == 0 ? "" : " of " + std::to_string(static_cast<unsigned char>(carry_[0]) * 4)),
               offset);
        else
          error_->offset = offset;
        return false;
      }
      const auto part = std::min(wanted - have, static_cast<std::size_t>(end_ - at_));
      std::memcpy(carry_.data() + have, at_, part);
      at_ += part;
      have += part;
    }
    return true;
  };
  if (!fill_to(sizeof(record_header))) return {};
  const auto found = judge(carry_.data(), offset);
  if (found == verdict::bad || !fill_to(std::size_t{static_cast<unsigned char>(carry_[0])} * 4)) return {};
  if (found == verdict::good) {
    ++records_;
    return record(carry_.data());
  }
  ++unknown_;
  ++unknown_by_type_[static_cast<unsigned char>(carry_[1])];
  return {};
}

}  // namespace isobar::wire::dbn
