#include "feed-ingest/sources/dbn_source.hpp"

#include <charconv>
#include <filesystem>

#include "feed-ingest/sources/dbn_translation.hpp"
#include "wire/dbn/read_ahead.hpp"

namespace isobar::feed_ingest {
namespace {

namespace dbn = wire::dbn;

std::optional<std::uint32_t> as_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace

std::expected<std::unique_ptr<dbn_source>, std::string> dbn_source::open(const std::string& path, bool ahead) {
  std::error_code ec;
  const auto bytes = std::filesystem::file_size(path, ec);
  auto reader = ahead ? dbn::open_ahead(path) : dbn::reader::open(path);
  if (!reader) return std::unexpected(reader.error().text());
  return std::unique_ptr<dbn_source>(new dbn_source(std::move(*reader), ec ? 0 : bytes));
}

const input_record* dbn_source::next() {
  const auto r = reader_.next();
  if (!r) return nullptr;
  translate(r, record_);
  return &record_;
}

std::optional<std::string> dbn_source::error() const {
  if (const auto* e = reader_.error()) return e->text();
  return std::nullopt;
}

source_progress dbn_source::progress() const {
  return {reader_.compressed_offset().value_or(reader_.offset()), bytes_};
}

record_counts dbn_source::skipped() const {
  record_counts out;
  out.refused[static_cast<std::size_t>(refusal::unknown_type)] = reader_.unknown();
  return out;
}

bool dbn_source::add_mappings(instrument_directory& to) const {
  const auto* meta = reader_.metadata();
  if (meta == nullptr) return false;
  for (const auto& m : meta->mappings)
    for (const auto& interval : m.intervals) {
      // One of the two is the number; which one depends on how the file was asked for.
      const auto out = as_id(interval.symbol), in = as_id(m.symbol);
      if (!out && !in) continue;
      to.add({.id = out ? *out : *in,
              .raw_symbol = printable(out ? m.symbol : interval.symbol),
              .from = utc_midnight(interval.start),
              .until = utc_midnight(interval.end)});
    }
  return !meta->mappings.empty();
}

}  // namespace isobar::feed_ingest
