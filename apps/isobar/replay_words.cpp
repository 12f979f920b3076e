#include "isobar/replay_words.hpp"

#include <algorithm>
#include <optional>

namespace isobar::cli {
namespace {

using words_result = std::expected<void, std::string>;

class reading {
 public:
  explicit reading(const std::vector<std::string>& line) : line_(line) {}

  std::expected<replay_words, std::string> all() {
    out_.words.push_back(line_.empty() ? "replay" : line_.front());
    for (at_ = 1; at_ < line_.size(); ++at_)
      if (auto ok = one(line_[at_]); !ok) return std::unexpected(ok.error());
    if (auto ok = finish(); !ok) return std::unexpected(ok.error());
    return std::move(out_);
  }

 private:
  words_result one(const std::string& word) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    value_ = equals == std::string::npos ? std::nullopt : std::optional(word.substr(equals + 1));
    if (name == "--dbn" || name == "--csv") return files(name);
    if (name == "--chains" || name == "--quotes" || name == "--speed" || name == "--from" || name == "--until")
      return valued(name);
    if (word == "--hold") {
      out_.words.emplace_back("--replay.hold=true");
      out_.hold = true;
    } else {
      out_.words.push_back(word);
    }
    return {};
  }

  bool another() const { return at_ + 1 < line_.size() && !line_[at_ + 1].starts_with("-"); }

  words_result files(const std::string& name) {
    const bool csv = name == "--csv";
    if (!out_.files.empty() && csv != out_.csv) return std::unexpected("--dbn and --csv cannot be replayed together");
    out_.csv = csv;
    out_.futures = true;
    std::vector<std::string> named;
    if (value_) named.push_back(*value_);
    while (another()) named.push_back(line_[++at_]);
    if (named.empty()) return std::unexpected(name + ": no file is named");
    for (const auto& file : named) {
      if (file.empty()) return std::unexpected(name + ": a file's name is empty");
      if (file.find(',') != std::string::npos)
        return std::unexpected(name +
                               ": a file's name must not hold a comma; several files are words of their own: " + file);
      out_.files.push_back(file);
    }
    return {};
  }

  words_result valued(const std::string& name) {
    if (!value_ && at_ + 1 < line_.size() && !line_[at_ + 1].starts_with("--")) value_ = line_[++at_];
    if (!value_ || value_->empty()) return std::unexpected(name + ": its value is missing");
    auto& words = out_.words;
    if (name == "--chains") {
      words.insert(words.end(), {"--chain-ingest.source=directory", "--chain-ingest.path=" + *value_});
      out_.chains = true;
    } else if (name == "--quotes") {
      words.push_back(value_->ends_with(".zip") ? "--ws-hydrator.source=minute-quotes"
                                                : "--ws-hydrator.source=recording");
      words.push_back("--ws-hydrator.files=" + *value_);
      out_.quotes = true;
    } else {
      words.push_back("--feed-ingest." + name.substr(2) + "=" + *value_);
      of_futures_ = name;
    }
    return {};
  }

  words_result finish() {
    if (!out_.files.empty()) {
      std::string joined;
      for (const auto& file : out_.files) joined += (joined.empty() ? "" : ",") + file;
      out_.words.push_back(std::string("--feed-ingest.source=") + (out_.csv ? "csv" : "dbn"));
      out_.words.push_back("--feed-ingest.files=" + joined);
    }
    if (out_.chains && !out_.quotes) out_.words.emplace_back("--ws-hydrator.source=none");
    out_.futures = out_.futures || out_.has("--feed-ingest.source");
    if (!of_futures_.empty() && !out_.futures && !out_.has("--help") && !out_.has("-h"))
      return std::unexpected(of_futures_ + " is for --dbn and --csv");
    if (out_.futures && !out_.has("--feed-ingest.progress")) out_.words.emplace_back("--feed-ingest.progress=true");
    return {};
  }

  const std::vector<std::string>& line_;
  std::size_t at_ = 0;
  std::optional<std::string> value_;  ///< behind the "=" of the word being read
  std::string of_futures_;            ///< a word that needs futures
  replay_words out_;
};

}  // namespace

bool replay_words::has(std::string_view option) const {
  return std::ranges::any_of(words, [&](const std::string& w) {
    return w.starts_with(option) && (w.size() == option.size() || w[option.size()] == '=');
  });
}

std::expected<replay_words, std::string> spelt_out(const std::vector<std::string>& command_line) {
  return reading(command_line).all();
}

}  // namespace isobar::cli
