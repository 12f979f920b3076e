#include "feed-ingest/sources/input.hpp"

#include <filesystem>

#include "feed-ingest/domain/option_listing.hpp"
#include "feed-ingest/sources/csv_source.hpp"
#include "feed-ingest/sources/dbn_source.hpp"
#include "feed-ingest/sources/flat_file_source.hpp"
#include "feed-ingest/sources/merged_source.hpp"

namespace isobar::feed_ingest {
namespace {

// A thread each: beyond this many files merging is what takes the time.
constexpr std::size_t ahead_files_max = 8;

using sources = std::vector<std::unique_ptr<source>>;

/// Opens every file; their metadata go to `mapped`, which may be null.
result<sources, binding_errc> open_all(const input_options& options, instrument_directory* mapped) {
  sources out;
  for (const auto& path : options.files) {
    if (options.csv) {
      auto made = csv_source::open(path);
      if (!made) return fail(binding_errc::unreadable, made.error());
      out.push_back(std::move(*made));
      continue;
    }
    auto made = dbn_source::open(path, options.read_ahead && options.files.size() <= ahead_files_max);
    if (!made) return fail(binding_errc::unreadable, made.error());
    if (mapped != nullptr) (*made)->add_mappings(*mapped);
    out.push_back(std::move(*made));
  }
  return out;
}

/// Reads everything once for the numbers that have records and for names said in records. A file that breaks off is
/// surveyed as far as it goes: the run itself will say where.
result<void, binding_errc> survey(const input_options& options, instrument_directory& to) {
  auto all = open_all(options, nullptr);
  if (!all) return std::unexpected(std::move(all.error()));
  for (auto& s : *all) {
    std::uint32_t last = 0;
    bool any = false;
    while (const auto* r = s->next()) {
      const bool names = r->kind == record_kind::definition || r->kind == record_kind::symbol_mapping;
      if (names && r->refused == refusal::none && !r->instrument.raw_symbol.empty())
        to.add({.id = r->instrument_id, .raw_symbol = r->instrument.raw_symbol});
      if (r->kind == record_kind::definition && names && r->refused == refusal::none && is_option(r->instrument)) {
        to.add_underlying(r->instrument.underlying);
        to.add_underlying(symbol_of_root(r->instrument));
      }
      if (!r->name.empty() && !(any && r->instrument_id == last))
        to.add({.id = r->instrument_id, .raw_symbol = std::string(r->name)});
      if (names || r->kind == record_kind::system || r->kind == record_kind::other || (any && r->instrument_id == last))
        continue;
      last = r->instrument_id;
      any = true;
      to.met(last);
    }
  }
  return {};
}

result<std::vector<binding>, binding_errc> bind_all(const instrument_directory& all, const input_options& options) {
  if (options.futures.empty()) return bind_everything(all, options.binding);
  std::vector<binding> out;
  for (const auto& s : options.futures) {
    auto bound = bind(all, s, options.binding);
    if (!bound) return std::unexpected(std::move(bound.error()));
    for (const auto& other : out)
      if (other.raw_symbol == bound->raw_symbol)
        return fail(binding_errc::ambiguous, other.symbol.str() + " and " + s.str() + " are both " + bound->raw_symbol +
                                                 "; a record can only have one symbol");
    out.push_back(std::move(*bound));
  }
  return out;
}

std::vector<input_file> sizes_of(const std::vector<std::string>& files) {
  std::vector<input_file> out;
  for (const auto& f : files) {
    std::error_code ec;
    const auto bytes = std::filesystem::file_size(f, ec);
    out.push_back({std::filesystem::path(f).filename().string(), ec ? 0 : static_cast<std::uint64_t>(bytes)});
  }
  return out;
}

std::string words_of(const input_options& options) {
  std::string out = std::string(options.flat_files ? "flat-files "
                                : options.csv      ? "csv "
                                                   : "dbn ") +
                    std::filesystem::path(options.files[0]).filename().string();
  if (options.files.size() > 1) out += " and " + std::to_string(options.files.size() - 1) + " more";
  return out;
}

}  // namespace

namespace {

/// Symbols are options alone; the files are opened when they are read.
result<input, binding_errc> open_flat_files(const input_options& options) {
  if (options.futures.empty())
    return fail(binding_errc::empty, "flat files name options only: say with --futures whose (SPY)");
  input out{.stream = nullptr,
            .bindings = {},
            .directory = std::make_shared<instrument_directory>(),
            .files = sizes_of(options.files),
            .words = words_of(options)};
  std::set<std::string, std::less<>> symbols;
  for (const auto& s : options.futures) {
    symbols.insert(s.str());
    out.bindings.push_back({s, s.str(), {}});
  }
  for (const auto& f : options.files)
    if (std::error_code ec; !std::filesystem::is_regular_file(f, ec))
      return fail(binding_errc::unreadable, f + ": no such file");
  out.stream = std::make_unique<flat_file_source>(options.files, std::move(symbols));
  return out;
}

}  // namespace

result<input, binding_errc> open_input(const input_options& options) {
  if (options.flat_files) return open_flat_files(options);
  auto directory = std::make_shared<instrument_directory>();
  auto opened = open_all(options, directory.get());
  if (!opened) return std::unexpected(std::move(opened.error()));
  // One instrument that the metadata name is the one that has records.
  const bool told = options.futures.empty() ? directory->size() == 1 : true;
  if (options.futures.empty() && told) directory->met(directory->find(directory->outrights(false).front()).front().id);
  auto bound =
      told ? bind_all(*directory, options) : result<std::vector<binding>, binding_errc>(std::vector<binding>());
  if (!told || (!bound && bound.error().code == binding_errc::unknown)) {
    if (auto ok = survey(options, *directory); !ok) return std::unexpected(std::move(ok.error()));
    bound = bind_all(*directory, options);
  }
  if (!bound) return std::unexpected(std::move(bound.error()));
  input out{.stream = nullptr,
            .bindings = std::move(*bound),
            .directory = directory,
            .files = sizes_of(options.files),
            .words = words_of(options)};
  if (opened->size() == 1)
    out.stream = std::move(opened->front());
  else
    out.stream = std::make_unique<merged_source>(std::move(*opened));
  return out;
}

}  // namespace isobar::feed_ingest
