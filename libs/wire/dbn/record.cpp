#include "wire/dbn/record.hpp"

namespace isobar::wire::dbn {
namespace {

constexpr record_sizes same(std::size_t bytes) {
  const auto b = static_cast<std::uint16_t>(bytes);
  return {{b, b, b}};
}

}  // namespace

record_sizes sizes_of(rtype t) {
  switch (t) {
    case rtype::mbp_0:
      return same(sizeof(trade_record));
    case rtype::mbp_1:
      return same(sizeof(mbp1_record));
    case rtype::mbp_10:
      return same(sizeof(mbp10_record));
    case rtype::ohlcv_deprecated:
    case rtype::ohlcv_1s:
    case rtype::ohlcv_1m:
    case rtype::ohlcv_1h:
    case rtype::ohlcv_1d:
    case rtype::ohlcv_eod:
      return same(sizeof(ohlcv_record));
    case rtype::status:
      return same(sizeof(status_record));
    case rtype::definition:
      return {{sizeof(definition_v1), sizeof(definition_v2), sizeof(definition_v3)}};
    case rtype::imbalance:
      return same(sizeof(imbalance_record));
    case rtype::error:
      return {{sizeof(error_v1), sizeof(error_v2), sizeof(error_v2)}};
    case rtype::symbol_mapping:
      return {{sizeof(symbol_mapping_v1), sizeof(symbol_mapping_v2), sizeof(symbol_mapping_v2)}};
    case rtype::system:
      return {{sizeof(system_v1), sizeof(system_v2), sizeof(system_v2)}};
    case rtype::statistics:
      return {{sizeof(statistics_v1), sizeof(statistics_v1), sizeof(statistics_v3)}};
    case rtype::mbo:
      return same(sizeof(mbo_record));
    case rtype::cmbp_1:
    case rtype::tcbbo:
      return same(sizeof(cmbp1_record));
    case rtype::cbbo_1s:
    case rtype::cbbo_1m:
      return same(sizeof(cbbo_record));
    case rtype::bbo_1s:
    case rtype::bbo_1m:
      return same(sizeof(bbo_record));
  }
  return {};
}

std::string_view name_of(rtype t) {
  switch (t) {
    case rtype::mbp_0:
      return "trades";
    case rtype::mbp_1:
      return "mbp-1";
    case rtype::mbp_10:
      return "mbp-10";
    case rtype::ohlcv_deprecated:
      return "ohlcv";
    case rtype::status:
      return "status";
    case rtype::definition:
      return "definition";
    case rtype::imbalance:
      return "imbalance";
    case rtype::error:
      return "error";
    case rtype::symbol_mapping:
      return "symbol-mapping";
    case rtype::system:
      return "system";
    case rtype::statistics:
      return "statistics";
    case rtype::ohlcv_1s:
      return "ohlcv-1s";
    case rtype::ohlcv_1m:
      return "ohlcv-1m";
    case rtype::ohlcv_1h:
      return "ohlcv-1h";
    case rtype::ohlcv_1d:
      return "ohlcv-1d";
    case rtype::ohlcv_eod:
      return "ohlcv-eod";
    case rtype::mbo:
      return "mbo";
    case rtype::cmbp_1:
      return "cmbp-1";
    case rtype::cbbo_1s:
      return "cbbo-1s";
    case rtype::cbbo_1m:
      return "cbbo-1m";
    case rtype::tcbbo:
      return "tcbbo";
    case rtype::bbo_1s:
      return "bbo-1s";
    case rtype::bbo_1m:
      return "bbo-1m";
  }
  return "unknown";
}

std::string_view name_of(schema s) {
  static constexpr std::array<std::string_view, 20> names = {
      "mbo",      "mbp-1",    "mbp-10",     "tbbo",       "trades", "ohlcv-1s",  "ohlcv-1m",
      "ohlcv-1h", "ohlcv-1d", "definition", "statistics", "status", "imbalance", "ohlcv-eod",
      "cmbp-1",   "cbbo-1s",  "cbbo-1m",    "tcbbo",      "bbo-1s", "bbo-1m"};
  if (s == schema::mixed) return "mixed";
  const auto i = static_cast<std::size_t>(s);
  return i < names.size() ? names[i] : "unknown";
}

}  // namespace isobar::wire::dbn
