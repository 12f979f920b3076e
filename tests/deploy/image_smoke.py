"""The suite from its image: what the image is, what it may do, and whether it answers. ./dev image --smoke runs this."""

import json
import os
import unittest

from containers import IMAGE, Container, engine, run
from suite import FUTURES, SERVICES, Nats, eventually, free_port, http, metric, scratch

ALL = list(dict.fromkeys([*SERVICES, *FUTURES]))
MARKET = ["--sim.seed=11", "--sim.quotes-per-second=2000"]
SIMULATES = {"chain-ingest", "ws-hydrator", "feed-ingest"}
TERM_SECONDS = 6  # --drain-ms is 4 s; the engine itself takes its part


class Image(unittest.TestCase):
    def test_says_what_it_is(self):
        config = json.loads(engine("image", "inspect", IMAGE))[0]["Config"]
        labels = config["Labels"]
        for word in ("title", "description", "licenses", "version", "revision", "created", "base.name"):
            self.assertTrue(labels.get(f"org.opencontainers.image.{word}"), word)
        self.assertNotIn(config["User"].split(":")[0], ("", "0", "root"))
        self.assertTrue(config["User"].split(":")[0].isdigit(), "Kubernetes tells non-root by a number")
        self.assertFalse(config.get("Entrypoint"))

    def test_every_binary_starts(self):
        for name in ALL:
            with self.subTest(name):
                code, out, err = run(name, "--version")
                self.assertEqual((code, out.split()[0]), (0, name), err)

    def test_bill_of_materials_names_what_is_installed(self):
        code, out, err = run("cat", "/usr/share/isobar/sbom.spdx.json")
        self.assertEqual(code, 0, err)
        packages = json.loads(out)["packages"]
        code, listed, err = run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\\n")
        self.assertEqual(code, 0, err)
        installed = {tuple(line.split()[1:]) for line in listed.splitlines() if line.startswith("installed ")}
        self.assertEqual({(p["name"], p["versionInfo"]) for p in packages if p["name"] != "isobar"}, installed)
        self.assertIn("libnats3.4", {name for name, _ in installed})

    def test_nothing_can_be_written_but_data(self):
        code, _, err = run("touch", "/usr/bin/x")
        self.assertNotEqual(code, 0)
        self.assertIn("Read-only", err)
        self.assertEqual(run("touch", "/data/x")[0], 0)


class Suite(unittest.TestCase):
    def confined(self, container):
        status = container.status()
        self.assertEqual(set(status["Uid"].split()), {"65532"}, container.name)
        self.assertEqual(int(status["CapEff"], 16), 0, container.name)
        self.assertEqual(int(status["CapBnd"], 16), 0, container.name)
        self.assertEqual(status["NoNewPrivs"].strip(), "1", container.name)

    def ended(self, container):
        code, seconds = container.terminate()
        self.assertEqual(code, 0, container.logs()[-2000:])
        self.assertLess(seconds, TERM_SECONDS, container.name)

    def answers(self, grpc):
        """One real query, asked by a container of the same image; its text."""
        def asked():
            code, out, _ = run("isobar", "query", f"--grpc=127.0.0.1:{grpc}", "surface", "SPX")
            return code == 0 and out
        text = eventually(asked, 60, "a surface of SPX")
        self.assertGreater(len(text.splitlines()), 10)

    def test_one_process(self):
        grpc, web = free_port(), free_port()
        one = Container(f"isobar-smoke-{os.getpid()}", "isobar", "up", f"--grpc=127.0.0.1:{grpc}", f"--http=127.0.0.1:{web}", *MARKET)
        self.addCleanup(one.close)
        eventually(lambda: http(web, "/readyz")[0] == 200, 60, f"ready: {one.logs()}")
        self.confined(one)
        self.answers(grpc)
        self.assertGreater(metric(web, "isobar_heatmap_builder_windows_total"), 0)
        self.ended(one)

    def test_one_container_a_service(self):
        with scratch() as folder:
            nats = Nats(folder).start()
            self.addCleanup(nats.kill)
            ports = {name: (free_port(), free_port()) for name in ALL}
            containers = {}
            for name in ALL:
                containers[name] = Container(
                    f"isobar-smoke-{os.getpid()}-{name}", name, f"--bus={nats.url}", "--symbols=SPX", "--futures=ES",
                    f"--grpc=127.0.0.1:{ports[name][0]}", f"--http=127.0.0.1:{ports[name][1]}",
                    *(MARKET if name in SIMULATES else []))
                self.addCleanup(containers[name].close)
            for name in ALL:
                eventually(lambda n=name: http(ports[n][1], "/readyz")[0] == 200, 60, f"{name} ready: {containers[name].logs()[-500:]}")
                self.confined(containers[name])
            self.answers(ports["heatmap-builder"][0])
            for name in ALL:
                self.assertEqual(metric(ports[name][1], "isobar_bus_connected"), 1, name)
            for name in ALL:
                with self.subTest(name):
                    self.ended(containers[name])


if __name__ == "__main__":
    unittest.main()
