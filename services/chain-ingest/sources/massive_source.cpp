#include "chain-ingest/sources/massive_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chain-ingest/sources/recording.hpp"
#include "chain-ingest/sources/waiting.hpp"
#include "core/decimal.hpp"
#include "market/root.hpp"

namespace isobar::chain_ingest {
namespace {

constexpr std::size_t expiry_pages_max = 16;

std::string retried(std::size_t tries) { return tries == 0 ? "" : fmt::format(" (after {} retries)", tries); }

}  // namespace

isobar::result<std::unique_ptr<massive_source>, http_errc> massive_source::open(massive_options options,
                                                                                const isobar::symbol& s,
                                                                                std::unique_ptr<recorder> records) {
  auto client = http_client::make(options.http);
  if (!client) return std::unexpected(client.error());
  return std::unique_ptr<massive_source>(
      new massive_source(std::move(options), s, std::move(records), std::move(*client)));
}

massive_source::massive_source(massive_options options, const isobar::symbol& s, std::unique_ptr<recorder> records,
                               std::unique_ptr<http_client> client)
    : options_(std::move(options)),
      symbol_(s),
      records_(std::move(records)),
      client_(std::move(client)),
      cadence_(options_.cadence, options_.clock()) {}

source_event massive_source::next(std::stop_token stop) {
  const duration_ns early = cadence_.due() - options_.clock();
  if (early.value > 0 && !sleep_for(std::chrono::nanoseconds(early.value), stop)) return source_ended{};
  if (stop.stop_requested()) return source_ended{};
  cadence_.begin(options_.clock());
  auto got = cycle(stop);
  if (stop.stop_requested()) return source_ended{};
  if (got) {
    cadence_.succeeded(options_.clock());
    got->overruns = cadence_.overruns();
    return std::move(*got);
  }
  if (got.error().rate_limited) {
    cadence_.rate_limited(options_.clock(), got.error().retry_after, options_.jitter());
  } else {
    cadence_.failed(options_.clock(), options_.jitter());
  }
  return std::move(got.error().event);
}

massive_source::trouble massive_source::refused(refusal why, std::string evidence, double ratio) {
  return {chain_refused{why, std::move(evidence), ratio}, false, std::nullopt};
}

massive_source::attempt<std::string> massive_source::get(std::string target, const std::stop_token& stop) {
  const std::string shown = target;
  target += (target.find('?') == std::string::npos ? "?apiKey=" : "&apiKey=") + url_encode(options_.api_key);
  duration_ns wait = options_.page_retry_wait;
  for (std::size_t tries = 0;; ++tries) {
    auto answer = client_->get(target, stop);
    trouble t;
    if (!answer) {
      t.event = fetch_failed{std::string(to_string(answer.error().code)),
                             answer.error().evidence + " for " + shown + retried(tries)};
      if (answer.error().code == http_errc::stopped || answer.error().code == http_errc::too_large)
        return std::unexpected(std::move(t));
    } else if (answer->status == 200) {
      return std::move(answer->body);
    } else if (answer->status == 429) {
      t.event = fetch_failed{"http_429", "rate limit for " + shown};
      t.rate_limited = true;
      t.retry_after = answer->retry_after;
      return std::unexpected(std::move(t));
    } else {
      const bool server = answer->status >= 500;
      t.event = fetch_failed{server ? "http_5xx" : "http_4xx",
                             fmt::format("status {} for {}{}", answer->status, shown, retried(tries))};
      if (!server) return std::unexpected(std::move(t));
    }
    if (tries == options_.page_retries) return std::unexpected(std::move(t));
    const auto jitter = static_cast<std::int64_t>(static_cast<double>(wait.value) * 0.2 * options_.jitter());
    if (!sleep_for(std::chrono::nanoseconds(wait.value + jitter), stop)) return std::unexpected(std::move(t));
    wait = wait * 2;
  }
}

void massive_source::write(std::string_view kind, std::optional<date> expiry, std::string_view body) {
  if (records_) records_->append(body_line(options_.clock(), symbol_, fetch_, kind, expiry, body));
}

massive_source::attempt<price> massive_source::value_of(const std::string& ticker, std::string_view kind,
                                                        const std::stop_token& stop) {
  auto body = get("/v3/snapshot?ticker=" + url_encode(ticker) + "&order=asc&limit=10&sort=ticker", stop);
  if (!body) return std::unexpected(std::move(body.error()));
  write(kind, std::nullopt, *body);
  const auto value = wire::parse_massive_value(*body, kind);
  if (!value) return std::unexpected(refused(refusal::malformed, value.error().evidence));
  return *value;
}

massive_source::attempt<price> massive_source::spot(const std::stop_token& stop) {
  if (options_.underlying.starts_with("I:")) return value_of(options_.underlying, "spot", stop);
  if (share_price_ == market::no_price) {
    // A share's price stands in its option chain.
    auto body = get(chain_target("order=asc&limit=1&sort=expiration_date"), stop);
    if (!body) return std::unexpected(std::move(body.error()));
    write("spot", std::nullopt, *body);
    const auto page = wire::parse_massive_page(*body, "spot");
    if (!page) return std::unexpected(refused(refusal::malformed, page.error().evidence));
    if (page->spot == market::no_price)
      return std::unexpected(refused(refusal::malformed, "spot: no price of the underlying"));
    return page->spot;
  }
  return share_price_;
}

std::string massive_source::chain_target(std::string_view filters) const {
  return fmt::format("/v3/snapshot/options/{}?{}", url_encode(options_.underlying), filters);
}

/// Strikes near the money are listed on every expiry, so a narrow band of them names all expiries in a page or two.
massive_source::attempt<void> massive_source::refresh_expiries(price at, const std::stop_token& stop) {
  const timestamp now = options_.clock();
  const date today = market::exchange_date(now);
  const bool fresh = expiries_at_ != start_of_time && (now - expiries_at_) < options_.expiries_refresh &&
                     !expiries_.empty() && *expiries_.begin() >= today;
  if (fresh) return {};
  const isobar::strike atm = at_the_money(at, options_.strike_step);
  const strike_width band = strike_width(options_.strike_step.value * 5);
  std::string target = chain_target(fmt::format(
      "expiration_date.gte={}&strike_price.gte={}&strike_price.lte={}&order=asc&limit={}&sort=expiration_date",
      to_iso(today), format_nanos((atm - band).value), format_nanos((atm + band).value), options_.limits.page_size));
  std::set<date> found;
  for (std::size_t pages = 1;; ++pages) {
    auto body = get(target, stop);
    if (!body) return std::unexpected(std::move(body.error()));
    write("expirations", std::nullopt, *body);
    const auto page = wire::parse_massive_page(*body, "expirations page " + std::to_string(pages));
    if (!page) return std::unexpected(refused(refusal::malformed, page.error().evidence));
    for (const auto& c : page->contracts) found.insert(c.id.expiry);
    if (page->next_url.empty() || (options_.expiries_max > 0 && found.size() > options_.expiries_max)) break;
    const auto next = target_of(page->next_url);
    if (!next || pages == expiry_pages_max) {
      return std::unexpected(refused(refusal::too_large, fmt::format("expirations: no end after {} pages", pages)));
    }
    target = *next;
  }
  while (options_.expiries_max > 0 && found.size() > options_.expiries_max) found.erase(std::prev(found.end()));
  if (found.empty()) return std::unexpected(refused(refusal::unanswered, "expirations: none listed"));
  expiries_ = std::move(found);
  expiries_at_ = now;
  return {};
}

massive_source::attempt<void> massive_source::fetch_expiry(date expiry, const strike_window& w, completeness& proof,
                                                           market::raw_chain& raw, const std::stop_token& stop) {
  std::string target = chain_target(
      fmt::format("expiration_date={}&strike_price.gte={}&strike_price.lte={}&order=asc&limit={}&sort=strike_price",
                  to_iso(expiry), format_nanos(w.low.value), format_nanos(w.high.value), options_.limits.page_size));
  for (std::size_t pages = 1;; ++pages) {
    auto body = get(target, stop);
    if (!body) return std::unexpected(std::move(body.error()));
    write("page", expiry, *body);
    const std::string name = fmt::format("{} page {}", to_iso(expiry), pages);
    auto page = wire::parse_massive_page(*body, name);
    if (!page) return std::unexpected(refused(refusal::malformed, page.error().evidence, proof.ratio()));
    raw.counts += page->counts;
    if (auto ok = proof.add_page(expiry, page->contracts, page->counts.rows, page->next_url); !ok) {
      return std::unexpected(refused(ok.error().code, ok.error().evidence, proof.ratio()));
    }
    if (page->next_url.empty()) return {};
    const auto next = target_of(page->next_url);
    if (!next) return std::unexpected(refused(refusal::malformed, name + ": next_url is no URL", proof.ratio()));
    target = *next;
  }
}

massive_source::attempt<chain_arrived> massive_source::cycle(const std::stop_token& stop) {
  ++fetch_;
  const timestamp began = options_.clock();
  const auto at = spot(stop);
  if (!at) return std::unexpected(at.error());
  // Without a VIX entitlement the rule has a fallback; a rate limit must still be obeyed.
  const auto vix = value_of("I:VIX", "vix", stop);
  if (!vix && vix.error().rate_limited) return std::unexpected(vix.error());
  if (auto ok = refresh_expiries(*at, stop); !ok) return std::unexpected(ok.error());

  std::map<date, strike_window> windows;
  for (const date expiry : expiries_) {
    if (windows.size() == options_.expiries_max && options_.expiries_max > 0) break;
    windows[expiry] = make_window(*at, vix ? std::optional(*vix) : std::nullopt, options_.em_mult,
                                  market::days_to_expiry(expiry, began), options_.strike_step);
  }
  if (records_)
    records_->append(begin_line(options_.clock(), symbol_, fetch_, *at, options_.underlying, windows), true);

  completeness proof(windows, options_.limits);
  if (known_on_ == market::exchange_date(began)) proof.expect(known_);
  market::raw_chain raw;
  raw.source = "massive";
  raw.origin = fmt::format("fetch {}", fetch_);
  raw.spot = *at;
  for (const auto& [expiry, w] : windows) {
    if (auto ok = fetch_expiry(expiry, w, proof, raw, stop); !ok) return std::unexpected(ok.error());
  }
  auto all = proof.finish();
  if (!all) return std::unexpected(refused(all.error().code, all.error().evidence, proof.ratio()));
  raw.contracts = std::move(*all);
  known_.clear();
  for (const auto& c : raw.contracts) known_.push_back(c.id);
  known_on_ = market::exchange_date(began);
  raw.ts_event = options_.clock();
  if (records_) records_->append(end_line(raw.ts_event, symbol_, fetch_));
  const double took = static_cast<double>((raw.ts_event - began).value) / 1e9;
  return chain_arrived{{std::move(raw), std::move(windows)}, took, proof.ratio(), 0};
}

}  // namespace isobar::chain_ingest
