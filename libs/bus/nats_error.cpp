#include "bus/nats_error.hpp"

namespace isobar::bus {
namespace {

/// Refusals of the key-value store have no status of their own in this version, only words.
errc from_words(std::string_view words) {
  if (words.contains("wrong last sequence")) return errc::wrong_revision;
  if (words.contains("maximum bytes exceeded") || words.contains("exceeds maximum")) return errc::too_large;
  return errc::library;
}

errc from_status(natsStatus status, std::string_view words) {
  switch (status) {
    case NATS_TIMEOUT:
      return errc::timeout;
    case NATS_NO_RESPONDERS:
      return errc::no_responders;
    case NATS_NOT_FOUND:
      return errc::not_found;
    case NATS_MAX_PAYLOAD:
      return errc::too_large;
    case NATS_INVALID_SUBJECT:
      return errc::invalid_subject;
    case NATS_CONNECTION_CLOSED:
    case NATS_DRAINING:
      return errc::closed;
    case NATS_CONNECTION_DISCONNECTED:
    case NATS_NOT_YET_CONNECTED:
    case NATS_NO_SERVER:
    case NATS_INSUFFICIENT_BUFFER:
    case NATS_STALE_CONNECTION:
    case NATS_IO_ERROR:
      return errc::disconnected;
    default:
      return from_words(words);
  }
}

}  // namespace

failure<errc> nats_failure(natsStatus status, std::string what) {
  natsStatus last = NATS_OK;
  const char* text = nats_GetLastError(&last);
  const std::string words = text && last == status ? text : natsStatus_GetText(status);
  return {from_status(status, words), std::move(what) + ": " + words};
}

}  // namespace isobar::bus
