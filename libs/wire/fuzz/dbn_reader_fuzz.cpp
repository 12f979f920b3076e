// libFuzzer's entry; run it with ./dev fuzz.
#include <cstdint>

#include "wire/fuzz/dbn_reader_entry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  isobar::wire::dbn::fuzz_reader({reinterpret_cast<const char*>(data), size});
  return 0;
}
