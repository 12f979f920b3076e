#include "core/rendezvous.hpp"

#include <string>

namespace isobar {

std::uint64_t rendezvous_weight(std::string_view key, std::string_view member) {
  std::string both;
  both.reserve(key.size() + 1 + member.size());
  both.append(key).append(1, '\0').append(member);
  return hash64(both);
}

}  // namespace isobar
