"""The suite with everything switched on: a NATS user and permissions for each service, TLS on every connection, tokens."""

import json
import subprocess
import unittest

from nats_auth_test import Server
from suite import BIN, SERVICES, Cluster, Process, eventually, free_port, http, metric, scratch


ALL = [*SERVICES, "feed-ingest", "radar-physics"]
MARKET = ["--symbols=SPX", "--futures=ES", "--venue=e2e", "--sim.seed=11", "--sim.quotes-per-second=500",
          "--chain-ingest.interval-ms=1000"]


def secrets_in(keys):
    """Every secret below the folder, as the text that must not appear anywhere."""
    found = {}
    for file in keys.iterdir():
        text = file.read_text()
        if file.suffix in (".nk", ".token"):
            found[file.name] = text.strip()
        elif file.suffix == ".key":
            found[file.name] = max(text.splitlines(), key=len)
    assert len(found) > 15, found.keys()
    return found


class Secure(unittest.TestCase):
    def setUp(self):
        self.scratch = scratch()
        self.folder = self.scratch.__enter__()
        self.server = Server(self.folder)
        self.keys = self.server.keys
        self.server.make("--tokens")
        self.url = f"tls://localhost:{self.server.nats.port}"

    def tearDown(self):
        self.server.nats.kill()
        self.scratch.__exit__(None, None, None)

    def options(self):
        k = self.keys
        return [f"--nats-nkey-seed={k}/{{service}}.nk", f"--nats-tls-ca={k}/ca.pem", f"--grpc-tls-cert={k}/server.pem",
                f"--grpc-tls-key={k}/server.key", f"--grpc-tls-client-ca={k}/ca.pem", f"--grpc-tokens={k}/tokens",
                "--grpc-rate-max=100", "--reflection=false"]

    def query(self, port, *words, token="read", check=True):
        k = self.keys
        identity = [f"--tls-ca={k}/ca.pem", f"--tls-cert={k}/client.pem", f"--tls-key={k}/client.key"] if token else []
        identity += [f"--token-file={k}/{token}.token"] if token in ("read", "full") else []
        done = subprocess.run([BIN / "isobar", "query", f"--grpc=localhost:{port}", *identity, *words],
                              capture_output=True, text=True, timeout=30)
        if check and done.returncode != 0:
            raise AssertionError(f"query {words}: exit {done.returncode}: {done.stderr}")
        return done

    def test_the_whole_suite_works_and_nothing_is_refused(self):
        cluster = Cluster(self.folder, self.url, [*MARKET, *self.options()], ALL).start_all()
        builder, gamma = cluster.grpc["heatmap-builder"], cluster.grpc["gamma-fuel"]
        listener = None
        try:
            cluster.ready(120)
            listener = Process([BIN / "isobar", "digest", f"--bus={self.url}", f"--nats-nkey-seed={self.keys}/monitor.nk",
                                f"--nats-tls-ca={self.keys}/ca.pem", "--limit-s=5", "--verbose"], self.folder, "listener")

            def fresh(words, port):
                done = self.query(port, *words, "--format=json", check=False)
                return done.returncode == 0 and json.loads(done.stdout)
            eventually(lambda: fresh(["surface", "SPX", "--strike-from=9000000"], builder), 90, "a surface")
            eventually(lambda: fresh(["radar", "ES"], cluster.grpc["radar-physics"]), 90, "the radar")
            eventually(lambda: fresh(["gex", "ES"], gamma), 90, "the landscape")
            for port, words in ((builder, ("stream", "SPX")), (cluster.grpc["radar-physics"], ("radar-stream", "ES")),
                                (gamma, ("gex-stream", "ES"))):
                self.assertGreater(len(self.query(port, *words, "--count=3").stdout), 50)
            self.who_may_ask(builder, gamma)
            # The listener heard every service that speaks, and needs no more than to listen.
            listener.wait(60)
            for subject in (".window.", ".model.", ".heatmap.", ".color.", ".feed.", ".gex.", ".radar.", ".level.", ".chain."):
                self.assertIn(subject, listener.output())
            for service in ALL:
                self.assertEqual(metric(cluster.http[service], "isobar_bus_permission_errors_total"), 0, service)
            self.assertNotIn("Violation", self.server.nats.process.output())
            self.nothing_secret(cluster)
            codes = cluster.stop()
            self.assertEqual(codes, dict.fromkeys(ALL, 0))
            self.no_secret_in({f"{p.name} log": p.output() for p in cluster.processes.values()})
        finally:
            cluster.kill()
            if listener:
                listener.kill()

    def who_may_ask(self, builder, gamma):
        for token, words, code in (
                (None, ["surface", "SPX"], "UNAVAILABLE"), ("certificate", ["surface", "SPX"], "UNAUTHENTICATED"),
                ("read", ["add-level", "ES", "6912.5", "--id=MINE"], "PERMISSION_DENIED"),
                ("certificate", ["add-level", "ES", "6912.5", "--id=MINE"], "UNAUTHENTICATED")):
            with self.subTest(token=token, words=words):
                done = self.query(gamma if "level" in words[0] else builder, *words, token=token, check=False)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(code, done.stderr)
        self.assertNotIn("MINE", self.query(gamma, "universe", "ES").stdout)
        self.assertIn("MINE", self.query(gamma, "add-level", "ES", "6912.5", "--id=MINE", token="full").stdout)
        self.assertIn("PERMISSION_DENIED", self.query(gamma, "remove-level", "ES", "MINE", check=False).stderr)
        self.query(gamma, "remove-level", "ES", "MINE", token="full")

    def nothing_secret(self, cluster):
        seen = {"nats log": self.server.nats.process.output()}
        for service in ALL:
            for path in ("/metrics", "/readyz", "/healthz", "/"):
                seen[f"{service}{path}"] = http(cluster.http[service], path)[1]
        self.no_secret_in(seen)

    def no_secret_in(self, texts):
        for file, secret in secrets_in(self.keys).items():
            for place, text in texts.items():
                self.assertNotIn(secret, text, f"{file} stands in {place}")

    def test_no_option_leaks_its_secret(self):
        """Right and damaged files of every secret-bearing option: what the process says never holds their content."""
        bad = self.folder / "bad"
        bad.mkdir()
        damaged = {}
        for name, option in (("chain-ingest.nk", "nats-nkey-seed"), ("server.key", "grpc-tls-key"), ("client.key", "nats-tls-key"),
                             ("tokens", "grpc-tokens"), ("creds", "nats-credentials")):
            text = f"SUHUNTER2-{option}\na read hunter2-{option}\n"
            (bad / name).write_text(text)
            damaged[option] = bad / name
        keys = {"ISOBAR_CHAIN_INGEST_API_KEY": "hunter2-chain-key", "ISOBAR_WS_HYDRATOR_API_KEY": "hunter2-stream-key"}
        base = [f"--bus={self.url}", "--grpc=127.0.0.1:0", "--http=127.0.0.1:0", f"--data-dir={self.folder / 'data'}",
                *[o.replace("{service}", "chain-ingest") for o in self.options()],
                f"--nats-tls-cert={self.keys}/client.pem", f"--nats-tls-key={self.keys}/client.key"]
        for service, key in (("chain-ingest", "ISOBAR_CHAIN_INGEST_API_KEY"), ("ws-hydrator", "ISOBAR_WS_HYDRATOR_API_KEY")):
            shown = self.run_for([BIN / service, *base, "--print-config"], {key: keys[key]}, 0)
            self.assertIn("<redacted>", shown)
            self.assertNotIn("hunter2", shown)
            self.no_secret_in({f"{service} --print-config": shown})
            # A secret as a flag is refused, and not repeated.
            said = self.run_for([BIN / service, *base, f"--{service}.api-key=hunter2-flag"], {}, 2)
            self.assertNotIn("hunter2", said)
        shown = self.run_for([BIN / "chain-ingest", "--bus=nats://me:hunter2@localhost:1", "--print-config"], {}, 0)
        self.assertNotIn("hunter2", shown)
        said = self.run_for([BIN / "chain-ingest", "--bus=nats://me:hunter2@localhost:1", "--grpc=off", "--http=off"], {}, 2)
        self.assertIn("--bus", said)
        self.assertNotIn("hunter2", said)
        for option, file in damaged.items():
            with self.subTest(option):
                only = ["--nats-nkey-seed="] if option == "nats-credentials" else []
                said = self.run_for([BIN / "chain-ingest", *base, *only, f"--{option}={file}"], {}, None)
                self.assertIn(str(file), said)
                self.assertNotIn("hunter2", said.lower().replace(str(file), ""))

    def run_for(self, words, env, code):
        """What the process says until it ends with `code`; None: with any but 0."""
        name = f"run-{free_port()}"
        process = Process(words, self.folder, name, env)
        try:
            got = process.wait(30)
        finally:
            process.kill()
        self.assertTrue(got != 0 if code is None else got == code, f"{words}: exit {got}: {process.output()}")
        return process.output()


if __name__ == "__main__":
    unittest.main()
