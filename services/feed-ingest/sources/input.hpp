#pragma once
#include <memory>
#include <string>
#include <vector>

#include "feed-ingest/domain/directory.hpp"
#include "feed-ingest/sources/source.hpp"

namespace isobar::feed_ingest {

/// What to read and for whom.
struct input_options {
  bool csv = false;                     ///< Databento CSV exports instead of DBN
  bool flat_files = false;              ///< option trades: flat_file_source
  std::vector<std::string> files;       ///< in the order that decides at equal times
  std::vector<isobar::symbol> futures;  ///< empty: everything outright that has records
  binding_options binding;
  bool read_ahead = true;  ///< decompress in threads of their own
};

/// One stream of records and the symbols that it feeds.
struct input {
  std::unique_ptr<source> stream;
  std::vector<binding> bindings;
  /// Numbers that the input names but nobody asked for, so that strangers can be told from them.
  std::shared_ptr<const instrument_directory> directory;
  std::vector<input_file> files;
  std::string words;  ///< "dbn ESH4.dbn.zst and 1 more"
};

/// Opens the files and binds the symbols. Reads the files twice only when their metadata do not say which instruments
/// have records: when everything is asked for and they map several, or when a symbol is found in none of them. The
/// error is for the operator.
result<input, binding_errc> open_input(const input_options& options);

}  // namespace isobar::feed_ingest
