#pragma once
#include <grpcpp/support/status.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
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

/// What readers see of each symbol that the process works on now. Thread-safe; an entry that was found stays whole
/// when its symbol goes.
template <class Store>
class stores_by_symbol {
 public:
  using entry = std::shared_ptr<const std::pair<symbol, std::shared_ptr<Store>>>;

  stores_by_symbol() = default;
  stores_by_symbol(std::initializer_list<std::pair<symbol, std::shared_ptr<Store>>> stores) {
    for (const auto& [s, store] : stores) emplace(s, store);
  }
  void emplace(const symbol& s, std::shared_ptr<Store> store) {
    auto made = std::make_shared<const std::pair<symbol, std::shared_ptr<Store>>>(s, std::move(store));
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(s, std::move(made));
  }
  void erase(const symbol& s) {
    const std::lock_guard lock(mutex_);
    entries_.erase(s);
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
  }
  /// Null: none.
  entry find(const symbol& s) const {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(s);
    return at == entries_.end() ? nullptr : at->second;
  }
  std::vector<entry> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<entry> out;
    for (const auto& [s, e] : entries_) out.push_back(e);
    return out;
  }
  std::vector<symbol> symbols() const {
    const std::lock_guard lock(mutex_);
    std::vector<symbol> out;
    for (const auto& [s, e] : entries_) out.push_back(s);
    return out;
  }

 private:
  mutable std::mutex mutex_;
  std::map<symbol, entry> entries_;
};
/// The entry that is meant; never null.
template <class Store>
query_result<typename stores_by_symbol<Store>::entry> find_store(const stores_by_symbol<Store>& stores,
                                                                 const std::string& text) {
  const auto meant = symbol_meant(stores.symbols(), text);
  if (!meant) return std::unexpected(meant.error());
  auto found = stores.find(*meant);
  if (!found) return fail(query_errc::not_found, "symbol: " + text + " has just gone to another process");
  return found;
}

/// Frames of one answer, bytes: gRPC's clients take 4 MiB unless told otherwise, names and headers included.
inline constexpr std::size_t answer_bytes_max = 3u << 20;
/// The newest that fit into so many bytes; at least one. True: some were left out.
bool fit(std::vector<kept_frame>& frames, std::size_t bytes_max = answer_bytes_max);

/// What a history holds up to as_of (0: the newest), at most `most` frames and what fits one answer.
query_result<std::vector<kept_frame>> pick(const frame_history& from, std::int64_t as_of_ns, std::size_t most,
                                           const std::string& symbol_text);

}  // namespace isobar::service
