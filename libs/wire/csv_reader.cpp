#include "wire/csv_reader.hpp"

#include <algorithm>
#include <cstring>

namespace isobar::wire {

csv_reader::csv_reader(std::string_view bytes, csv_limits limits) : bytes_(bytes), limits_(limits) {
  if (bytes_.starts_with("\xEF\xBB\xBF")) {
    bytes_.remove_prefix(3);
    had_bom_ = true;
  }
}

csv_reader::status csv_reader::next(std::vector<std::string_view>& fields) {
  fields.clear();
  if (at_ >= bytes_.size()) return status::end;
  line_ = ++lines_seen_;

  const char* begin = bytes_.data() + at_;
  const std::size_t left = bytes_.size() - at_;
  const auto* newline = static_cast<const char*>(std::memchr(begin, '\n', std::min(left, limits_.record_bytes + 1)));
  const std::size_t length = newline ? static_cast<std::size_t>(newline - begin) : left;
  if (length > limits_.record_bytes) return status::too_long;
  if (std::memchr(begin, '"', length)) return next_quoted(fields);

  terminated_ = newline != nullptr;
  at_ += length + (newline ? 1 : 0);
  const char* end = begin + length;
  if (end > begin && end[-1] == '\r') --end;
  const char* field = begin;
  for (const char* c = begin; c != end; ++c) {
    if (*c != ',') continue;
    fields.emplace_back(field, static_cast<std::size_t>(c - field));
    field = c + 1;
  }
  fields.emplace_back(field, static_cast<std::size_t>(end - field));
  return fields.size() > limits_.fields ? status::too_long : status::record;
}

csv_reader::status csv_reader::next_quoted(std::vector<std::string_view>& fields) {
  unescaped_.clear();
  unescaped_.reserve(limits_.fields);  // views into it must not move
  const std::size_t begin = at_;
  std::size_t at = at_;
  const auto ended = [&] { return at >= bytes_.size(); };
  while (true) {
    if (fields.size() == limits_.fields) return status::too_long;
    if (!ended() && bytes_[at] == '"') {
      std::string& text = unescaped_.emplace_back();
      for (++at;; ++at) {
        if (ended()) return status::broken_quote;
        if (at - begin > limits_.record_bytes) return status::too_long;
        if (bytes_[at] == '"') {
          if (at + 1 < bytes_.size() && bytes_[at + 1] == '"') {
            ++at;
          } else {
            ++at;
            break;
          }
        } else if (bytes_[at] == '\n') {
          ++lines_seen_;
        }
        text.push_back(bytes_[at]);
      }
      fields.emplace_back(text);
    } else {
      const std::size_t from = at;
      while (!ended() && bytes_[at] != ',' && bytes_[at] != '\n') {
        if (bytes_[at] == '"') return status::broken_quote;
        ++at;
      }
      std::size_t to = at;
      if ((ended() || bytes_[at] == '\n') && to > from && bytes_[to - 1] == '\r') --to;
      fields.push_back(bytes_.substr(from, to - from));
    }
    if (at - begin > limits_.record_bytes) return status::too_long;
    if (!ended() && bytes_[at] == '\r' && at + 1 < bytes_.size() && bytes_[at + 1] == '\n') ++at;
    if (ended() || bytes_[at] == '\n') break;
    if (bytes_[at] != ',') return status::broken_quote;
    ++at;
  }
  terminated_ = !ended();
  at_ = terminated_ ? at + 1 : at;
  return status::record;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

int find_column(const std::vector<std::string_view>& header, std::string_view name) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (trim(header[i]) == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace isobar::wire
