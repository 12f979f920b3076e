#include "chain-ingest/sources/directory_source.hpp"

#include <algorithm>
#include <filesystem>

#include "chain-ingest/sources/chain_files.hpp"

namespace isobar::chain_ingest {

struct directory_source::impl {
  /// Where an event lies; the event itself is read again when its turn comes.
  struct place {
    timestamp at;
    std::size_t file = 0, item = 0;
  };

  impl(directory_options o, isobar::symbol s) : options(std::move(o)), symbol(std::move(s)) {}

  isobar::result<void, int> find_files();
  isobar::result<void, int> index();
  const std::vector<recorded_event>& items(std::size_t file);

  directory_options options;
  isobar::symbol symbol;
  std::vector<std::string> files;
  side_facts facts;
  std::vector<place> order;
  std::size_t next = 0;
  std::size_t held_file = SIZE_MAX;
  std::vector<recorded_event> held;
  std::uint64_t skipped = 0;
  std::size_t chains = 0;
};

isobar::result<void, int> directory_source::impl::find_files() {
  namespace fs = std::filesystem;
  std::error_code trouble;
  for (const std::string& path : options.paths) {
    if (fs::is_directory(path, trouble)) {
      for (auto at = fs::recursive_directory_iterator(path, trouble);
           !trouble && at != fs::recursive_directory_iterator(); at.increment(trouble)) {
        if (at->is_regular_file(trouble)) files.push_back(at->path().string());
      }
    } else if (fs::is_regular_file(path, trouble)) {
      files.push_back(path);
    } else {
      return fail(0, path + ": no such file or folder");
    }
    if (files.size() > options.files_max) {
      return fail(0, path + ": more than " + std::to_string(options.files_max) + " files");
    }
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return {};
}

isobar::result<void, int> directory_source::impl::index() {
  for (const std::string& file : files) gather_facts(file, symbol, facts);
  const auto by_time = [](const auto& a, const auto& b) { return a.ts_event < b.ts_event; };
  std::stable_sort(facts.underlying.begin(), facts.underlying.end(), by_time);
  std::stable_sort(facts.open_interest.begin(), facts.open_interest.end(), by_time);
  for (std::size_t f = 0; f < files.size(); ++f) {
    const auto& found = items(f);
    if (found.empty()) ++skipped;
    for (std::size_t i = 0; i < found.size(); ++i) {
      order.push_back({found[i].at, f, i});
      chains += std::holds_alternative<chain_arrived>(found[i].event) ? 1 : 0;
    }
  }
  std::stable_sort(order.begin(), order.end(), [](const place& a, const place& b) { return a.at < b.at; });
  if (order.empty())
    return fail(0, "no chain of " + symbol.str() + " in " + (options.paths.empty() ? "no path" : options.paths[0]));
  return {};
}

const std::vector<recorded_event>& directory_source::impl::items(std::size_t file) {
  if (held_file != file) {
    held = read_chain_file(files[file], options, symbol, facts);
    held_file = file;
  }
  return held;
}

isobar::result<std::unique_ptr<directory_source>, int> directory_source::open(directory_options options,
                                                                              const isobar::symbol& s) {
  auto i = std::make_unique<impl>(std::move(options), s);
  if (auto ok = i->find_files(); !ok) return std::unexpected(ok.error());
  if (auto ok = i->index(); !ok) return std::unexpected(ok.error());
  return std::unique_ptr<directory_source>(new directory_source(std::move(i)));
}

directory_source::directory_source(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
directory_source::~directory_source() = default;

std::optional<timestamp> directory_source::next_at() {
  // A refusal has no chain; what can be promised is the time of the next chain.
  for (std::size_t i = impl_->next; i < impl_->order.size(); ++i) {
    if (impl_->order[i].at != start_of_time) return impl_->order[i].at;
  }
  return end_of_time;
}

source_event directory_source::next(std::stop_token) {
  if (impl_->next == impl_->order.size()) return source_ended{};
  const impl::place at = impl_->order[impl_->next++];
  const auto& found = impl_->items(at.file);
  if (at.item >= found.size() || found[at.item].at != at.at) {
    return chain_refused{refusal::malformed, impl_->files[at.file] + ": changed while it was replayed", 0};
  }
  return found[at.item].event;
}

std::uint64_t directory_source::skipped() const { return impl_->skipped; }
std::size_t directory_source::chains() const { return impl_->chains; }

}  // namespace isobar::chain_ingest
