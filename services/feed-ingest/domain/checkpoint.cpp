#include "feed-ingest/domain/checkpoint.hpp"

#include <charconv>
#include <map>

namespace isobar::feed_ingest {
namespace {

constexpr std::string_view title = "isobar feed-ingest checkpoint 2";

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool number(std::string_view text, std::uint64_t& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size() && !text.empty();
}

}  // namespace

std::string_view to_string(channel c) {
  constexpr std::array<std::string_view, channels> names{"definition", "status",  "statistics", "trades",
                                                         "quotes",     "options", "book"};
  return names[static_cast<std::size_t>(c)];
}

std::string to_text(const checkpoint& c) {
  std::string out = std::string(title) + "\nsymbol " + c.symbol + "\n";
  for (const auto& line : c.identity) out += "run " + line + "\n";
  out += "ordinal " + std::to_string(c.at.ordinal) + "\nrecords " + std::to_string(c.at.records) + "\n";
  for (std::size_t i = 0; i < channels; ++i)
    out += std::string(to_string(static_cast<channel>(i))) + " " + std::to_string(c.at.sequences[i]) + "\n";
  return out + "end\n";
}

result<checkpoint, checkpoint_errc> parse_checkpoint(std::string_view text) {
  if (next_line(text) != title)
    return fail(checkpoint_errc::malformed, "first line is not \"" + std::string(title) + "\"");
  checkpoint out;
  std::map<std::string, std::uint64_t, std::less<>> numbers;
  while (!text.empty()) {
    const auto line = next_line(text);
    if (line == "end") {
      for (std::size_t i = 0; i < channels; ++i)
        out.at.sequences[i] = numbers[std::string(to_string(static_cast<channel>(i)))];
      out.at.ordinal = numbers["ordinal"];
      out.at.records = numbers["records"];
      if (out.symbol.empty() || numbers.size() != channels + 2)
        return fail(checkpoint_errc::malformed, "lines are missing");
      return out;
    }
    const auto space = line.find(' ');
    const auto word = line.substr(0, space);
    const auto rest = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    std::uint64_t value = 0;
    if (word == "symbol") {
      out.symbol = rest;
    } else if (word == "run") {
      out.identity.emplace_back(rest);
    } else if (number(rest, value)) {
      numbers[std::string(word)] = value;
    } else {
      return fail(checkpoint_errc::malformed, "line \"" + std::string(line.substr(0, 80)) + "\"");
    }
  }
  return fail(checkpoint_errc::malformed, "the last line is not \"end\"");
}

result<void, checkpoint_errc> check(const checkpoint& saved, const checkpoint& now) {
  if (saved.symbol != now.symbol)
    return fail(checkpoint_errc::other_run, "it is of " + saved.symbol + ", not of " + now.symbol);
  for (std::size_t i = 0; i < std::max(saved.identity.size(), now.identity.size()); ++i) {
    const std::string was = i < saved.identity.size() ? saved.identity[i] : "nothing";
    const std::string is = i < now.identity.size() ? now.identity[i] : "nothing";
    if (was != is)
      return fail(checkpoint_errc::other_run, "it was made with \"" + was + "\", this run has \"" + is + "\"");
  }
  return {};
}

}  // namespace isobar::feed_ingest
