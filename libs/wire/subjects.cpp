#include "wire/subjects.hpp"

#include <algorithm>
#include <vector>

namespace isobar::subjects {
namespace {

constexpr std::string_view venue_field = "{venue}";
constexpr std::string_view symbol_field = "{symbol}";

std::string fill(kind k, std::string_view venue, std::string_view symbol_text) {
  std::string text(all_subjects[static_cast<std::size_t>(k)].pattern);
  text.replace(text.find(venue_field), venue_field.size(), venue);
  text.replace(text.find(symbol_field), symbol_field.size(), symbol_text);
  return text;
}

std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (std::size_t start = 0;;) {
    const auto dot = text.find('.', start);
    tokens.push_back(text.substr(start, dot - start));
    if (dot == std::string_view::npos) return tokens;
    start = dot + 1;
  }
}

std::string with_case(std::string_view text, char first, char last, int shift) {
  std::string out(text);
  for (char& c : out)
    if (c >= first && c <= last) c = static_cast<char>(c + shift);
  return out;
}
std::string upper(std::string_view text) { return with_case(text, 'a', 'z', 'A' - 'a'); }
std::string lower(std::string_view text) { return with_case(text, 'A', 'Z', 'a' - 'A'); }

std::string key_prefix(std::string_view venue, const symbol& s) {
  return key_token(upper(venue)) + "." + key_token(s.str());
}

constexpr bool in_order() {
  for (std::size_t i = 0; i < all_subjects.size(); ++i)
    if (static_cast<std::size_t>(all_subjects[i].kind) != i) return false;
  return true;
}
static_assert(in_order());

}  // namespace

std::string subject(kind k, std::string_view venue, const symbol& s) {
  return fill(k, venue_token(venue), subject_token(s.str()));
}
std::string every_symbol(kind k, std::string_view venue) { return fill(k, venue_token(venue), "*"); }
std::string every_venue(kind k) { return fill(k, "*", "*"); }

std::string chain_snapshot(std::string_view venue, const symbol& s) { return subject(kind::chain_snapshot, venue, s); }
std::string epoch_switch(std::string_view venue, const symbol& s) { return subject(kind::epoch_switch, venue, s); }
std::string epoch_ack(std::string_view venue, const symbol& s) { return subject(kind::epoch_ack, venue, s); }
std::string window_frame(std::string_view venue, const symbol& s) { return subject(kind::window_frame, venue, s); }
std::string window_resync(std::string_view venue, const symbol& s) { return subject(kind::window_resync, venue, s); }
std::string model_heatmap(std::string_view venue, const symbol& s) { return subject(kind::model_heatmap, venue, s); }
std::string model_gex(std::string_view venue, const symbol& s) { return subject(kind::model_gex, venue, s); }
std::string model_volume_profile(std::string_view venue, const symbol& s) {
  return subject(kind::model_volume_profile, venue, s);
}
std::string heatmap_tiles(std::string_view venue, const symbol& s) { return subject(kind::heatmap_tiles, venue, s); }
std::string heatmap_gradient(std::string_view venue, const symbol& s) {
  return subject(kind::heatmap_gradient, venue, s);
}
std::string color_cells(std::string_view venue, const symbol& s) { return subject(kind::color_cells, venue, s); }
std::string feed_book(std::string_view venue, const symbol& s) { return subject(kind::feed_book, venue, s); }
std::string feed_trades(std::string_view venue, const symbol& s) { return subject(kind::feed_trades, venue, s); }
std::string feed_definition(std::string_view venue, const symbol& s) {
  return subject(kind::feed_definition, venue, s);
}
std::string feed_statistics(std::string_view venue, const symbol& s) {
  return subject(kind::feed_statistics, venue, s);
}
std::string feed_status(std::string_view venue, const symbol& s) { return subject(kind::feed_status, venue, s); }
std::string feed_resync(std::string_view venue, const symbol& s) { return subject(kind::feed_resync, venue, s); }
std::string feed_refill(std::string_view venue, const symbol& s) { return subject(kind::feed_refill, venue, s); }
std::string chain_refill(std::string_view venue, const symbol& s) { return subject(kind::chain_refill, venue, s); }
std::string epoch_refill(std::string_view venue, const symbol& s) { return subject(kind::epoch_refill, venue, s); }
std::string gex_surface(std::string_view venue, const symbol& s) { return subject(kind::gex_surface, venue, s); }
std::string gate_next(std::string_view venue, const symbol& s) { return subject(kind::gate_next, venue, s); }
std::string level_set(std::string_view venue, const symbol& s) { return subject(kind::level_set, venue, s); }
std::string radar_surfaces(std::string_view venue, const symbol& s) { return subject(kind::radar_surfaces, venue, s); }
std::string radar_column(std::string_view venue, const symbol& s) { return subject(kind::radar_column, venue, s); }
std::string radar_features(std::string_view venue, const symbol& s) { return subject(kind::radar_features, venue, s); }
std::string radar_breakthrough(std::string_view venue, const symbol& s) {
  return subject(kind::radar_breakthrough, venue, s);
}
std::string radar_levels(std::string_view venue, const symbol& s) { return subject(kind::radar_levels, venue, s); }
std::string model_flow(std::string_view venue, const symbol& s) { return subject(kind::model_flow, venue, s); }
std::string feed_quotes(std::string_view venue, const symbol& s) { return subject(kind::feed_quotes, venue, s); }
std::string feed_options(std::string_view venue, const symbol& s) { return subject(kind::feed_options, venue, s); }
std::string gex_profile(std::string_view venue, const symbol& s) { return subject(kind::gex_profile, venue, s); }
std::string level_signals(std::string_view venue, const symbol& s) { return subject(kind::level_signals, venue, s); }
std::string level_alert(std::string_view venue, const symbol& s) { return subject(kind::level_alert, venue, s); }
std::string control_progress(std::string_view venue, const symbol& s) {
  return subject(kind::control_progress, venue, s);
}

result<parsed_subject, wire::errc> parse(std::string_view text) {
  const auto refuse = [&] {
    return fail(wire::errc::bad_subject, "subject \"" + std::string(text.substr(0, 200)) + "\"");
  };
  const auto tokens = tokens_of(text.substr(0, 400));
  if (tokens.size() != 5) return refuse();
  for (const auto& entry : all_subjects) {
    const auto pattern = tokens_of(entry.pattern);
    if (tokens[0] != pattern[0] || tokens[1] != pattern[1] || tokens[4] != pattern[4]) continue;
    auto venue = from_subject_token(tokens[2]);
    const auto name = from_subject_token(tokens[3]);
    if (!venue || venue->empty() || !name) return refuse();
    const auto parsed = symbol::parse(*name);
    if (!parsed) return refuse();
    return parsed_subject{.kind = entry.kind, .venue = lower(*venue), .symbol = *parsed};
  }
  return refuse();
}

std::string venue_token(std::string_view venue) { return subject_token(upper(venue)); }

std::string key_token(std::string_view text) {
  std::string token = subject_token(text);
  std::replace(token.begin(), token.end(), '%', '=');
  return token;
}

std::string latest_chain_key(std::string_view venue, const symbol& s) { return key_prefix(venue, s) + ".latest"; }
std::string latest_radar_key(std::string_view venue, const symbol& s) { return key_prefix(venue, s) + ".latest"; }
std::string latest_gex_key(std::string_view venue, const symbol& s) { return key_prefix(venue, s) + ".latest"; }
std::string active_epoch_key(std::string_view venue, const symbol& s) { return key_prefix(venue, s) + ".active"; }
std::string epoch_key(std::string_view venue, const symbol& s, std::uint64_t epoch_id) {
  return key_prefix(venue, s) + "." + std::to_string(epoch_id);
}
std::string model_key(std::string_view venue, const symbol& s) { return key_prefix(venue, s) + ".model"; }
std::string model_key(std::string_view venue, const symbol& s, std::uint64_t epoch_id) {
  return model_key(venue, s) + "." + std::to_string(epoch_id);
}
std::string model_key(std::string_view venue, const symbol& s, std::uint64_t epoch_id,
                      const market::expiry_key& expiry) {
  return model_key(venue, s, epoch_id) + "." + market::to_string(expiry);
}

}  // namespace isobar::subjects
