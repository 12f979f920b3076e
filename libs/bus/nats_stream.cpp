#include "bus/nats_stream.hpp"

#include "bus/nats_error.hpp"

namespace isobar::bus {
namespace {

constexpr std::int64_t answer_limit_ms = 1000;

result<void> ready(const nats_core& core, const std::string& name) {
  if (core.closed()) return fail(errc::closed, "stream " + name);
  if (!core.connected()) return fail(errc::disconnected, "stream " + name);
  return {};
}

class nats_stream : public stream {
 public:
  nats_stream(std::shared_ptr<nats_core> core, std::string name) : core_(std::move(core)), name_(std::move(name)) {}

  result<stored_message> next(std::string_view subject, std::uint64_t place) override {
    const std::string wanted(subject);
    jsDirectGetMsgOptions options;
    jsDirectGetMsgOptions_Init(&options);
    options.Sequence = std::max<std::uint64_t>(place, 1);
    options.NextBySubject = wanted.c_str();
    return get(wanted, options);
  }
  result<stored_message> last(std::string_view subject) override {
    const std::string wanted(subject);
    jsDirectGetMsgOptions options;
    jsDirectGetMsgOptions_Init(&options);
    options.LastBySubject = wanted.c_str();
    return get(wanted, options);
  }
  result<stream_state> state() override {
    if (auto ok = ready(*core_, name_); !ok) return std::unexpected(ok.error());
    return nats_stream_state(*core_, name_);
  }

 private:
  result<stored_message> get(const std::string& subject, jsDirectGetMsgOptions& options) {
    if (!valid_subject(subject)) return fail(errc::invalid_subject, "subject '" + subject + "'");
    if (auto ok = ready(*core_, name_); !ok) return std::unexpected(ok.error());
    jsOptions limits;
    jsOptions_Init(&limits);
    limits.Wait = answer_limit_ms;
    natsMsg* raw = nullptr;
    const natsStatus s = js_DirectGetMsg(&raw, core_->jet_stream(), name_.c_str(), &limits, &options);
    if (s != NATS_OK) return std::unexpected(nats_failure(s, "stream " + name_ + ": " + subject));
    stored_message out{natsMsg_GetSequence(raw), to_message(raw)};
    natsMsg_Destroy(raw);
    return out;
  }

  const std::shared_ptr<nats_core> core_;
  const std::string name_;
};

}  // namespace

result<stream_state> nats_stream_state(nats_core& core, const std::string& name) {
  jsStreamInfo* info = nullptr;
  const natsStatus s = js_GetStreamInfo(&info, core.jet_stream(), name.c_str(), nullptr, nullptr);
  if (s != NATS_OK) return std::unexpected(nats_failure(s, "stream " + name));
  const jsStreamState& at = info->State;
  const stream_state out{.messages = at.Msgs,
                         .bytes = at.Bytes,
                         .first = at.FirstSeq,
                         .last = at.LastSeq,
                         .created = info->Created,
                         .lost = at.Lost ? at.Lost->Bytes : 0};
  jsStreamInfo_Destroy(info);
  return out;
}

result<void> keep_nats_stream(nats_core& core, std::string_view stream_name, const stream_options& options) {
  const std::string name(stream_name);
  if (!valid_bucket(name)) return fail(errc::invalid_subject, "stream '" + name + "'");
  std::vector<const char*> patterns;
  for (const std::string& p : options.patterns) {
    if (!valid_pattern(p)) return fail(errc::invalid_subject, "pattern '" + p + "'");
    patterns.push_back(p.c_str());
  }
  if (auto ok = ready(core, name); !ok) return ok;
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  config.Name = name.c_str();
  config.Subjects = patterns.data();
  config.SubjectsLen = static_cast<int>(patterns.size());
  config.Retention = js_LimitsPolicy;
  config.Discard = js_DiscardOld;
  config.Storage = js_FileStorage;
  config.MaxAge = std::chrono::nanoseconds(options.age_max).count();
  config.MaxBytes = options.bytes_max;
  config.NoAck = true;  // publishers do not wait, so the server need not answer
  config.AllowDirect = true;
  natsStatus s = js_UpdateStream(nullptr, core.jet_stream(), &config, nullptr, nullptr);
  if (s == NATS_NOT_FOUND) s = js_AddStream(nullptr, core.jet_stream(), &config, nullptr, nullptr);
  // Somebody else may have made it in between: then it is there to be changed.
  if (s != NATS_OK) s = js_UpdateStream(nullptr, core.jet_stream(), &config, nullptr, nullptr);
  if (s != NATS_OK) return std::unexpected(nats_failure(s, "stream " + name));
  return {};
}

result<std::shared_ptr<stream>> open_nats_stream(std::shared_ptr<nats_core> core, std::string_view name) {
  if (!valid_bucket(name)) return fail(errc::invalid_subject, "stream '" + std::string(name) + "'");
  return std::make_shared<nats_stream>(std::move(core), std::string(name));
}

}  // namespace isobar::bus
