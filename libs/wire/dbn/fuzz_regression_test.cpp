// The fuzzer's entry on a few hundred fixed mutations, in every test run.
#include <gtest/gtest.h>

#include "wire/dbn/dbn_fixture.hpp"
#include "wire/fuzz/dbn_reader_entry.hpp"

namespace isobar::wire::dbn {
namespace {

/// splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// Overwrites, removes or repeats a stretch.
std::string mutated(std::string bytes, std::uint64_t& random) {
  for (auto times = 1 + next_random(random) % 4; times > 0 && bytes.size() > 1; --times) {
    const auto at = next_random(random) % bytes.size();
    const auto length = std::min<std::size_t>(1 + next_random(random) % 16, bytes.size() - at);
    switch (next_random(random) % 3) {
      case 0:
        for (std::size_t i = 0; i < length; ++i) bytes[at + i] = static_cast<char>(next_random(random));
        break;
      case 1:
        bytes.erase(at, length);
        break;
      default:
        bytes.insert(at, bytes.substr(at, length));
    }
  }
  return bytes;
}

TEST(DbnFuzzRegression, MutationsOfOurOwnFilesHoldWhatMustHold) {
  std::uint64_t random = 1;
  for (std::uint8_t version = 1; version <= newest_version; ++version)
    for (const bool zstd : {false, true}) {
      const auto whole = fixture::file_of(fixture::header(version), fixture::samples(version), zstd);
      const auto fragment = fixture::file_of(std::nullopt, fixture::samples(version), zstd, version);
      for (int i = 0; i < 60; ++i)
        for (const auto& file : {whole, fragment})
          fuzz_reader(static_cast<char>(next_random(random)) + mutated(file, random));
    }
}

}  // namespace
}  // namespace isobar::wire::dbn
