#pragma once
#include <string>
#include <string_view>

#include "bus/bus.hpp"

namespace isobar::bus {

/// The public user key ("U...", 56 characters) of an NKEY user seed ("SU...", 58 characters): Ed25519, base32 with a
/// CRC-16 (NATS documentation, "NKeys"). The library wants both, operators hold the seed only. Errors never quote it.
result<std::string> nkey_public_user(std::string_view seed);

}  // namespace isobar::bus
