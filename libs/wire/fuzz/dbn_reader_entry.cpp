#include "wire/fuzz/dbn_reader_entry.hpp"

#include <memory>
#include <vector>

#include "core/error.hpp"
#include "wire/dbn/convert.hpp"
#include "wire/dbn/reader.hpp"
#include "wire/dbn/symbol_map.hpp"
#include "wire/dbn/writer.hpp"

namespace isobar::wire::dbn {
namespace {

/// Pieces at addresses of their own, so that AddressSanitizer sees a byte read too far or too late.
class fuzzed_source final : public byte_source {
 public:
  fuzzed_source(std::string_view bytes, std::size_t piece) : rest_(bytes), piece_(piece) {}
  std::expected<std::string_view, source_error> next() override {
    const auto part = rest_.substr(0, piece_);
    rest_.remove_prefix(part.size());
    last_ = std::make_unique<char[]>(part.size());
    part.copy(last_.get(), part.size());
    return std::string_view(last_.get(), part.size());
  }
  const std::string& name() const override { return name_; }

 private:
  std::string_view rest_;
  std::size_t piece_;
  std::unique_ptr<char[]> last_;
  std::string name_ = "fuzz";
};

/// Every byte of the record is read.
std::uint64_t use(record r, symbol_map& symbols, refusal_counts& refused) {
  std::uint64_t sum = 0;
  for (const char c : r.bytes()) sum += static_cast<unsigned char>(c);
  market::trade_event trade;
  refused.taken(to_trade_event(r, trade));
  market::book_event event;
  if (const auto* m = r.as<mbo_record>()) refused.taken(to_book_event(*m, event));
  if (const auto d = as_definition(r)) {
    market::instrument i;
    refused.taken(to_instrument(*d, i));
    sum += i.raw_symbol.size();
  }
  if (const auto s = as_statistics(r)) {
    market::statistic m;
    refused.taken(to_statistic(*s, m));
  }
  if (const auto* s = r.as<status_record>()) {
    market::trading_status t;
    refused.taken(to_trading_status(*s, t));
  }
  if (const auto m = as_symbol_mapping(r)) symbols.add(*m);
  if (const auto e = as_error(r)) sum += text_of(e->text).size();
  if (const auto s = as_system(r)) sum += text_of(s->text).size();
  symbols.find(r.header().instrument_id, {static_cast<std::int64_t>(r.header().ts_event)});
  return sum;
}

/// A zstd bomb is no defect: enough of it is enough.
constexpr std::uint64_t records_max = 20'000;

}  // namespace

void fuzz_reader(std::string_view input) {
  if (input.empty()) return;
  const auto how = static_cast<unsigned char>(input[0]);
  input.remove_prefix(1);
  const std::size_t piece = how % 8 == 0 ? input.size() : 1 + how;
  auto in = reader::over(std::make_unique<fuzzed_source>(input, piece),
                         {.fragment_ts_out = (how & 1) != 0, .metadata_bytes_max = 1u << 20});
  if (!in) {
    ISOBAR_ASSERT(!in.error().what.empty() && in.error().record == 0);
    return;
  }
  symbol_map symbols(1000);
  refusal_counts refused;
  std::string again;
  result<writer, errc> out = fail(errc::metadata, "");
  if (in->metadata()) {
    symbols.add(*in->metadata());
    out = writer::over(std::make_unique<string_sink>(again), *in->metadata(), {.zstd = false});
  }
  std::uint64_t given = 0, written = 0, sum = 0, offset = in->offset();
  while (const record r = in->next()) {
    sum += use(r, symbols, refused);
    ISOBAR_ASSERT(in->offset() > offset && ++given == in->records());
    offset = in->offset();
    if (out && out->write(r)) ++written;
    if (given == records_max) return;
  }
  if (const auto* e = in->error()) ISOBAR_ASSERT(!e->text().empty() && e->record == given + in->unknown() + 1);
  ISOBAR_ASSERT(!in->next());
  if (!out || !out->finish()) return;
  // What was written reads back as many records, whatever the input was.
  auto back = reader::over(std::make_unique<memory_source>(again));
  ISOBAR_ASSERT(back && *back->metadata() == *in->metadata());
  while (const record r = back->next()) sum -= r.size();
  ISOBAR_ASSERT(back->error() == nullptr && back->records() == written);
  (void)sum;
}

}  // namespace isobar::wire::dbn
