"""The suite as separate processes over a real nats-server: same answers as the embedded one, and faults it must survive."""

import json
import os
import subprocess
import time
import unittest

from suite import BIN, SERVICES, Cluster, Nats, Process, eventually, free_port, http, metric, scratch

MARKET = ["--sim.seed=11", "--sim.quotes-per-second=2000", "--chain-ingest.interval-ms=1000"]
# The long outage of the issue; the quick tier uses a shorter one of the same kind.
OUTAGE_S = float(os.environ.pop("ISOBAR_OUTAGE_S", "6"))


def query(address, *words, check=True):
    done = subprocess.run([BIN / "isobar", "query", f"--grpc={address}", *words], capture_output=True, text=True, timeout=30)
    if check and done.returncode != 0:
        raise AssertionError(f"query {words}: exit {done.returncode}: {done.stderr}")
    return done


def revision(address):
    done = query(address, "surface", "SPX", "--strike-from=9000000", "--format=json", check=False)
    return int(json.loads(done.stdout)["info"]["revision"]) if done.returncode == 0 else 0


def healthy(address):
    done = query(address, "surface", "SPX", "--strike-from=9000000", "--format=json", check=False)
    return done.returncode == 0 and json.loads(done.stdout)["info"]["quality"] in ("QUALITY_OK", "QUALITY_SYNTHETIC")


class SameAnswers(unittest.TestCase):
    def test_demo_and_cluster_answer_with_the_same_bytes(self):
        market = [*MARKET, "--sim.speed=4", "--sim.duration-ms=12000"]
        with scratch() as folder:
            port = free_port()
            demo = Process([BIN / "isobar", "up", "--symbols=SPX", f"--grpc=127.0.0.1:{port}", "--http=off", "--venue=e2e",
                            f"--data-dir={folder / 'demo'}", *market], folder, "demo")
            nats = Nats(folder).start()
            cluster = Cluster(folder, nats.url, ["--symbols=SPX", "--venue=e2e", *market]).start_all()
            try:
                builder, one = f"127.0.0.1:{cluster.grpc['heatmap-builder']}", f"127.0.0.1:{port}"
                for address in (one, builder):
                    # 14:30:10 of the simulated day has been built.
                    eventually(lambda a=address: revision(a) >= 1766154610000, 60, f"{address} reaches the window: {revision(address)}")
                for second in ("04", "07.4", "10"):
                    at = f"--as-of=2025-12-19T14:30:{second}Z"
                    for words in (["surface", "SPX", "--columns"], ["surface", "SPX", "--format=json", "--expiry=SPXW-20251219"],
                                  ["tile", "SPX", "SPXW-20251219", "butterfly", "call", "6900", "30"],
                                  ["explain", "SPX", "SPXW-20251219", "vertical", "put", "6900", "20", "--format=json"]):
                        with self.subTest(second=second, words=words):
                            a, b = query(one, *words, at).stdout, query(builder, *words, at).stdout
                            self.assertGreater(len(a), 100)
                            self.assertEqual(a, b)
            finally:
                cluster.kill()
                demo.kill()
                nats.kill()


class Faults(unittest.TestCase):
    def setUp(self):
        self.scratch = scratch()
        self.folder = self.scratch.__enter__()
        self.nats = Nats(self.folder)
        self.cluster = Cluster(self.folder, self.nats.url,
                               ["--symbols=SPX", "--venue=e2e", *MARKET, f"--sim.anchor={anchor()}"])
        self.builder = f"127.0.0.1:{self.cluster.grpc['heatmap-builder']}"

    def tearDown(self):
        self.cluster.kill()
        if self.nats.process:
            self.nats.kill()
        self.scratch.__exit__(None, None, None)

    def wait_fresh(self, after=0, limit=60):
        return eventually(lambda: healthy(self.builder) and revision(self.builder) > after and revision(self.builder), limit,
                          f"fresh surface after {after}; " + "\n".join(p.output()[-800:] for p in self.cluster.processes.values()))

    def test_broker_absent_at_start(self):
        self.cluster.start_all()
        eventually(lambda: all(http(p, "/healthz")[0] == 200 for p in self.cluster.http.values()), 20, "alive without a broker")
        self.assertTrue(all(http(p, "/readyz")[0] == 503 for p in self.cluster.http.values()))
        self.nats.start()
        self.cluster.ready(60)
        self.wait_fresh()

    def test_broker_lost_in_the_middle(self):
        self.nats.start()
        self.cluster.start_all()
        self.cluster.ready(60)
        before = self.wait_fresh()
        self.nats.kill()
        eventually(lambda: all(http(p, "/readyz")[0] == 503 for p in self.cluster.http.values()), 20, "not ready without a broker")
        time.sleep(OUTAGE_S)  # the outage itself
        self.assertTrue(all(p.alive() for p in self.cluster.processes.values()))
        self.nats.start()
        self.cluster.ready(60)
        self.wait_fresh(before)

    def test_every_service_killed_once(self):
        self.nats.start()
        self.cluster.start_all()
        self.cluster.ready(60)
        for service in SERVICES:
            with self.subTest(service):
                before = self.wait_fresh()
                self.cluster.processes[service].kill()
                self.cluster.start(service)
                after = self.wait_fresh(before + 1000)
                self.assertGreater(after, before)
        codes = self.cluster.stop()
        self.assertEqual(codes, dict.fromkeys(SERVICES, 0))

    def test_every_record_is_accounted_for(self):
        self.nats.start()
        self.cluster.options += ["--sim.duration-ms=6000", "--sim.speed=3"]
        self.cluster.start_all()
        hydrator, builder = self.cluster.http["ws-hydrator"], self.cluster.http["heatmap-builder"]
        # The market has ended when the last of its thirty windows is built and the queue of events is empty.
        eventually(lambda: revision(self.builder) >= 1766154606000, 60, f"the end: {revision(self.builder)}")

        def counted(name, label=""):
            return metric(hydrator, f"isobar_ws_hydrator_{name}", label) or 0

        def parts():
            each = {name: counted(name) for name in ("applied_total", "superseded_total", "unknown_contracts_total", "rejected_total")}
            return {**each, "dropped": counted("queue_dropped_total", 'queue="events"')}
        # The worker copies its counts from time to time; when nothing moves any more they must agree to the last event.
        eventually(lambda: counted("events_total") > 5000 and counted("events_total") == sum(parts().values()), 10,
                   f"{counted('events_total')} events are {parts()}")
        # What left one service arrived at the next: windows, and every row of them.
        eventually(lambda: counted("windows_total") == metric(builder, "isobar_heatmap_builder_windows_total"), 10, "windows")
        rows = metric(self.cluster.http["decomposer"], "isobar_decomposer_rows_total", 'model="heatmap"')
        self.assertEqual(rows, metric(builder, "isobar_heatmap_builder_rows_total"))
        self.assertGreater(rows, 1000)
        for service in SERVICES:
            word = service.replace("-", "_")
            self.assertEqual(metric(self.cluster.http[service], f"isobar_{word}_gaps_total") or 0, 0, service)


def anchor():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


if __name__ == "__main__":
    unittest.main()
