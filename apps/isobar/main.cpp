#include <cstdio>
#include <string_view>

#include "isobar/commands.hpp"

int main(int argc, char** argv) {
  using namespace isobar::cli;
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "up") return up(argc - 1, argv + 1);
  if (command == "replay") return replay(argc - 1, argv + 1);
  if (command == "simulate") return simulate(argc - 1, argv + 1);
  if (command == "query") return query(argc - 1, argv + 1);
  if (command == "digest") return digest(argc - 1, argv + 1);
  if (command == "symbols") return symbols(argc - 1, argv + 1);
  if (command == "calibrate") return calibrate(argc - 1, argv + 1);
  const bool help = command == "--help" || command == "help" || command.empty();
  std::fprintf(help ? stdout : stderr, "%s", help ? "" : "isobar: unknown command\n");
  std::fputs("usage: isobar up|replay|simulate|query|digest|symbols|calibrate [--help] ...\n", help ? stdout : stderr);
  return help ? 0 : 2;
}
