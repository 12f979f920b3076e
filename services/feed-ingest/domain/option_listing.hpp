#pragma once
#include <optional>
#include <string_view>

#include "feed-ingest/domain/directory.hpp"
#include "feed-ingest/domain/record.hpp"
#include "market/option_feed.hpp"

namespace isobar::feed_ingest {

/// Class C or P.
bool is_option(const market::instrument& i);

/// The contract that a definition lists (its number is the caller's to set); nothing when root, date or strike cannot
/// be told. Root: of the OCC name ("SPXW  240119C04700000" -> SPXW), else what stands before month and year of the
/// first word ("E1AH4 C5100" -> E1A, "ESM4 C4250" -> ES), else the product. Settlement: the definition's expiration;
/// when that is a bare date (midnight UTC, as OPRA's are) the root's settlement on that date (market/root.hpp), 16:00
/// New York for roots that are not in its table. Multiplier: the definition's; a share option's that states none has
/// 100, or its root's. American: `style` ('A' or 'E', the third letter of the ISO 10962 code), else the root's table.
std::optional<market::listed_option> list_option(const market::instrument& i, char style);

/// The symbol whose surface an OCC-named option belongs to ("SPXW  ..." -> "SPX"); empty: it has no such name.
std::string symbol_of_root(const market::instrument& i);

/// Whether options with this definition are those of the symbol: their underlying is its instrument, the symbol itself,
/// or the symbol whose surface the option's root belongs to (SPXW: SPX). A symbol that names a product and has no
/// instrument in the input takes the options on all futures of the product.
bool is_option_of(const market::instrument& i, const binding& b);

}  // namespace isobar::feed_ingest
