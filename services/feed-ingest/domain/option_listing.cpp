#include "feed-ingest/domain/option_listing.hpp"

#include <algorithm>

#include "core/date.hpp"
#include "market/futures_product.hpp"
#include "market/root.hpp"

namespace isobar::feed_ingest {
namespace {

constexpr duration_ns day_length = seconds(86'400);
constexpr std::int64_t share_multiplier = 100;

std::optional<market::option_id> occ_name(std::string_view raw) {
  std::string packed(raw);
  std::erase(packed, ' ');
  auto id = market::parse_ticker(packed, false);
  if (!id) return std::nullopt;
  return std::move(*id);
}

std::string root_of(const market::instrument& i) {
  const auto word = std::string_view(i.raw_symbol).substr(0, i.raw_symbol.find(' '));
  if (word.size() < i.raw_symbol.size())
    if (const auto product = market::futures_product_of(word)) return std::string(*product);
  if (!i.asset.empty()) return i.asset;
  return i.underlying;
}

/// Expiration says a date and no time of day.
bool is_bare_date(timestamp t) { return t.ns % day_length.value == 0; }

}  // namespace

bool is_option(const market::instrument& i) { return i.instrument_class == 'C' || i.instrument_class == 'P'; }

std::optional<market::listed_option> list_option(const market::instrument& i, char style) {
  if (!is_option(i) || i.raw_symbol.empty()) return std::nullopt;
  market::listed_option out{.raw_symbol = i.raw_symbol};
  const auto occ = occ_name(i.raw_symbol);
  if (occ) {
    out.id = *occ;
  } else {
    if (i.expiration == end_of_time || i.option_strike <= strike(0)) return std::nullopt;
    out.id = {.root = root_of(i),
              .expiry = is_bare_date(i.expiration) ? utc_date(i.expiration) : market::exchange_date(i.expiration),
              .right = i.instrument_class == 'C' ? market::right::call : market::right::put,
              .strike = i.option_strike};
  }
  if (out.id.root.empty()) return std::nullopt;
  const auto root = market::find_root(out.id.root);
  const bool said = i.expiration != end_of_time && !is_bare_date(i.expiration);
  out.settles_at =
      said ? i.expiration : market::settlement_time(out.id.expiry, root ? root->settles : market::settlement::pm);
  out.multiplier = i.multiplier;
  if (out.multiplier == 0 && occ) out.multiplier = (root ? root->multiplier : share_multiplier) * nanos_per_unit;
  out.american = style == 'A' || (style != 'E' && root && root->american);
  return out;
}

std::string symbol_of_root(const market::instrument& i) {
  const auto occ = occ_name(i.raw_symbol);
  if (!occ) return {};
  const auto root = market::find_root(occ->root);
  return root ? std::string(root->symbol) : occ->root;
}

bool is_option_of(const market::instrument& i, const binding& b) {
  if (!is_option(i)) return false;
  const auto names = [&](std::string_view name) {
    return !name.empty() && (name == b.symbol.str() || name == b.raw_symbol);
  };
  if (names(i.underlying)) return true;
  if (i.underlying_id != 0 && std::any_of(b.instruments.begin(), b.instruments.end(),
                                          [&](const mapping& m) { return m.id == i.underlying_id; }))
    return true;
  if (const auto symbol = symbol_of_root(i); !symbol.empty()) return names(symbol);
  return b.instruments.empty() && is_future_of(i.underlying, b.symbol.str());
}

}  // namespace isobar::feed_ingest
