#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "core/types.hpp"

namespace isobar::feed_ingest {

/// For some time an instrument's number meant this raw symbol.
struct mapping {
  std::uint32_t id = 0;
  std::string raw_symbol;
  timestamp from = start_of_time, until = end_of_time;  ///< [from, until)
};

/// What the input says about which numbers mean which instruments.
class instrument_directory {
 public:
  void add(mapping m);
  /// A record of the instrument was met.
  void met(std::uint32_t id) { ++records_[id]; }

  /// Options on it are defined.
  void add_underlying(std::string name) {
    if (!name.empty()) underlyings_.insert(std::move(name));
  }
  /// Options on the instrument or symbol, or on a future of the product, are defined.
  bool has_options_on(std::string_view name) const;

  bool known(std::uint32_t id) const { return by_id_.contains(id); }
  /// Every mapping of a raw symbol, in order of addition; empty: none.
  std::vector<mapping> find(const std::string& raw_symbol) const;
  /// The outright futures of a product ("ES": "ESH4", "ESM4"), in name order.
  std::vector<std::string> futures_of(std::string_view product) const;
  /// Raw symbols that name one instrument and no spread or option, in name order; `with_records`: those met.
  std::vector<std::string> outrights(bool with_records) const;
  std::size_t size() const { return all_.size(); }

 private:
  std::vector<mapping> all_;
  std::unordered_multimap<std::uint32_t, std::size_t> by_id_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_name_;
  std::unordered_map<std::uint32_t, std::uint64_t> records_;
  std::set<std::string, std::less<>> underlyings_;
};

/// Registry symbol and the instruments that it stands for.
struct binding {
  isobar::symbol symbol;
  std::string raw_symbol;
  std::vector<mapping> instruments;
};

/// Which instruments the symbols of the registry stand for.
enum class binding_errc {
  unknown,     ///< nothing in the input has that name or product
  ambiguous,   ///< several futures of the product; evidence lists them
  too_many,    ///< more symbols than the bound
  empty,       ///< no symbol asked for and none found
  unreadable,  ///< a file cannot be opened or is no such file
};

struct binding_options {
  std::map<std::string, std::string> contracts{};  ///< "ES" -> "ESH4", or the venue's number
  std::size_t symbols_max = 64;
};

/// The instruments of one symbol: the contract named for it, else the raw symbol of the same name, else the one
/// outright future of that product, else the options on it alone: a binding without instruments.
result<binding, binding_errc> bind(const instrument_directory& all, const isobar::symbol& s,
                                   const binding_options& options);
/// Every outright instrument of the input that has records.
result<std::vector<binding>, binding_errc> bind_everything(const instrument_directory& all,
                                                           const binding_options& options);
/// True for a month letter and one, two or four digits behind the product.
bool is_future_of(std::string_view raw_symbol, std::string_view product);

}  // namespace isobar::feed_ingest
