#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::wire {

struct csv_limits {
  std::size_t record_bytes = 64 * 1024;  ///< longest record, quoted line breaks included
  std::size_t fields = 256;
};

/// Splits RFC 4180 text into records without copying: quotes, doubled quotes and line breaks inside quotes; LF or CRLF;
/// a UTF-8 byte-order mark at the start is skipped. Blank lines are records with one empty field.
class csv_reader {
 public:
  enum class status {
    record,
    end,
    too_long,      ///< the record passes a limit; reading cannot go on
    broken_quote,  ///< a quote never closes, or text follows a closing quote; reading cannot go on
  };

  /// `bytes` must outlive the reader and every field handed out.
  explicit csv_reader(std::string_view bytes, csv_limits limits = {});

  /// Fills `fields` with the next record. Views are valid until the next call.
  status next(std::vector<std::string_view>& fields);
  /// Line on which the last record began, from 1.
  std::size_t line() const { return line_; }
  /// False when the last record ended with the text instead of with a line break.
  bool terminated() const { return terminated_; }
  bool had_bom() const { return had_bom_; }

 private:
  status next_quoted(std::vector<std::string_view>& fields);

  std::string_view bytes_;
  csv_limits limits_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::size_t lines_seen_ = 0;
  bool terminated_ = true;
  bool had_bom_ = false;
  std::vector<std::string> unescaped_;
};

/// Position of the field whose text, without surrounding blanks, is `name`; -1 when absent.
int find_column(const std::vector<std::string_view>& header, std::string_view name);
std::string_view trim(std::string_view text);

}  // namespace isobar::wire
