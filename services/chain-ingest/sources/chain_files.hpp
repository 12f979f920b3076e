#pragma once
#include <string>
#include <vector>

#include "chain-ingest/sources/directory_source.hpp"
#include "wire/minute_quotes.hpp"

namespace isobar::chain_ingest {

/// What minute archives of the underlying and of open interest say, gathered before any chain is made.
struct side_facts {
  std::vector<wire::minute_underlying> underlying;        ///< by ts_event
  std::vector<wire::minute_open_interest> open_interest;  ///< by ts_event
};

/// What a file is, by its name and first bytes.
enum class file_format { none, cboe_eod, cboe_delayed, minute_archive, recording };
file_format format_of(const std::string& path, std::string_view bytes);

/// Chains and refusals of one file that concern the symbol, in order of time; a file of another symbol gives none.
/// A file that its parser refuses gives one refusal at start_of_time.
std::vector<recorded_event> read_chain_file(const std::string& path, const directory_options& options,
                                            const isobar::symbol& s, const side_facts& facts);

/// Adds the facts of a minute archive of this symbol; other files add nothing.
void gather_facts(const std::string& path, const isobar::symbol& s, side_facts& out);

}  // namespace isobar::chain_ingest
