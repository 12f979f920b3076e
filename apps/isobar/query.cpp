#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <optional>

#include "core/date.hpp"
#include "core/decimal.hpp"
#include "isobar/chain/v1/chain_service.grpc.pb.h"
#include "isobar/commands.hpp"
#include "isobar/epoch/v1/epoch_service.grpc.pb.h"
#include "isobar/heatmap/v1/heatmap_service.grpc.pb.h"
#include "isobar/model/v1/model_service.grpc.pb.h"
#include "isobar/query_client.hpp"
#include "isobar/query_futures.hpp"
#include "isobar/query_gamma.hpp"
#include "isobar/query_health.hpp"
#include "isobar/query_table.hpp"
#include "isobar/query_text.hpp"
#include "isobar/window/v1/window_service.grpc.pb.h"

namespace isobar::cli {
namespace {

namespace hm = heatmap::v1;

/// Everything the sub-commands share; CLI11 writes into it.
struct request {
  endpoint to;
  std::string format = "table";
  std::string symbol;
  std::string as_of;
  std::string expiry;
  std::string strategy;
  std::string right;
  std::string strike, strike_from, strike_to;
  std::string width = "0";
  std::string show = "debit";
  std::string model = "heatmap";
  bool theoretical = false;
  bool columns = false;
  std::uint64_t epoch_id = 0;
  std::uint64_t from_revision = 0;
  std::uint32_t count = 0;
  std::uint32_t heartbeat_ms = 0;

  bool json() const { return format == "json"; }
};

/// Bad words on the command line: CLI11 prints the text and we leave with 2.
[[noreturn]] void refuse(const std::string& text) { throw CLI::ValidationError(text); }

std::int64_t nanos(const std::string& option, const std::string& text) {
  if (text.empty()) return 0;
  const auto value = parse_nanos(text);
  if (!value) refuse(option + " takes a decimal number of points, not '" + text + "'");
  return *value;
}

hm::Strategy strategy_of(const std::string& text) {
  if (text == "single") return hm::STRATEGY_SINGLE;
  if (text == "vertical") return hm::STRATEGY_VERTICAL;
  if (text == "butterfly") return hm::STRATEGY_BUTTERFLY;
  return hm::STRATEGY_UNSPECIFIED;
}

hm::Right right_of(const std::string& text) {
  if (text == "call") return hm::RIGHT_CALL;
  if (text == "put") return hm::RIGHT_PUT;
  return hm::RIGHT_UNSPECIFIED;
}

hm::GetSurfaceRequest surface_request(const request& r) {
  hm::GetSurfaceRequest ask;
  ask.set_symbol(r.symbol);
  ask.set_as_of_ns(parse_as_of(r.as_of));
  if (!r.expiry.empty()) ask.add_expiries(r.expiry);
  if (!r.strategy.empty()) ask.add_strategies(strategy_of(r.strategy));
  ask.set_strike_from_nanos(nanos("--strike-from", r.strike_from));
  ask.set_strike_to_nanos(nanos("--strike-to", r.strike_to));
  ask.set_epoch_id(r.epoch_id);
  ask.set_theoretical(r.theoretical || r.show == "theoretical");
  return ask;
}

cell cell_of(const std::string& show) {
  if (show == "r2r") return cell::reward_to_risk;
  if (show == "change") return cell::change;
  if (show == "theoretical") return cell::theoretical;
  return cell::debit;
}

/// Columns in one answer (json), or every page of tiles (table, json with --tiles).
int surface(const request& r) {
  const auto stub = hm::HeatmapService::NewStub(connect(r.to, cluster_port::heatmap_builder, r.symbol));
  auto ask = surface_request(r);
  ask.set_expanded(!r.columns);
  hm::GetSurfaceResponse all;
  do {
    grpc::ClientContext context;
    set_deadline(context, r.to);
    hm::GetSurfaceResponse page;
    if (const int bad = report(stub->GetSurface(&context, ask, &page), r.to)) return bad;
    // Later pages are of the same window, whatever has happened since.
    ask.set_as_of_ns(page.info().as_of_ns());
    ask.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.mutable_info()->CopyFrom(page.info());
    all.MergeFrom(page);
  } while (!ask.page_token().empty());
  if (r.json() || r.columns) {
    print_json(all);
    return 0;
  }
  std::vector<hm::Tile> tiles;
  for (auto& tile : *all.mutable_tiles()) {
    if (r.right.empty() || tile.right() == right_of(r.right)) tiles.push_back(std::move(tile));
  }
  std::cout << describe(all.info()) << surface_table(tiles, cell_of(r.show));
  return 0;
}

int stream(const request& r) {
  const auto stub = hm::HeatmapService::NewStub(connect(r.to, cluster_port::heatmap_builder, r.symbol));
  hm::StreamSurfaceRequest ask;
  ask.set_symbol(r.symbol);
  if (!r.expiry.empty()) ask.add_expiries(r.expiry);
  ask.set_from_revision(r.from_revision);
  ask.set_heartbeat_ms(r.heartbeat_ms);
  grpc::ClientContext context;
  identify(context, r.to);
  const auto reader = stub->StreamSurface(&context, ask);
  hm::StreamSurfaceResponse update;
  for (std::uint32_t seen = 0; (r.count == 0 || seen < r.count) && reader->Read(&update); ++seen) {
    if (r.json()) {
      print_json(update, true);
      continue;
    }
    int changed = 0, removed = 0;
    for (const auto& plane : update.planes()) {
      changed += plane.mid_size();
      removed += plane.removed_delta_size();
    }
    const bool base = update.planes_size() > 0 && update.planes(0).base();
    std::cout << to_iso(timestamp{update.info().as_of_ns()}) << " revision " << update.info().revision() << " epoch "
              << update.info().epoch_id() << (base ? " base " : " ") << changed << " tiles, " << removed
              << " removed in " << update.planes_size() << " planes"
              << (update.conflated_windows() ? " (conflated)" : "") << std::endl;
  }
  if (r.count > 0) context.TryCancel();
  const auto status = reader->Finish();
  return status.error_code() == grpc::StatusCode::CANCELLED && r.count > 0 ? 0 : report(status, r.to);
}

hm::GetTileRequest tile_request(const request& r) {
  hm::GetTileRequest ask;
  ask.set_symbol(r.symbol);
  ask.set_expiry(r.expiry);
  ask.set_strategy(strategy_of(r.strategy));
  ask.set_right(right_of(r.right));
  ask.set_strike_nanos(nanos("STRIKE", r.strike));
  ask.set_width_nanos(nanos("WIDTH", r.width));
  ask.set_as_of_ns(parse_as_of(r.as_of));
  ask.set_theoretical(r.theoretical);
  return ask;
}

int tile(const request& r) {
  const auto stub = hm::HeatmapService::NewStub(connect(r.to, cluster_port::heatmap_builder, r.symbol));
  grpc::ClientContext context;
  set_deadline(context, r.to);
  hm::GetTileResponse answer;
  if (const int bad = report(stub->GetTile(&context, tile_request(r), &answer), r.to)) return bad;
  if (r.json()) {
    print_json(answer);
    return 0;
  }
  std::cout << describe(answer.info()) << tile_table(answer.tile());
  if (!answer.order_buy().empty()) std::cout << answer.order_buy() << "\n" << answer.order_sell() << "\n";
  return 0;
}

int explain(const request& r) {
  const auto stub = hm::HeatmapService::NewStub(connect(r.to, cluster_port::heatmap_builder, r.symbol));
  grpc::ClientContext context;
  set_deadline(context, r.to);
  hm::ExplainTileRequest ask;
  *ask.mutable_tile() = tile_request(r);
  hm::ExplainTileResponse answer;
  if (const int bad = report(stub->ExplainTile(&context, ask, &answer), r.to)) return bad;
  if (r.json()) {
    print_json(answer);
    return 0;
  }
  std::cout << describe(answer.info()) << tile_table(answer.tile()) << leg_table(answer);
  return 0;
}

int epoch_one(const request& r) {
  const auto stub = epoch::v1::EpochService::NewStub(connect(r.to, cluster_port::epoch_manager));
  grpc::ClientContext context;
  set_deadline(context, r.to);
  epoch::v1::GetEpochRequest ask;
  ask.set_symbol(r.symbol);
  ask.set_epoch_id(r.epoch_id);
  epoch::v1::GetEpochResponse answer;
  if (const int bad = report(stub->GetEpoch(&context, ask, &answer), r.to)) return bad;
  if (r.json()) {
    print_json(answer);
    return 0;
  }
  std::cout << epoch_table({answer.epoch()});
  for (const auto& plane : answer.epoch().geometry().planes()) {
    std::cout << "  " << plane.key().root() << "-" << plane.key().expiry_yyyymmdd() << "  " << plane.strike_delta_size()
              << " strikes\n";
  }
  return 0;
}

int epoch_list(const request& r) {
  const auto stub = epoch::v1::EpochService::NewStub(connect(r.to, cluster_port::epoch_manager));
  grpc::ClientContext context;
  set_deadline(context, r.to);
  epoch::v1::ListEpochsRequest ask;
  ask.set_symbol(r.symbol);
  ask.set_page_size(r.count);
  epoch::v1::ListEpochsResponse answer;
  if (const int bad = report(stub->ListEpochs(&context, ask, &answer), r.to)) return bad;
  if (r.json()) {
    print_json(answer);
    return 0;
  }
  std::cout << epoch_table({answer.epochs().begin(), answer.epochs().end()});
  return 0;
}

template <class Service, class Request, class Response, class Call>
int unary_json(const request& r, cluster_port port, Request ask, Response answer, Call call) {
  const auto stub = Service::NewStub(connect(r.to, port));
  grpc::ClientContext context;
  set_deadline(context, r.to);
  if (const int bad = report(call(*stub, context, ask, answer), r.to)) return bad;
  print_json(answer);
  return 0;
}

int chain(const request& r) {
  chain::v1::GetChainRequest ask;
  ask.set_symbol(r.symbol);
  if (!r.expiry.empty()) ask.add_expiries(r.expiry);
  return unary_json<chain::v1::ChainService>(
      r, cluster_port::chain_ingest, ask, chain::v1::GetChainResponse{},
      [](auto& stub, auto& context, auto& q, auto& a) { return stub.GetChain(&context, q, &a); });
}

int source_status(const request& r) {
  chain::v1::GetSourceStatusRequest ask;
  ask.set_symbol(r.symbol);
  return unary_json<chain::v1::ChainService>(
      r, cluster_port::chain_ingest, ask, chain::v1::GetSourceStatusResponse{},
      [](auto& stub, auto& context, auto& q, auto& a) { return stub.GetSourceStatus(&context, q, &a); });
}

int rows(const request& r) {
  window::v1::GetRowsRequest ask;
  ask.set_symbol(r.symbol);
  ask.set_as_of_ns(parse_as_of(r.as_of));
  ask.set_expiry(r.expiry);
  return unary_json<window::v1::WindowService>(
      r, cluster_port::ws_hydrator, ask, window::v1::GetRowsResponse{},
      [](auto& stub, auto& context, auto& q, auto& a) { return stub.GetRows(&context, q, &a); });
}

int feed_status(const request& r) {
  window::v1::GetFeedStatusRequest ask;
  ask.set_symbol(r.symbol);
  return unary_json<window::v1::WindowService>(
      r, cluster_port::ws_hydrator, ask, window::v1::GetFeedStatusResponse{},
      [](auto& stub, auto& context, auto& q, auto& a) { return stub.GetFeedStatus(&context, q, &a); });
}

int model_input(const request& r) {
  model::v1::GetLastInputRequest ask;
  ask.set_symbol(r.symbol);
  ask.set_model(r.model);
  return unary_json<model::v1::ModelService>(
      r, cluster_port::decomposer, ask, model::v1::GetLastInputResponse{},
      [](auto& stub, auto& context, auto& q, auto& a) { return stub.GetLastInput(&context, q, &a); });
}

using handler = std::function<int()>;

CLI::App* add(CLI::App& top, request& r, handler& chosen, const char* name, const char* help,
              int (*run)(const request&)) {
  CLI::App* sub = top.add_subcommand(name, help);
  sub->add_option("symbol", r.symbol, "registry symbol, e.g. SPX")->required();
  sub->callback([&chosen, &r, run] { chosen = [&r, run] { return run(r); }; });
  return sub;
}

void add_tile_words(CLI::App* sub, request& r) {
  sub->add_option("expiry", r.expiry, "plane, e.g. SPXW-20251219")->required();
  sub->add_option("strategy", r.strategy, "single, vertical or butterfly")
      ->required()
      ->check(CLI::IsMember({"single", "vertical", "butterfly"}));
  sub->add_option("right", r.right, "call or put")->required()->check(CLI::IsMember({"call", "put"}));
  sub->add_option("strike", r.strike, "anchor strike, points")->required();
  sub->add_option("width", r.width, "points; 0 for a single");
  sub->add_option("--as-of", r.as_of, "newest window at or before this UTC time");
  sub->add_flag("--theoretical", r.theoretical, "also the theoretical debit");
}

void declare(CLI::App& top, request& r, handler& chosen) {
  top.require_subcommand(1);
  top.fallthrough();
  top.add_option("--grpc", r.to.address, "host:port of the suite")->envname("ISOBAR_GRPC")->capture_default_str();
  top.add_flag("--cluster", r.to.cluster, "one port per service, as ./dev cluster starts them");
  top.add_option("--tls-ca", r.to.ca_file, "CA certificate file of the suite; turns TLS on");
  top.add_option("--tls-cert", r.to.cert_file, "own certificate file, where the suite asks for one");
  top.add_option("--tls-key", r.to.key_file, "its key file");
  top.add_option("--token-file", r.to.token_file, "file that holds the token, where the suite asks for one");
  top.add_option("--format", r.format, "table or json")->check(CLI::IsMember({"table", "json"}))->capture_default_str();

  auto* s = add(top, r, chosen, "surface", "the strategy surface as of a window", surface);
  s->add_option("--as-of", r.as_of, "newest window at or before this UTC time");
  s->add_option("--expiry", r.expiry, "one plane, e.g. SPXW-20251219");
  s->add_option("--strategy", r.strategy, "single, vertical or butterfly")
      ->check(CLI::IsMember({"single", "vertical", "butterfly"}));
  s->add_option("--right", r.right, "call or put (tables)")->check(CLI::IsMember({"call", "put"}));
  s->add_option("--strike-from", r.strike_from, "lowest strike, points");
  s->add_option("--strike-to", r.strike_to, "highest strike, points");
  s->add_option("--show", r.show, "debit, r2r, change or theoretical")
      ->check(CLI::IsMember({"debit", "r2r", "change", "theoretical"}))
      ->capture_default_str();
  s->add_option("--epoch", r.epoch_id, "fail unless the surface is of this epoch");
  s->add_flag("--columns", r.columns, "the packed columns as JSON instead of tiles");
  s->add_flag("--theoretical", r.theoretical, "also the theoretical debit");

  auto* t = add(top, r, chosen, "stream", "base, then deltas, until stopped", stream);
  t->add_option("--expiry", r.expiry, "one plane");
  t->add_option("--from-revision", r.from_revision, "last revision held");
  t->add_option("--count", r.count, "stop after this many messages");
  t->add_option("--heartbeat-ms", r.heartbeat_ms, "a message at least this often");

  add_tile_words(add(top, r, chosen, "tile", "one tile with its order text", tile), r);
  add_tile_words(add(top, r, chosen, "explain", "one tile's contracts, quotes, formula and assumptions", explain), r);
  add(top, r, chosen, "epoch", "one epoch and its planes", epoch_one)
      ->add_option("--id", r.epoch_id, "0: the active one");
  add(top, r, chosen, "epochs", "epochs, newest first, and why each began", epoch_list)
      ->add_option("--count", r.count, "at most this many");
  add(top, r, chosen, "chain", "the latest complete chain (JSON)", chain)
      ->add_option("--expiry", r.expiry, "one plane");
  add(top, r, chosen, "source", "how the chain source is doing (JSON)", source_status);
  auto* w = add(top, r, chosen, "rows", "contract rows as of a window (JSON)", rows);
  w->add_option("--as-of", r.as_of, "newest window at or before this UTC time");
  w->add_option("--expiry", r.expiry, "one plane");
  add(top, r, chosen, "feed", "how the quote feed is doing (JSON)", feed_status);
  add(top, r, chosen, "input", "last input sent to a model (JSON)", model_input)
      ->add_option("--model", r.model, "heatmap, gex, volume_profile or flow")
      ->check(CLI::IsMember({"heatmap", "gex", "volume_profile", "flow"}));
}

}  // namespace

int query(int argc, char** argv) {
  CLI::App top{"Asks a running suite over gRPC", "isobar query"};
  request r;
  handler chosen;
  declare(top, r, chosen);
  declare_futures_queries(top, r.to, r.format, chosen);
  declare_gamma_queries(top, r.to, r.format, chosen);
  declare_health_query(top, r.to, chosen);
  try {
    top.parse(argc, argv);
    if (const std::string wrong = read_secrets(r.to); !wrong.empty()) {
      std::cerr << "isobar query: " << wrong << "\n";
      return 2;
    }
    return chosen();
  } catch (const CLI::ParseError& e) {
    const int code = top.exit(e);
    return code == 0 ? 0 : 2;
  }
}

}  // namespace isobar::cli
