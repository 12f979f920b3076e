#include "service/query_result.hpp"

#include <algorithm>

#include "core/date.hpp"
#include "market/contracts_meant.hpp"

namespace isobar::service {

::grpc::Status to_status(const failure<query_errc>& f) {
  switch (f.code) {
    case query_errc::invalid_argument:
      return {::grpc::StatusCode::INVALID_ARGUMENT, f.evidence};
    case query_errc::not_found:
      return {::grpc::StatusCode::NOT_FOUND, f.evidence};
    case query_errc::already_exists:
      return {::grpc::StatusCode::ALREADY_EXISTS, f.evidence};
    case query_errc::unavailable:
      return {::grpc::StatusCode::UNAVAILABLE, f.evidence};
    case query_errc::resource_exhausted:
      return {::grpc::StatusCode::RESOURCE_EXHAUSTED, f.evidence};
  }
  return {::grpc::StatusCode::INTERNAL, f.evidence};
}

query_result<symbol> symbol_meant(const std::vector<symbol>& symbols, const std::string& text) {
  const auto name = symbol::parse(text);
  if (!name) return fail(query_errc::invalid_argument, "symbol: not a registry symbol");
  if (std::ranges::find(symbols, *name) != symbols.end()) return *name;
  std::vector<std::string> names;
  for (const symbol& s : symbols) names.push_back(s.str());
  const auto meant = market::contracts_meant(text, names);
  if (meant.size() == 1) return *symbol::parse(meant.front());
  if (meant.empty()) return fail(query_errc::not_found, "symbol: " + text + " is not worked on here");
  std::string all;
  for (const auto& s : meant) all += (all.empty() ? "" : ", ") + s;
  return fail(query_errc::not_found, "symbol: " + text + " is more than one contract here: " + all);
}

bool fit(std::vector<kept_frame>& frames, std::size_t bytes_max) {
  constexpr std::size_t around = 8;  // a frame's tag and length in the answer, at most
  std::size_t first = frames.size(), sum = 0;
  while (first > 0 && (sum += frames[first - 1].bytes->size() + around) <= bytes_max) --first;
  first = std::min(first, frames.empty() ? 0 : frames.size() - 1);
  frames.erase(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(first));
  return first > 0;
}

query_result<std::vector<kept_frame>> pick(const frame_history& from, std::int64_t as_of_ns, std::size_t most,
                                           const std::string& symbol_text) {
  auto frames = from.until(as_of_ns == 0 ? end_of_time : timestamp{as_of_ns}, most);
  fit(frames);
  if (!frames.empty()) return frames;
  const auto oldest = from.oldest();
  if (!oldest) return fail(query_errc::unavailable, "symbol: nothing built yet for " + symbol_text);
  return fail(query_errc::not_found, "as_of_ns: before the history kept, which begins at " + to_iso(*oldest) + " (" +
                                         std::to_string(oldest->ns) + ")");
}

}  // namespace isobar::service
