#include "heatmap-builder/transport/tile_encoder.hpp"

#include <initializer_list>
#include <limits>
#include <numeric>

#include "heatmap-builder/transport/wire_writer.hpp"

namespace isobar::heatmap_builder {
namespace {

/// Exact division by a constant without dividing: shift out the twos, multiply by the inverse of the odd rest modulo
/// 2^64. A quotient above `limit` says that the value was no multiple (Granlund and Montgomery 1994, section 9).
struct exact_divisor {
  explicit exact_divisor(std::uint64_t d) : divisor(d), shift(static_cast<unsigned>(__builtin_ctzll(d))) {
    const std::uint64_t odd = d >> shift;
    inverse = odd;
    for (int i = 0; i < 5; ++i) inverse *= 2 - odd * inverse;
    limit = std::numeric_limits<std::uint64_t>::max() / odd;
    low_bits = (std::uint64_t{1} << shift) - 1;
  }
  bool divides(std::uint64_t v) const { return (v & low_bits) == 0 && (v >> shift) * inverse <= limit; }
  std::int64_t quotient(std::int64_t v) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(v >> shift) * inverse);
  }
  std::uint64_t divisor;
  unsigned shift;
  std::uint64_t inverse = 0, limit = 0, low_bits = 0;
};

std::uint64_t magnitude(std::int64_t v) {
  return v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
}

/// Greatest common divisor: a candidate shrinks only at values that it does not divide, which is rarely.
void shrink_to_divide(std::uint64_t& g, const std::vector<std::int64_t>& values) {
  std::size_t i = 0;
  while (g == 0 && i < values.size()) g = magnitude(values[i++]);
  if (g == 0) return;
  exact_divisor d(g);
  for (; i < values.size(); ++i) {
    const std::uint64_t v = magnitude(values[i]);
    if (d.divides(v)) continue;
    g = std::gcd(g, v);
    if (g == 1) return;
    d = exact_divisor(g);
  }
}

template <class Next>
void packed_column(std::string& scratch, wire_writer& to, unsigned field, std::size_t count, Next&& next) {
  if (count == 0) return;
  if (scratch.size() < count * 10) scratch.resize(count * 10);
  char* end = scratch.data();
  for (std::size_t i = 0; i < count; ++i) end = wire_writer::put_varint(end, next(i));
  to.message_field(field, {scratch.data(), static_cast<std::size_t>(end - scratch.data())});
}

void packed_deltas(std::string& scratch, wire_writer& to, unsigned field, const std::vector<std::uint32_t>& ascending) {
  std::uint32_t before = 0;
  packed_column(scratch, to, field, ascending.size(), [&](std::size_t i) {
    const std::uint32_t step = ascending[i] - before;
    before = ascending[i];
    return step;
  });
}

void packed_quotients(std::string& scratch, wire_writer& to, unsigned field, const std::vector<std::int64_t>& values,
                      const exact_divisor& unit) {
  packed_column(scratch, to, field, values.size(),
                [&](std::size_t i) { return wire_writer::zigzag(unit.quotient(values[i])); });
}

std::string header_of(std::string_view producer, std::uint64_t sequence, timestamp window_end, std::size_t records,
                      market::quality quality) {
  std::string header;
  wire_writer w(header);
  w.varint_field(1, 1);
  w.bytes_field(2, producer);
  w.varint_field(3, sequence);
  w.fixed64_field(4, static_cast<std::uint64_t>(window_end.ns));
  w.fixed64_field(5, static_cast<std::uint64_t>(window_end.ns));
  w.varint_field(6, records);
  w.varint_field(7, static_cast<std::uint64_t>(quality));
  w.fixed64_field(8, static_cast<std::uint64_t>(window_end.ns));
  return header;
}

std::string expiry_of(const market::expiry_key& key) {
  std::string out;
  wire_writer w(out);
  w.bytes_field(1, key.root);
  w.varint_field(2, static_cast<std::uint64_t>(to_yyyymmdd(key.expiry)));
  return out;
}

}  // namespace

std::int64_t common_unit(const std::vector<const std::vector<std::int64_t>*>& columns) {
  std::uint64_t g = 0;
  for (const auto* c : columns)
    if (g != 1) shrink_to_divide(g, *c);
  return g == 0 ? 1 : static_cast<std::int64_t>(g);
}

void tile_encoder::encode(const tile_frame& frame, const tile_columns& columns, std::string& out) {
  const std::size_t n = columns.changed.size();
  debit_over_.resize(n);
  credit_under_.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    debit_over_[i] = columns.natural_debit[i] - columns.mid[i];
    credit_under_[i] = columns.mid[i] - columns.natural_credit[i];
  }
  // Spreads first: they are the small numbers, so the candidate is small from the start.
  const std::int64_t unit = common_unit({&debit_over_, &credit_under_, &columns.mid});
  const exact_divisor by(static_cast<std::uint64_t>(unit));

  out.clear();
  wire_writer w(out);
  w.message_field(
      1, header_of(frame.producer, frame.sequence, frame.window_end, n + columns.removed.size(), frame.quality));
  w.bytes_field(2, frame.symbol);
  w.varint_field(3, frame.epoch);
  w.message_field(4, expiry_of(*frame.expiry));
  w.varint_field(5, frame.revision);
  w.fixed64_field(6, static_cast<std::uint64_t>(frame.window_end.ns));
  w.varint_field(7, frame.base ? 1 : 0);
  w.zigzag_field(8, unit);
  packed_deltas(scratch_, w, 9, columns.changed);
  packed_quotients(scratch_, w, 10, columns.mid, by);
  packed_quotients(scratch_, w, 11, debit_over_, by);
  packed_quotients(scratch_, w, 12, credit_under_, by);
  packed_deltas(scratch_, w, 13, columns.removed);
  packed_column(scratch_, w, 14, columns.removed_reasons.size(),
                [&](std::size_t i) { return std::uint64_t{columns.removed_reasons[i]}; });
}

void tile_encoder::encode(const window_delta& window, const plane_delta& d, std::string& out) {
  encode(tile_frame{.symbol = window.board->symbol.str(),
                    .epoch = window.board->epoch,
                    .expiry = &window.board->planes[d.plane].key,
                    .revision = window.revision,
                    .window_end = window.window_end,
                    .quality = window.quality,
                    .sequence = d.sequence,
                    .base = d.base},
         d, out);
}

void tile_encoder::encode_gradient(const window_delta& window, const gradient_delta& d, std::string& out) {
  out.clear();
  wire_writer w(out);
  w.message_field(1, header_of("heatmap-builder", d.sequence, window.window_end, d.changed.size() + d.removed.size(),
                               window.quality));
  w.bytes_field(2, window.board->symbol.str());
  w.bytes_field(3, "heatmap.gradient");
  w.bytes_field(4, to_string(window.board->planes[d.plane].key));
  w.varint_field(5, window.board->epoch);
  w.varint_field(6, window.revision);
  w.fixed64_field(7, static_cast<std::uint64_t>(window.window_end.ns));
  w.varint_field(8, d.base ? 1 : 0);
  packed_deltas(scratch_, w, 9, d.changed);
  packed_column(scratch_, w, 10, d.value.size(), [&](std::size_t i) { return wire_writer::zigzag(d.value[i]); });
  w.double_field(11, 0.01);
  packed_deltas(scratch_, w, 12, d.removed);
}

}  // namespace isobar::heatmap_builder
