#include "service/test/echo_app.hpp"

#include <grpcpp/grpcpp.h>

#include <thread>

#include "actors/actors.hpp"
#include "bus/bus.hpp"
#include "config/config.hpp"
#include "isobar/color/v1/color_service.grpc.pb.h"
#include "isobar/epoch/v1/epoch_service.grpc.pb.h"
#include "service/intake.hpp"

namespace isobar::service::test {

namespace {

struct question {
  const epoch::v1::GetEpochRequest* request;
  epoch::v1::GetEpochResponse* answer;
  grpc::ServerUnaryReactor* reactor;
};

struct echo_worker {
  using messages = actors::message_list<question, intake_ready>;
  void on(actors::context&, const question& q) {
    q.answer->mutable_epoch()->set_symbol(q.request->symbol());
    q.reactor->Finish(grpc::Status::OK);
  }
  void on(actors::context& self, const intake_ready& m) {
    const bool more = m.source->drain([this](const bus::message& in) { (void)out->publish("echo.out", *in.payload); });
    if (more)
      self.self().send(m);
    else
      (void)out->flush();
  }
  bus::bus* out;
};

class echo_service final : public epoch::v1::EpochService::CallbackService {
 public:
  explicit echo_service(actors::ref to) : to_(std::move(to)) {}
  grpc::ServerUnaryReactor* GetEpoch(grpc::CallbackServerContext* context, const epoch::v1::GetEpochRequest* request,
                                     epoch::v1::GetEpochResponse* answer) override {
    auto* reactor = context->DefaultReactor();
    to_.send(question{request, answer, reactor});
    return reactor;
  }

 private:
  actors::ref to_;
};

class echo_app final : public app {
 public:
  echo_app(std::string name, std::shared_ptr<echo_faults> faults)
      : name_(std::move(name)), faults_(std::move(faults)) {}
  std::string_view name() const override { return name_; }
  void declare(config::schema& s) override {
    s.option(name_ + ".stuck-drain", faults_->stuck_drain, "Drain never ends: for tests of the watchdog");
  }
  result<void> validate(const host_options&) override {
    if (!faults_->validate_error.empty()) return fail(errc::configuration, faults_->validate_error);
    return {};
  }
  result<void> start(host& h) override {
    worker_ = h.actors().spawn(name_, echo_worker{&h.bus()});
    auto in = intake::open(h.bus(), "echo.in", {}, worker_);
    if (!in) return fail(errc::bus, in.error().evidence);
    in_ = std::move(*in);
    if (faults_->silent)
      service_ = std::make_unique<color::v1::ColorService::CallbackService>();
    else
      service_ = std::make_unique<echo_service>(worker_);
    h.add_grpc(*service_, name_);
    if (faults_->ready)
      h.add_readiness(name_, [f = faults_] { return std::string(f->ready->load() ? "" : "waits for its test"); });
    return {};
  }
  void drain() override {
    in_->close();
    while (faults_->stuck_drain) std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  void stop() override {
    static std::atomic<int> order{0};
    if (faults_->stopped) *faults_->stopped = ++order;
  }

 private:
  std::string name_;
  std::shared_ptr<echo_faults> faults_;
  actors::ref worker_;
  std::shared_ptr<intake> in_;
  std::unique_ptr<grpc::Service> service_;
};

}  // namespace

std::unique_ptr<app> make_echo_app(std::string name, std::shared_ptr<echo_faults> faults) {
  return std::make_unique<echo_app>(std::move(name), faults ? std::move(faults) : std::make_shared<echo_faults>());
}

}  // namespace isobar::service::test
