#pragma once
#include <cstddef>
#include <string_view>

namespace isobar::wire::dbn {

/// What the fuzzer and its regression test do with one input: the first byte says in what pieces the rest arrives;
/// every record is upgraded, mapped, converted and written again. Ends the process when something that must hold does
/// not.
void fuzz_reader(std::string_view input);

}  // namespace isobar::wire::dbn
