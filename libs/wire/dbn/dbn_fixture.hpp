#pragma once
// What the DBN tests and benchmarks share: records of every type and version, files made of them, sources that hand
// their bytes out in odd pieces.
#include <cstring>
#include <string>
#include <vector>

#include "wire/dbn/convert.hpp"
#include "wire/dbn/reader.hpp"
#include "wire/dbn/writer.hpp"

namespace isobar::wire::dbn::fixture {

inline constexpr std::uint64_t noon = 1'700'000'000'000'000'000;

/// Hands bytes out in pieces of `piece` bytes.
class piecewise_source final : public byte_source {
 public:
  piecewise_source(std::string_view bytes, std::size_t piece) : rest_(bytes), piece_(piece) {}
  std::expected<std::string_view, source_error> next() override {
    const auto out = rest_.substr(0, piece_);
    rest_.remove_prefix(out.size());
    // A copy at a fresh address, so that a sanitizer sees a view kept too long.
    last_.assign(out.begin(), out.end());
    last_.shrink_to_fit();
    return std::string_view(last_.data(), last_.size());
  }
  const std::string& name() const override { return name_; }

 private:
  std::string_view rest_;
  std::size_t piece_;
  std::vector<char> last_;
  std::string name_ = "pieces";
};

/// A layout struct as bytes, every byte behind the header set to something.
template <class R>
std::string sample(rtype t, unsigned char seed) {
  std::string bytes(sizeof(R), '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(seed + i * 7);
  const auto hd = make_header<R>(t, 1, 17'077, noon + seed);
  std::memcpy(bytes.data(), &hd, sizeof hd);
  return bytes;
}

/// One record of every type that the version has.
inline std::vector<std::string> samples(std::uint8_t version) {
  std::vector<std::string> out = {
      sample<mbo_record>(rtype::mbo, 1),
      sample<trade_record>(rtype::mbp_0, 2),
      sample<mbp1_record>(rtype::mbp_1, 3),
      sample<mbp10_record>(rtype::mbp_10, 4),
      sample<bbo_record>(rtype::bbo_1s, 5),
      sample<bbo_record>(rtype::bbo_1m, 6),
      sample<cmbp1_record>(rtype::cmbp_1, 7),
      sample<cmbp1_record>(rtype::tcbbo, 8),
      sample<cbbo_record>(rtype::cbbo_1s, 9),
      sample<cbbo_record>(rtype::cbbo_1m, 10),
      sample<ohlcv_record>(rtype::ohlcv_1s, 11),
      sample<ohlcv_record>(rtype::ohlcv_1m, 12),
      sample<ohlcv_record>(rtype::ohlcv_1h, 13),
      sample<ohlcv_record>(rtype::ohlcv_1d, 14),
      sample<ohlcv_record>(rtype::ohlcv_eod, 15),
      sample<status_record>(rtype::status, 16),
      sample<imbalance_record>(rtype::imbalance, 17),
  };
  if (version == 1) {
    out.push_back(sample<definition_v1>(rtype::definition, 18));
    out.push_back(sample<error_v1>(rtype::error, 19));
    out.push_back(sample<system_v1>(rtype::system, 20));
    out.push_back(sample<symbol_mapping_v1>(rtype::symbol_mapping, 21));
  } else {
    out.push_back(version == 2 ? sample<definition_v2>(rtype::definition, 18)
                               : sample<definition_v3>(rtype::definition, 18));
    out.push_back(sample<error_v2>(rtype::error, 19));
    out.push_back(sample<system_v2>(rtype::system, 20));
    out.push_back(sample<symbol_mapping_v2>(rtype::symbol_mapping, 21));
  }
  out.push_back(version == 3 ? sample<statistics_v3>(rtype::statistics, 22)
                             : sample<statistics_v1>(rtype::statistics, 22));
  return out;
}

inline metadata header(std::uint8_t version, bool ts_out = false) {
  metadata m;
  m.version = version;
  m.dataset = "GLBX.MDP3";
  m.start = noon;
  m.limit = 1000;
  m.stype_in = symbol_type::raw_symbol;
  m.ts_out = ts_out;
  m.symbol_cstr_len = version == 1 ? 22 : 71;
  m.symbols = {"ESH4", "ESM4"};
  m.partial = {"ESM4"};
  m.not_found = {"XXX"};
  m.mappings = {{"ESH4", {{*make_date(2023, 12, 24), *make_date(2023, 12, 26), "17077"}}}, {"ESM4", {}}};
  return m;
}

/// A file written by our own writer. The records must be of the metadata's version.
inline std::string file_of(const std::optional<metadata>& m, const std::vector<std::string>& records, bool zstd,
                           std::uint8_t fragment_version = newest_version) {
  std::string out;
  auto w = writer::over(std::make_unique<string_sink>(out), m, {.zstd = zstd}, fragment_version);
  for (const auto& r : records)
    if (!w || !w->write(record(r.data()))) return {};
  if (!w || !w->finish()) return {};
  return out;
}

inline std::expected<reader, read_error> read(std::string_view bytes, reader_options options = {}) {
  return reader::over(std::make_unique<memory_source>(bytes), options);
}

/// Everything of a stream: its records, how many, and how it ended.
struct outcome {
  std::vector<std::string> records;
  std::uint64_t count = 0;
  std::uint64_t unknown = 0;
  std::optional<read_error> error;
};
inline outcome drain(std::expected<reader, read_error> in, bool keep = true) {
  outcome o;
  if (!in) {
    o.error = in.error();
    return o;
  }
  while (const record r = in->next())
    if (keep) o.records.emplace_back(r.bytes());
  o.count = in->records();
  o.unknown = in->unknown();
  if (in->error()) o.error = *in->error();
  return o;
}

}  // namespace isobar::wire::dbn::fixture
