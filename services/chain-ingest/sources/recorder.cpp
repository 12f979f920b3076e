#include "chain-ingest/sources/recorder.hpp"

#include <algorithm>
#include <vector>

#include "core/date.hpp"

namespace isobar::chain_ingest {

isobar::result<std::unique_ptr<recorder>, int> recorder::open(recorder_options options, const isobar::symbol& s,
                                                              timestamp now) {
  std::error_code trouble;
  std::filesystem::create_directories(options.folder, trouble);
  // A file name, whatever the symbol: the same escape as in subjects, with '=' for '%'.
  std::string name = subject_token(s.str());
  std::replace(name.begin(), name.end(), '%', '=');
  std::string stamp = to_iso(now).substr(0, 19);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  std::unique_ptr<recorder> out(new recorder(options, "chain_" + name + "_"));
  out->prefix_ = out->stem_ + stamp + "_";
  if (!out->next_file()) return fail(0, "recordings cannot be written in " + options.folder.string());
  return out;
}

bool recorder::next_file() {
  out_.close();
  for (int tries = 0; tries < 1000; ++tries) {
    char digits[8];
    std::snprintf(digits, sizeof digits, "%04u", static_cast<unsigned>(number_++ % 10'000));
    const auto path = options_.folder / (prefix_ + digits + ".ndjson");
    if (std::filesystem::exists(path)) continue;  // append-only: never touch an older recording
    out_.open(path, std::ios::binary | std::ios::app);
    in_file_ = 0;
    forget_oldest();
    return out_.is_open();
  }
  return false;
}

void recorder::forget_oldest() const {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(stem_) && name.ends_with(".ndjson")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i + options_.files_max < files.size(); ++i) std::filesystem::remove(files[i], ignored);
}

bool recorder::append(std::string_view line, bool begins) {
  const bool written = write(line, begins);
  if (options_.on_line) options_.on_line(line.size(), written);
  return written;
}

bool recorder::write(std::string_view line, bool begins) {
  if (begins && in_file_ > 0 && in_file_ + line.size() > options_.file_bytes && !next_file()) return false;
  out_.write(line.data(), static_cast<std::streamsize>(line.size()));
  out_.flush();
  if (!out_) {
    out_.clear();
    return false;
  }
  in_file_ += line.size();
  return true;
}

}  // namespace isobar::chain_ingest
