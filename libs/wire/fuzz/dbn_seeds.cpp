// Writes the fuzzer's seed corpus into a folder: small files of our own writer, of every version, packing and kind.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "wire/dbn/dbn_fixture.hpp"

namespace isobar::wire::dbn {
namespace {

/// One seed: how it arrives (see fuzz_reader), then the file.
void put(const std::filesystem::path& folder, const std::string& name, char how, const std::string& file) {
  std::ofstream(folder / name, std::ios::binary) << how << file;
}

void make_seeds(const std::filesystem::path& folder) {
  for (std::uint8_t version = 1; version <= newest_version; ++version) {
    const auto all = fixture::samples(version);
    const auto v = "v" + std::to_string(version);
    for (const bool zstd : {false, true}) {
      const std::string end = zstd ? ".zst" : "";
      put(folder, v + ".all" + end, 0, fixture::file_of(fixture::header(version), all, zstd));
      put(folder, v + ".all.pieces" + end, 20, fixture::file_of(fixture::header(version), all, zstd));
      put(folder, v + ".fragment" + end, 2, fixture::file_of(std::nullopt, all, zstd, version));
      for (const auto& r : all)
        put(folder, v + "." + std::string(name_of(record(r.data()).type())) + end, 0,
            fixture::file_of(fixture::header(version), {r, r}, zstd));
    }
    // Files with sending times, by the same bytes with eight more each.
    auto longer = all;
    for (auto& r : longer) {
      r.append(ts_out_bytes, '\1');
      r[0] = static_cast<char>(r.size() / 4);
    }
    put(folder, v + ".ts-out", 0, fixture::file_of(fixture::header(version, true), longer, false));
  }
}

}  // namespace
}  // namespace isobar::wire::dbn

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: dbn_seeds FOLDER\n");
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  isobar::wire::dbn::make_seeds(argv[1]);
}
