#!/usr/bin/python3
"""Tests of check_layers.py: a good tree passes, and each rule refuses the tree that breaks it."""
import pathlib
import tempfile
import unittest

from check_layers import Checker

GOOD = {
    "libs/CMakeLists.txt": "foreach(library core market wire bus config telemetry actors sim service testing)\n",
    "libs/core/types.hpp": "#include <cstdint>\n",
    "libs/market/option.cpp": '#include "core/types.hpp"\n#include "market/option.hpp"\n',
    "libs/wire/codec.cpp": '#include "isobar/chain/v1/chain.pb.h"\n#include "market/option.hpp"\n',
    "libs/wire/codec_test.cpp": '#include "testing/testdata.hpp"\n',
    "libs/wire/CMakeLists.txt": "isobar_add_library(NAME wire DEPS isobar::market TEST_DEPS isobar::testing)\n",
    "libs/service/host.cpp": '#include "bus/bus.hpp"\n#include "actors/actors.hpp"\n',
    "libs/testing/testdata.hpp": '#include "core/types.hpp"\n',
    "libs/bus/bus.hpp": "",
    "libs/bus/bus_fixture.hpp": '#include "testing/testdata.hpp"\n',
    "libs/bus/bus_test.cpp": '#include "bus/bus_fixture.hpp"\n',
    "libs/actors/actors.hpp": "#include <caf/all.hpp>\n",
    "services/alpha/main.cpp": '#include "alpha/app.hpp"\n',
    "services/alpha/domain/tile.cpp": '#include "alpha/domain/tile.hpp"\n#include "core/types.hpp"\n// getenv(x), throw\n',
    "services/alpha/domain/tile_test.cpp": '#include <random>\n#include "testing/testdata.hpp"\n',
    "services/alpha/app.cpp": '#include "service/host.hpp"\n#include <chrono>\nauto t = std::chrono::system_clock::now();\n',
    "services/beta/app.cpp": '#include "beta/app.hpp"\n',
    "apps/isobar/main.cpp": '#include "alpha/app.hpp"\n#include "beta/app.hpp"\n',
}


def errors_of(changes):
    with tempfile.TemporaryDirectory() as root:
        for name, text in {**GOOD, **changes}.items():
            path = pathlib.Path(root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Checker(root).run()


class Layers(unittest.TestCase):
    def test_a_good_tree_passes(self):
        self.assertEqual(errors_of({}), [])

    def test_each_rule_refuses_what_breaks_it(self):
        domain = "services/alpha/domain/bad.cpp"
        for path, text, expected in [
                ("libs/core/bad.hpp", '#include "market/option.hpp"\n', "core uses market"),
                ("libs/market/bad.cpp", '\n#include "wire/codec.hpp"\n', "market uses wire"),
                ("libs/bus/bad.cpp", '#include "actors/actors.hpp"\n', "bus uses actors"),
                ("libs/bus/bad.cpp", '#include "alpha/app.hpp"\n', "includes the service alpha"),
                ("libs/wire/bad.cpp", '#include "testing/testdata.hpp"\n', "for tests only"),
                ("libs/service/bad.cpp", '#include "bus/bus_fixture.hpp"\n', "for tests only"),
                ("libs/market/bad.hpp", "#include <spdlog/spdlog.h>\n", "no framework"),
                ("libs/core/bad.cpp", "auto x = std::getenv(\"A\");\n", "getenv"),
                ("libs/market/CMakeLists.txt", "isobar_add_library(\n  NAME market\n  DEPS isobar::wire)\n", ":3: library"),
                ("libs/wire/CMakeLists.txt", "isobar_add_library(NAME wire DEPS isobar::testing)\n", "tests only"),
                ("libs/extra/x.hpp", "", "without a place"),
                ("libs/CMakeLists.txt", "foreach(library market core testing)\n", "order"),
                ("services/alpha/bad.cpp", '#include "beta/app.hpp"\n', "alpha includes service beta"),
                ("services/alpha/bad_test.cpp", '#include "beta/app.hpp"\n', "alpha includes service beta"),
                ("services/alpha/bad.cpp", '#include "testing/testdata.hpp"\n', "for tests only"),
                ("services/alpha/main.cpp", "\n" * 21, "21 lines"),
                (domain, '#include "wire/codec.hpp"\n', "may include core, market"),
                (domain, '#include "alpha/config.hpp"\n', "outside of it"),
                (domain, '#include "isobar/chain/v1/chain.pb.h"\n', "no framework"),
                (domain, "#include <caf/all.hpp>\n", "no framework"),
                (domain, "#include <random>\n", "pure core"),
                (domain, "auto t = std::chrono::steady_clock::now();\n", "steady_clock"),
                (domain, "int x = rand ();\n", "rand"),
                (domain, 'if (x) throw std::runtime_error("a");\n', "errors are values"),
                (domain, "try {\n", "errors are values")]:
            with self.subTest(path=path, text=text):
                found = errors_of({path: text})
                self.assertEqual(len(found), 1, found)
                self.assertIn(expected, found[0])
                self.assertTrue(found[0].startswith(path.rsplit("/", 1)[0]), found[0])


if __name__ == "__main__":
    unittest.main()
