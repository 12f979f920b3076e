"""A real Prometheus over the real suite: every rule is evaluated without an error, every query of every dashboard returns
series, and no alert fires while all is well. ./dev observability --live runs this; it takes about four minutes."""

import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import time
import unittest
import urllib.parse
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "e2e"), str(SOURCE / "scripts")]
import observability_check  # noqa: E402
from suite import BIN, FUTURES, SERVICES, Cluster, Nats, Process, eventually, free_port, scratch  # noqa: E402

FOLDER = SOURCE / "deploy" / "observability"
SETTLED_SECONDS = 150  # two scrapes within every rate and every change, and the rules behind them


class Prometheus:
    """The packaged server with the repository's own configuration, and targets of this run."""

    def __init__(self, folder, targets):
        self.port = free_port()
        here = folder / "prometheus"
        shutil.copytree(FOLDER, here)
        for file in (here / "targets").iterdir():
            file.unlink()
        (here / "targets" / "test.yaml").write_text(json.dumps(
            [{"targets": [f"127.0.0.1:{port}"], "labels": {"service": service}} for service, port in targets.items()]))
        self.process = Process(["prometheus", f"--config.file={here / 'prometheus.yaml'}", f"--storage.tsdb.path={here / 'data'}",
                                f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], folder, "prometheus")

    def ask(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)["data"]

    def series(self, query):
        return self.ask("/api/v1/query", query=query)["result"]

    def answers(self):
        with contextlib.suppress(OSError):
            return self.ask("/api/v1/targets", state="active")["activeTargets"]
        return []


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.enter = contextlib.ExitStack()
        folder = cls.enter.enter_context(scratch())
        nats = Nats(folder).start()
        cls.enter.callback(nats.kill)
        # The simulated market is of this minute, so that ages are true ones.
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        services = list(dict.fromkeys([*SERVICES, *FUTURES]))
        cluster = Cluster(folder, nats.url, ["--symbols=SPX", "--futures=ES", "--sim.quotes-per-second=500",
                                             f"--sim.start={now}", f"--sim.anchor={now}"], services).start_all()
        cls.enter.callback(cluster.kill)
        cluster.ready(60)
        cls.prometheus = Prometheus(folder, cluster.http)
        cls.enter.callback(cls.prometheus.process.kill)
        eventually(lambda: len(cls.prometheus.answers()) == len(services) and
                   all(t["health"] == "up" for t in cls.prometheus.answers()), 60, "every target answers")
        end = time.monotonic() + SETTLED_SECONDS
        while time.monotonic() < end:  # queries, so that their times are there
            for words in (("surface", "SPX"), ("epochs", "SPX")):
                server = "heatmap-builder" if words[0] == "surface" else "epoch-manager"
                subprocess.run([BIN / "isobar", "query", f"--grpc=127.0.0.1:{cluster.grpc[server]}", *words], capture_output=True, check=False)
            time.sleep(2)

    @classmethod
    def tearDownClass(cls):
        cls.enter.close()

    def test_every_rule_is_evaluated_without_an_error(self):
        rules = [rule for group in self.prometheus.ask("/api/v1/rules")["groups"] for rule in group["rules"]]
        self.assertEqual(len(rules), len(observability_check.all_rules(FOLDER)))
        for rule in rules:
            self.assertEqual((rule["health"], rule.get("lastError", "")), ("ok", ""), rule["name"])

    def test_every_dashboard_query_returns_series(self):
        for board, title, query in observability_check.dashboard_queries(FOLDER):
            with self.subTest(board=board, panel=title, query=query):
                self.assertTrue(self.prometheus.series(query.replace("$service", ".*").replace("$symbol", ".*")))

    def test_every_recording_has_series(self):
        for name in sorted({rule["record"] for rule in observability_check.all_rules(FOLDER) if "record" in rule}):
            with self.subTest(name):
                self.assertTrue(self.prometheus.series(name))

    def test_no_alert_of_a_cause_fires(self):
        firing = [s["metric"] for s in self.prometheus.series('ALERTS{alertstate="firing"}') if "slo" not in s["metric"]]
        self.assertEqual(firing, [])


if __name__ == "__main__":
    unittest.main()
