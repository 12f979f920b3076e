#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <thread>

#include "bus/nats_bus.hpp"
#include "isobar/commands.hpp"
#include "service/shard_records.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::cli {
namespace {

using service::symbol_kind;

struct request {
  std::string url = "nats://127.0.0.1:7422", venue = "sim", kind = "futures";
  std::string credentials, nkey_seed, tls_ca, tls_cert, tls_key;
  std::vector<std::string> symbols;

  symbol_kind wanted() const { return kind == "options" ? symbol_kind::options : symbol_kind::futures; }
};

/// 0, or what main returns: 1 the store refuses, 2 a word is no symbol.
int edit(bus::kv_bucket& registry, const request& r, bool add) {
  for (const std::string& word : r.symbols) {
    if (symbol::parse(word)) continue;
    std::fprintf(stderr, "isobar symbols: %s is no symbol\n", word.c_str());
    return 2;
  }
  for (const std::string& word : r.symbols) {
    const std::string key = service::registry_key(r.venue, r.wanted(), *symbol::parse(word));
    bus::result<void> done;
    if (!add)
      done = registry.remove(key);
    else if (const auto put = registry.put(key, word); !put)
      done = std::unexpected(put.error());
    if (done) continue;
    std::fprintf(stderr, "isobar symbols: %s: %s\n", word.c_str(), done.error().evidence.c_str());
    return 1;
  }
  return 0;
}

/// Who holds each lease whose member is there: "radar-physics" -> symbol -> ordinal.
std::map<std::string, std::map<std::string, std::string>> holders(bus::bus& on, const request& r) {
  std::map<std::string, std::map<std::string, std::string>> out;
  const bus::kv_options there_or_not{.history = 1, .max_bytes = service::bucket_bytes_max, .create = false};
  const auto leases = on.bucket(service::leases_bucket, there_or_not);
  const auto members = on.bucket(service::members_bucket, there_or_not);
  if (!leases || !members) return out;
  const auto keys = (*leases)->keys();
  if (!keys) return out;
  for (const std::string& key : *keys) {
    const std::string word = key.substr(0, key.find('.'));
    const auto name = service::parse_lease_key(word, r.venue, key);
    const auto entry = (*leases)->get(key);
    const auto lease = name && entry ? service::decode_lease(entry->value) : std::nullopt;
    if (!lease) continue;
    const auto member = (*members)->get(service::member_key(word, r.venue, lease->ordinal));
    const auto there = member ? service::decode_member(member->value) : std::nullopt;
    out[word][name->str()] = there && there->instance == lease->instance ? std::to_string(lease->ordinal)
                                                                         : std::to_string(lease->ordinal) + " (gone)";
  }
  return out;
}

int list(bus::bus& on, bus::kv_bucket& registry, const request& r) {
  const auto keys = registry.keys();
  if (!keys) {
    std::fprintf(stderr, "isobar symbols: %s\n", keys.error().evidence.c_str());
    return 1;
  }
  const auto held = holders(on, r);
  for (const std::string& key : *keys) {
    const auto place = service::parse_registry_key(key);
    if (!place || place->venue != subjects::venue_token(r.venue)) continue;
    std::printf("%-8s %-16s", std::string(to_string(place->kind)).c_str(), place->name.str().c_str());
    for (const auto& [word, of] : held)
      if (const auto at = of.find(place->name.str()); at != of.end())
        std::printf(" %s:%s", word.c_str(), at->second.c_str());
    std::printf("\n");
  }
  return 0;
}

}  // namespace

int symbols(int argc, char** argv) {
  request r;
  CLI::App top{"The registry of symbols that shards (--shard i/n) share out", "isobar symbols"};
  top.require_subcommand(1);
  top.add_option("--bus", r.url, "NATS server; default: that of ./dev cluster")->capture_default_str();
  top.add_option("--venue", r.venue, "venue of the symbols")->capture_default_str();
  top.add_option("--nats-credentials", r.credentials, "NATS credentials file (.creds)");
  top.add_option("--nats-nkey-seed", r.nkey_seed, "NATS NKEY seed file");
  top.add_option("--nats-tls-ca", r.tls_ca, "CA certificate file of the NATS server; turns TLS on");
  top.add_option("--nats-tls-cert", r.tls_cert, "client certificate file");
  top.add_option("--nats-tls-key", r.tls_key, "client key file");
  auto* add = top.add_subcommand("add", "list symbols; shards that run take them at once")->fallthrough();
  auto* remove = top.add_subcommand("remove", "unlist symbols; their workers keep a checkpoint and end")->fallthrough();
  auto* show = top.add_subcommand("list", "symbols, and which shard of each service holds them")->fallthrough();
  for (auto* c : {add, remove}) {
    c->add_option("symbols", r.symbols, "words such as ES or SPX")->required();
    c->add_option("--kind", r.kind, "which services they are for")
        ->check(CLI::IsMember({"options", "futures"}))
        ->capture_default_str();
  }
  try {
    top.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return top.exit(e) == 0 ? 0 : 2;
  }
  telemetry::log_options logging;
  logging.minimum = telemetry::level::error;
  telemetry::start_logging(logging);
  auto on = bus::make_nats_bus({.url = r.url,
                                .name = "isobar-symbols",
                                .credentials_file = r.credentials,
                                .nkey_seed_file = r.nkey_seed,
                                .tls_ca_file = r.tls_ca,
                                .tls_cert_file = r.tls_cert,
                                .tls_key_file = r.tls_key});
  if (!on) {
    std::fprintf(stderr, "isobar symbols: %s\n", on.error().evidence.c_str());
    return 3;
  }
  for (int tries = 0; tries < 250 && !(*on)->stats().connected; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  if (!(*on)->stats().connected) {
    std::fprintf(stderr, "isobar symbols: no connection to %s (a server that asks for keys or TLS: --nats-...)\n",
                 r.url.c_str());
    return 3;
  }
  const auto registry = (*on)->bucket(service::registry_bucket, {.history = 1, .max_bytes = service::bucket_bytes_max});
  if (!registry) {
    std::fprintf(stderr, "isobar symbols: %s: %s\n", r.url.c_str(), registry.error().evidence.c_str());
    return 3;
  }
  return show->parsed() ? list(**on, **registry, r) : edit(**registry, r, add->parsed());
}

}  // namespace isobar::cli
