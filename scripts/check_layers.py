#!/usr/bin/python3
"""Proves the dependency rules of docs/architecture.md from the sources.

usage: check_layers.py [ROOT]

  * libraries: core < market < wire < bus, config, telemetry, actors < sim < service < services < apps. A library may use
    what stands before it in the order of libs/CMakeLists.txt, in includes and in CMake's DEPS;
  * testing and *_fixture.hpp are used by tests and benchmarks only;
  * services never include each other; apps may include services;
  * core, market and every domain/ use no framework and no clock, randomness or environment; domain/ includes core,
    market and itself only, and throws nothing;
  * a main.cpp has at most 20 lines.
"""
import pathlib
import re
import sys

ORDER = ["core", "market", "wire", "bus", "config", "telemetry", "actors", "sim", "service"]
FRAMEWORKS = ("caf/", "nats/", "nats.h", "grpc/", "grpcpp/", "grpc++/", "google/protobuf/", "spdlog/", "fmt/",
              "prometheus/", "boost/", "simdjson", "zip.h", "CLI/", "nlohmann/", "yaml-cpp/", "openssl/")
IMPURE_HEADERS = ("random", "thread", "mutex", "condition_variable", "future", "filesystem", "fstream", "iostream",
                  "ctime", "time.h", "sys/time.h", "unistd.h", "stdlib.h")
IMPURE_CODE = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock|clock_gettime|gettimeofday|random_device|"
    r"(?:std::)?(?:s?rand|getenv|secure_getenv|localtime|gmtime)\s*\(|std::time\s*\()")
EXCEPTIONS = re.compile(r"\b(throw|try|catch)\b\s*[\w({;:]")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
MAIN_LINES_MAX = 20
SUFFIXES = (".cpp", ".hpp", ".h", ".cc")


def without_comments(line):
    """The line without // comments and without the contents of string literals (good enough for this style)."""
    return re.sub(r"//.*", "", re.sub(r'"(\\.|[^"\\])*"', '""', line))


TEST_STEMS = ("_test", "_bench", "_fixture")


def is_test(path):
    """Tests, benchmarks, fuzzers and the fixtures they share (foo_fixture.hpp)."""
    return path.stem.endswith(TEST_STEMS) or "bench" in path.parts or "fuzz" in path.parts or path.parts[0] == "tests"


class Checker:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.services = self.folders("services")
        self.libraries = self.folders("libs")
        self.errors = []

    def folders(self, parent):
        top = self.root / parent
        return sorted(p.name for p in top.iterdir() if p.is_dir()) if top.is_dir() else []

    def refuse(self, path, line, why):
        self.errors.append(f"{path}:{line}: {why}")

    def sources(self):
        for parent in ("libs", "services", "apps", "tests"):
            for path in sorted((self.root / parent).rglob("*")):
                if path.suffix in SUFFIXES and path.is_file():
                    yield path.relative_to(self.root)

    def run(self):
        for library in self.libraries:
            if library not in ORDER + ["testing"]:
                self.refuse(f"libs/{library}", 0, "a library without a place in the order (scripts/check_layers.py)")
        self.check_cmake_order()
        for path in self.sources():
            self.check_file(path)
        for path in sorted(self.root.glob("libs/*/CMakeLists.txt")):
            self.check_cmake_deps(path.relative_to(self.root))
        return self.errors

    def check_cmake_order(self):
        """libs/CMakeLists.txt lists the libraries in the same order."""
        path = self.root / "libs/CMakeLists.txt"
        match = re.search(r"foreach\(library ([^)]*)\)", path.read_text()) if path.exists() else None
        if match and match.group(1).split() != ORDER + ["testing"]:
            self.refuse("libs/CMakeLists.txt", 0, f"the order is not {' '.join(ORDER)} testing")

    def check_cmake_deps(self, path):
        """DEPS and target_link_libraries of a library name lower libraries only; TEST_DEPS are free."""
        library = path.parts[1]
        production = True
        for number, line in enumerate((self.root / path).read_text().splitlines(), 1):
            line = line.split("#")[0]
            for word in re.findall(r"isobar::\w+|\b[A-Z_]+\b|\bisobar_add_test\w*", line):
                if word in ("TEST_DEPS", "TESTS", "BENCHES"):
                    production = False
                elif word in ("NAME", "SOURCES", "DEPS", "PRIVATE", "PUBLIC", "INTERFACE"):
                    production = True
                elif word.startswith("isobar::") and production:
                    self.check_library_use(path, number, library, word.removeprefix("isobar::"))

    def check_library_use(self, path, number, user, used):
        if used == "testing" and user != "testing":
            return self.refuse(path, number, "testing is for tests only")
        if user not in ORDER or used not in ORDER or user == used:
            return None
        if ORDER.index(used) > ORDER.index(user):
            return self.refuse(path, number, f"library {user} uses {used}, which stands above it")
        return None

    def check_file(self, path):
        text = (self.root / path).read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines()
        if path.name == "main.cpp" and len(lines) > MAIN_LINES_MAX:
            self.refuse(path, len(lines), f"{len(lines)} lines in a main; at most {MAIN_LINES_MAX}")
        in_domain = path.parts[0] == "services" and "domain" in path.parts
        pure = not is_test(path) and (in_domain or path.parts[:2] in (("libs", "core"), ("libs", "market")))
        for number, line in enumerate(lines, 1):
            include = INCLUDE.match(line)
            if include:
                self.check_include(path, number, include.group(2), pure, in_domain)
            elif pure and (found := IMPURE_CODE.search(without_comments(line))):
                self.refuse(path, number, f"{found.group(1).strip('( ')}: time, chance and environment come in as arguments")
            elif pure and in_domain and (found := EXCEPTIONS.search(without_comments(line))):
                self.refuse(path, number, f"{found.group(1)}: errors are values in domain/")

    def check_include(self, path, number, header, pure, in_domain):
        top = header.split("/")[0]
        if pathlib.PurePath(header).stem.endswith(TEST_STEMS) and not is_test(path):
            self.refuse(path, number, f"{header} is for tests only")
        if pure:
            if header.startswith(FRAMEWORKS) or header.endswith((".pb.h",)):
                self.refuse(path, number, f"{header}: no framework here")
            if header in IMPURE_HEADERS:
                self.refuse(path, number, f"{header}: a pure core has no input, output, threads or chance")
        if path.parts[0] == "libs" and "/" in header:
            if top in self.services:
                self.refuse(path, number, f"library {path.parts[1]} includes the service {top}")
            if top in self.libraries and not is_test(path):
                self.check_library_use(path, number, path.parts[1], top)
        if path.parts[0] == "services":
            self.check_service_include(path, number, header, in_domain)
        if path.parts[0] == "apps" and top == "testing" and not is_test(path):
            self.refuse(path, number, "testing is for tests only")

    def check_service_include(self, path, number, header, in_domain):
        service, top = path.parts[1], header.split("/")[0]
        if top in self.services and top != service:
            self.refuse(path, number, f"service {service} includes service {top}")
        if is_test(path):
            return
        if top == "testing":
            self.refuse(path, number, "testing is for tests only")
        if in_domain and top in self.libraries and top not in ("core", "market"):
            self.refuse(path, number, f"domain/ includes {header}; it may include core, market and itself")
        if in_domain and top == service and not header.startswith(f"{service}/domain/"):
            self.refuse(path, number, f"domain/ includes {header}, which is outside of it")


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    checker = Checker(root)
    files = sum(1 for _ in checker.sources())
    errors = checker.run()
    for error in errors:
        print(error)
    if errors:
        sys.exit(f"{len(errors)} broken dependency rules")
    print(f"{files} files keep the dependency rules")


if __name__ == "__main__":
    main()
