#include "bus/bus.hpp"

namespace isobar::bus {

std::string_view to_string(errc code) {
  switch (code) {
    case errc::invalid_subject:
      return "invalid_subject";
    case errc::too_large:
      return "too_large";
    case errc::disconnected:
      return "disconnected";
    case errc::timeout:
      return "timeout";
    case errc::no_responders:
      return "no_responders";
    case errc::not_found:
      return "not_found";
    case errc::wrong_revision:
      return "wrong_revision";
    case errc::closed:
      return "closed";
    case errc::library:
      return "library";
  }
  return "unknown";
}

}  // namespace isobar::bus
