#pragma once
#include <filesystem>
#include <memory>
#include <optional>

#include "wire/dbn/metadata.hpp"
#include "wire/dbn/record.hpp"
#include "wire/dbn/sink.hpp"

namespace isobar::wire::dbn {

struct writer_options {
  bool zstd = true;
  int zstd_level = 3;  ///< the vendor's
};

/// Writes a DBN file: metadata, then records of the metadata's version. Holds back at most 128 KiB. finish() ends it;
/// without, what is held back is lost and a zstd frame stays open. After an error every call fails with it.
class writer {
 public:
  /// Without metadata: a fragment of records of `fragment_version`. Errors: version, metadata, io.
  static result<writer, errc> over(std::unique_ptr<byte_sink> sink, const std::optional<metadata>& m,
                                   writer_options options = {}, std::uint8_t fragment_version = newest_version);
  /// Plain when the name does not end in ".zst".
  static result<writer, errc> create(const std::filesystem::path& path, const metadata& m);
  ~writer();
  writer(writer&&) noexcept;
  writer& operator=(writer&&) noexcept;

  /// A record as it is, its sending time included where the file has them. Errors: layout, when the type is unknown or
  /// the length is not that of the file's version; io.
  result<void, errc> write(record r);
  /// A layout struct, its header made by make_header(). The file must have no sending times.
  template <class R>
    requires(!std::is_same_v<R, record>)
  result<void, errc> write(const R& r) {
    ISOBAR_ASSERT(std::size_t{header_of(r).length} * 4 == sizeof r);
    return write(record(reinterpret_cast<const char*>(&r)));
  }
  /// The same for a file with sending times (metadata::ts_out): the header's length grows by their eight bytes.
  template <class R>
  result<void, errc> write(const R& r, std::uint64_t ts_out) {
    return write_with_ts_out({reinterpret_cast<const char*>(&r), sizeof r}, ts_out);
  }
  /// Hands everything over and closes the sink.
  result<void, errc> finish();
  std::uint64_t records() const;

 private:
  struct state;
  explicit writer(std::unique_ptr<state> s);
  result<void, errc> write_with_ts_out(std::string_view bytes, std::uint64_t ts_out);
  std::unique_ptr<state> state_;
};

}  // namespace isobar::wire::dbn
