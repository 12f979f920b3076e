#include "isobar/query_gamma.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "core/decimal.hpp"
#include "isobar/gex/v1/gex_service.grpc.pb.h"
#include "isobar/gex_picture.hpp"
#include "isobar/level/v1/level_service.grpc.pb.h"
#include "isobar/query_text.hpp"

namespace isobar::cli {
namespace {

namespace gv = gex::v1;
namespace lv = level::v1;

/// The words of these questions; lives as long as the parser.
struct words {
  std::string symbol, as_of, model, expiry, level, id, price;
  std::uint32_t limit = 0, count = 0, heartbeat_ms = 0;
  std::string colour = "auto";
};

struct question {
  const endpoint* to;
  const std::string* format;
  words w;
  bool json() const { return *format == "json"; }
  gv::SignModel model() const { return w.model.empty() ? gv::SIGN_MODEL_UNSPECIFIED : sign_model_of(w.model); }
  landscape_options picture() const {
    landscape_options o;
    if (!w.model.empty()) o.model = model();
    o.colour = w.colour == "always" || (w.colour == "auto" && ::isatty(STDOUT_FILENO) == 1);
    return o;
  }
};

/// Asks gamma-fuel once; prints the answer as JSON or as `text` says.
template <class Service, class Ask, class Answer, class Call, class Text>
int show(const question& q, const Ask& asked, Answer& answer, Call call, Text text) {
  if (const int bad = ask<Service>(*q.to, cluster_port::gamma_fuel, asked, answer, call)) return bad;
  if (q.json())
    print_json(answer);
  else
    std::cout << text(answer);
  return 0;
}

/// Reads a stream until it ends or enough has come.
template <class Reader, class Update, class Show>
int follow(const question& q, grpc::ClientContext& context, Reader& reader, Update& update, Show draw) {
  for (std::uint32_t seen = 0; (q.w.count == 0 || seen < q.w.count) && reader.Read(&update); ++seen) {
    if (q.json())
      print_json(update, true);
    else
      draw(update);
  }
  if (q.w.count > 0) context.TryCancel();
  const auto status = reader.Finish();
  return status.error_code() == grpc::StatusCode::CANCELLED && q.w.count > 0 ? 0 : report(status, *q.to);
}

int landscape(const question& q) {
  gv::GetGexRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_as_of_ns(parse_as_of(q.w.as_of));
  asked.set_model(q.model());
  asked.set_expiry(q.w.expiry);
  gv::GetGexResponse answer;
  return show<gv::GexService>(q, asked, answer, &gv::GexService::Stub::GetGex,
                              [&](const auto& a) { return gex_picture(a.profile(), q.picture()); });
}

int landscape_stream(const question& q) {
  const auto stub = gv::GexService::NewStub(connect(*q.to, cluster_port::gamma_fuel));
  gv::StreamGexRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_model(q.model());
  asked.set_heartbeat_ms(q.w.heartbeat_ms);
  grpc::ClientContext context;
  identify(context, *q.to);
  const auto reader = stub->StreamGex(&context, asked);
  const bool screen = ::isatty(STDOUT_FILENO) == 1;
  gv::StreamGexResponse update;
  return follow(q, context, *reader, update, [&](const gv::StreamGexResponse& u) {
    if (!u.has_profile()) return;
    if (screen)
      std::cout << "\x1b[H\x1b[2J" << gex_picture(u.profile(), q.picture()) << std::flush;
    else
      std::cout << "revision " << u.profile().revision() << ' ' << u.profile().contracts_priced() << " contracts priced"
                << (u.conflated() ? " (conflated)" : "") << std::endl;
  });
}

int signals(const question& q) {
  lv::GetLevelsRequest asked;
  asked.set_symbol(q.w.symbol);
  lv::GetLevelsResponse answer;
  return show<lv::LevelService>(q, asked, answer, &lv::LevelService::Stub::GetLevels,
                                [](const auto& a) { return signal_table(a.signals()); });
}

int universe(const question& q) {
  lv::GetLevelsRequest asked;
  asked.set_symbol(q.w.symbol);
  lv::GetLevelsResponse answer;
  return show<lv::LevelService>(q, asked, answer, &lv::LevelService::Stub::GetLevels,
                                [](const auto& a) { return level_table(a.levels()); });
}

int signal_stream(const question& q) {
  const auto stub = lv::LevelService::NewStub(connect(*q.to, cluster_port::gamma_fuel));
  lv::StreamSignalsRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_heartbeat_ms(q.w.heartbeat_ms);
  grpc::ClientContext context;
  identify(context, *q.to);
  const auto reader = stub->StreamSignals(&context, asked);
  const bool screen = ::isatty(STDOUT_FILENO) == 1;
  lv::StreamSignalsResponse update;
  return follow(q, context, *reader, update, [&](const lv::StreamSignalsResponse& u) {
    if (u.has_signals()) std::cout << (screen ? "\x1b[H\x1b[2J" : "") << signal_table(u.signals());
    for (const auto& a : u.alerts()) std::cout << alert_line(a);
    std::cout << std::flush;
  });
}

int explain(const question& q) {
  lv::ExplainRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_level_id(q.w.level);
  lv::ExplainResponse answer;
  return show<lv::LevelService>(q, asked, answer, &lv::LevelService::Stub::Explain, [&](const auto& a) {
    return explanation(a, q.w.limit == 0 ? 20 : static_cast<int>(std::min(q.w.limit, 1'000u)));
  });
}

int alerts(const question& q) {
  lv::GetAlertsRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_limit(q.w.limit);
  lv::GetAlertsResponse answer;
  return show<lv::LevelService>(q, asked, answer, &lv::LevelService::Stub::GetAlerts, [](const auto& a) {
    std::string out;
    for (const auto& one : a.alerts()) out += alert_line(one);
    return out.empty() ? std::string("no alerts\n") : out;
  });
}

int add_level(const question& q) {
  const auto nanos = parse_nanos(q.w.price);
  if (!nanos) throw CLI::ValidationError("price", q.w.price + " is no price");
  lv::AddUserLevelRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_id(q.w.id);
  asked.set_price_nanos(*nanos);
  lv::AddUserLevelResponse answer;
  return show<lv::LevelService>(q, asked, answer, &lv::LevelService::Stub::AddUserLevel, [](const auto& a) {
    return a.level().id() + " at " + format_nanos(a.level().price_nanos(), 2) + '\n';
  });
}

int remove_level(const question& q) {
  lv::RemoveUserLevelRequest asked;
  asked.set_symbol(q.w.symbol);
  asked.set_id(q.w.id);
  lv::RemoveUserLevelResponse answer;
  return show<lv::LevelService>(q, asked, answer, &lv::LevelService::Stub::RemoveUserLevel,
                                [&](const auto&) { return q.w.id + " removed\n"; });
}

}  // namespace

void declare_gamma_queries(CLI::App& top, const endpoint& to, const std::string& format, std::function<int()>& chosen) {
  const auto q = std::make_shared<question>(question{&to, &format, {}});
  const auto add = [&, q](const char* name, const char* help, int (*run)(const question&)) {
    CLI::App* sub = top.add_subcommand(name, help);
    sub->add_option("symbol", q->w.symbol, "registry symbol or product, e.g. SPX, ESH4 or ES")->required();
    sub->callback([&chosen, q, run] { chosen = [q, run] { return run(*q); }; });
    return sub;
  };
  const auto add_picture = [q](CLI::App* sub) {
    sub->add_option("--model", q->w.model, "sign model; without it all are asked for and calls-positive is drawn")
        ->check(CLI::IsMember({"calls-positive", "puts-positive", "all-short", "flow"}));
    sub->add_option("--colour,--color", q->w.colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
  };
  const auto add_stream = [q](CLI::App* sub) {
    sub->add_option("--count", q->w.count, "stop after this many messages");
    sub->add_option("--heartbeat-ms", q->w.heartbeat_ms, "a message at least this often");
  };
  auto* g = add("gex", "dealer gamma by strike, walls and flip, under every sign model", landscape);
  add_picture(g);
  g->add_option("--as-of", q->w.as_of, "newest window at or before this UTC time");
  g->add_option("--expiry", q->w.expiry, "only this expiry, e.g. SPXW-20251219");
  auto* gs = add("gex-stream", "the same, drawn again with each window, until stopped", landscape_stream);
  add_picture(gs);
  add_stream(gs);
  add("signals", "break or bounce at every level near the market", signals);
  add_stream(add("signals-stream", "the same, with each change and alert, until stopped", signal_stream));
  add("universe", "every level in force, and where it comes from", universe);
  auto* e = add("explain-level", "why a level says what it says: terms of the score and strikes behind it", explain);
  e->add_option("level", q->w.level, "id of the level, e.g. CALL_WALL")->required();
  e->add_option("--limit", q->w.limit, "strikes to show (tables); 0: 20");
  add("alerts", "alerts, newest first", alerts)->add_option("--limit", q->w.limit, "at most this many; 0: 100");
  auto* a = add("add-level", "adds a level of your own", add_level);
  a->add_option("price", q->w.price, "points")->required();
  a->add_option("--id", q->w.id, "its name; without it USER_<price>");
  add("remove-level", "removes a level of your own", remove_level)->add_option("id", q->w.id, "its name")->required();
}

}  // namespace isobar::cli
