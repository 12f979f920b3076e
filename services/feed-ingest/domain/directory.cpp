#include "feed-ingest/domain/directory.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace isobar::feed_ingest {
namespace {

constexpr std::size_t listed_max = 20;

bool is_outright(std::string_view name) { return name.find_first_of(" -:") == std::string_view::npos; }

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < listed_max; ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > listed_max) out += " and " + std::to_string(names.size() - listed_max) + " more";
  return out.empty() ? "nothing" : out;
}

std::optional<std::uint32_t> as_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool is_future_of(std::string_view raw_symbol, std::string_view product) {
  if (product.empty() || !raw_symbol.starts_with(product)) return false;
  const auto rest = raw_symbol.substr(product.size());
  if (rest.size() != 2 && rest.size() != 3 && rest.size() != 5) return false;
  return std::string_view("FGHJKMNQUVXZ").find(rest[0]) != std::string_view::npos &&
         std::all_of(rest.begin() + 1, rest.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void instrument_directory::add(mapping m) {
  if (const auto same = by_name_.find(m.raw_symbol); same != by_name_.end())
    for (const auto i : same->second)
      if (all_[i].id == m.id && all_[i].from <= m.from && all_[i].until >= m.until) return;
  by_id_.emplace(m.id, all_.size());
  by_name_[m.raw_symbol].push_back(all_.size());
  all_.push_back(std::move(m));
}

std::vector<mapping> instrument_directory::find(const std::string& raw_symbol) const {
  std::vector<mapping> out;
  if (const auto found = by_name_.find(raw_symbol); found != by_name_.end())
    for (const auto i : found->second) out.push_back(all_[i]);
  return out;
}

std::vector<std::string> instrument_directory::futures_of(std::string_view product) const {
  std::vector<std::string> out;
  for (auto i = by_name_.lower_bound(product); i != by_name_.end() && i->first.starts_with(product); ++i)
    if (is_future_of(i->first, product)) out.push_back(i->first);
  return out;
}

bool instrument_directory::has_options_on(std::string_view name) const {
  if (underlyings_.contains(name)) return true;
  for (auto i = underlyings_.lower_bound(name); i != underlyings_.end() && i->starts_with(name); ++i)
    if (is_future_of(*i, name)) return true;
  return false;
}

std::vector<std::string> instrument_directory::outrights(bool with_records) const {
  std::vector<std::string> out;
  for (const auto& [name, mappings] : by_name_) {
    if (!is_outright(name) || !symbol::parse(name)) continue;
    const bool any =
        std::any_of(mappings.begin(), mappings.end(), [&](std::size_t i) { return records_.contains(all_[i].id); });
    if (any || !with_records) out.push_back(name);
  }
  return out;
}

result<binding, binding_errc> bind(const instrument_directory& all, const isobar::symbol& s,
                                   const binding_options& options) {
  const auto contract = options.contracts.find(s.str());
  const std::string& name = contract == options.contracts.end() ? s.str() : contract->second;
  if (auto exact = all.find(name); !exact.empty()) return binding{s, name, std::move(exact)};
  if (contract != options.contracts.end()) {
    if (const auto id = as_number(name)) return binding{s, name, {mapping{.id = *id, .raw_symbol = name}}};
    return fail(binding_errc::unknown,
                "the input has no " + name + " for " + s.str() + "; it has " + listed(all.outrights(false)));
  }
  const auto futures = all.futures_of(name);
  if (futures.size() == 1) return binding{s, futures.front(), all.find(futures.front())};
  if (futures.empty() && all.has_options_on(name)) return binding{s, name, {}};
  if (futures.empty())
    return fail(binding_errc::unknown, "the input has no instrument " + s.str() + " and no future of it; it has " +
                                           listed(all.outrights(false)));
  return fail(binding_errc::ambiguous, "the input has several futures of " + s.str() + ": " + listed(futures) +
                                           "; say which with feed-ingest.contracts=" + s.str() + "=" + futures.front());
}

result<std::vector<binding>, binding_errc> bind_everything(const instrument_directory& all,
                                                           const binding_options& options) {
  const auto names = all.outrights(true);
  if (names.empty())
    return fail(binding_errc::empty,
                "the input names no instrument that has records; it maps " + listed(all.outrights(false)));
  if (names.size() > options.symbols_max)
    return fail(binding_errc::too_many, std::to_string(names.size()) + " instruments have records, more than " +
                                            std::to_string(options.symbols_max) + ": " + listed(names) +
                                            "; name some with --futures");
  std::vector<binding> out;
  for (const auto& name : names) out.push_back({*symbol::parse(name), name, all.find(name)});
  return out;
}

}  // namespace isobar::feed_ingest
