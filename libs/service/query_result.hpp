#pragma once
#include <grpcpp/support/status.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "service/frame_history.hpp"

/// What gRPC queries of per-symbol stores share: their errors, the symbol that is meant, answers that fit a message.
namespace isobar::service {

/// Why a query has no answer; the evidence begins with the field's name.
enum class query_errc {
  invalid_argument,
  not_found,           ///< unknown symbol, or as_of before the history kept
  already_exists,      ///< another thing has the name
  unavailable,         ///< nothing built yet, or what is asked for is being rebuilt
  resource_exhausted,  ///< too many at a time
};
template <class T>
using query_result = isobar::result<T, query_errc>;
/// The one place where a query's error becomes a gRPC status.
::grpc::Status to_status(const failure<query_errc>& f);

/// The symbol itself, or the only one of the product named ("ES"), among those worked on.
query_result<symbol> symbol_meant(const std::vector<symbol>& symbols, const std::string& text);
template <class Store>
using stores_by_symbol = std::map<symbol, std::shared_ptr<Store>>;
/// The same as the place in a map by symbol.
template <class Store>
query_result<typename stores_by_symbol<Store>::const_iterator> find_store(const stores_by_symbol<Store>& stores,
                                                                          const std::string& text) {
  std::vector<symbol> symbols;
  for (const auto& [s, store] : stores) symbols.push_back(s);
  const auto meant = symbol_meant(symbols, text);
  if (!meant) return std::unexpected(meant.error());
  return stores.find(*meant);
}

/// Frames of one answer, bytes: gRPC's clients take 4 MiB unless told otherwise, names and headers included.
inline constexpr std::size_t answer_bytes_max = 3u << 20;
/// The newest that fit into so many bytes; at least one. True: some were left out.
bool fit(std::vector<kept_frame>& frames, std::size_t bytes_max = answer_bytes_max);

/// What a history holds up to as_of (0: the newest), at most `most` frames and what fits one answer.
query_result<std::vector<kept_frame>> pick(const frame_history& from, std::int64_t as_of_ns, std::size_t most,
                                           const std::string& symbol_text);

}  // namespace isobar::service
