"""The whole suite on symbols from the registry, live: they come, move and go while every process runs on."""

import datetime
import subprocess
import unittest

from suite import BIN, Nats, Process, applies, eventually, free_port, metric, scratch

LEASE_MS = 2000
OPTIONS = ["chain-ingest", "epoch-manager", "ws-hydrator", "decomposer", "heatmap-builder"]
FUTURES = ["feed-ingest", "radar-physics"]
COMMON = ["--venue=e2e", "--sim.seed=5", f"--sim.anchor={datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}", "--sim.quotes-per-second=200", "--sim.expirations=1",
          "--sim.strike-range-scale=0.3", "--sim.futures-events-per-second=100", "--sim.futures-orders=400",
          "--chain-ingest.source=sim", "--chain-ingest.interval-ms=1000", "--ws-hydrator.source=sim", "--feed-ingest.source=sim"]


class Fleet:
    """Two processes of each service, none of which is told a symbol."""

    def __init__(self, folder):
        self.folder, self.nats, self.running = folder, Nats(folder).start(), {}
        for service in OPTIONS + FUTURES:
            for ordinal in range(2):
                self.start(service, ordinal)

    def start(self, service, ordinal):
        port = free_port()
        words = [BIN / service, f"--bus={self.nats.url}", "--grpc=127.0.0.1:0", f"--http=127.0.0.1:{port}", f"--shard={ordinal}/2",
                 f"--lease-ms={LEASE_MS}", f"--data-dir={self.folder / f'{service}{ordinal}'}", *(o for o in COMMON if applies(o, service))]
        self.running[service, ordinal] = Process(words, self.folder, f"{service}{ordinal}"), port

    def symbols(self, verb, kind, *names):
        done = subprocess.run([BIN / "isobar", "symbols", verb, f"--bus={self.nats.url}", "--venue=e2e", f"--kind={kind}", *names],
                              capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr

    def revision(self, service, symbol):
        """Event time of the newest window that any of its processes has made, ms."""
        name = f"isobar_{service.replace('-', '_')}_revision"
        return max(metric(port, name, f'symbol="{symbol}"') or 0 for (s, _), (_, port) in self.running.items() if s == service)

    def goes_on(self, service, symbol, limit=60):
        dead = [p.name for p, _ in self.running.values() if not p.alive()]
        assert not dead, f"ended: {dead}\n{self.logs()}"
        before = self.revision(service, symbol)
        eventually(lambda: self.revision(service, symbol) > before, limit, f"{service} goes on with {symbol}\n{self.logs(service)}")

    def held(self, service):
        return {o: int(metric(port, "isobar_shard_symbols_held", f'service="{service}"') or 0)
                for (s, o), (_, port) in self.running.items() if s == service}

    def kill(self, service, ordinal):
        self.running.pop((service, ordinal))[0].kill()

    def logs(self, *services):
        return "\n".join(f"--- {p.name}\n" + p.output()[-1500:] for (s, _), (p, _) in self.running.items() if not services or s in services)

    def close(self):
        for p, _ in self.running.values():
            p.kill()
        self.nats.kill()


class LiveShards(unittest.TestCase):
    def test_symbols_come_move_and_go(self):
        with scratch() as folder:
            fleet = Fleet(folder)
            try:
                fleet.symbols("add", "options", "SPX", "NDX", "RUT")
                fleet.symbols("add", "futures", "ES", "NQ", "RTY")
                for symbol in ("SPX", "NDX", "RUT"):
                    fleet.goes_on("heatmap-builder", symbol)
                for symbol in ("ES", "NQ", "RTY"):
                    fleet.goes_on("radar-physics", symbol)
                for service in OPTIONS + FUTURES:
                    self.assertEqual(sum(fleet.held(service).values()), 3, f"{service}: {fleet.held(service)}")
                # One more, and nothing is started again for it.
                fleet.symbols("add", "options", "XSP")
                fleet.goes_on("heatmap-builder", "XSP")
                # Of each service that makes the surface one process dies: what it had goes on elsewhere.
                for service in OPTIONS[:4] + FUTURES[:1]:
                    held = fleet.held(service)
                    victim = max(held, key=held.get)
                    fleet.kill(service, victim)
                    total = sum(held.values())
                    eventually(lambda s=service, n=total: sum(fleet.held(s).values()) == n, 30, f"{service} moved\n{fleet.logs(service)}")
                    fleet.start(service, victim)
                    eventually(lambda s=service, n=total: sum(fleet.held(s).values()) == n and len(fleet.held(s)) == 2, 30,
                               f"{service} is there again\n{fleet.logs(service)}")
                for symbol in ("SPX", "NDX", "RUT", "XSP"):
                    fleet.goes_on("heatmap-builder", symbol)
                for symbol in ("ES", "NQ", "RTY"):
                    fleet.goes_on("radar-physics", symbol)
                # One less.
                fleet.symbols("remove", "options", "NDX")
                for service in OPTIONS:
                    eventually(lambda s=service: sum(fleet.held(s).values()) == 3, 30, f"{service} gave NDX up\n{fleet.logs(service)}")
                last = fleet.revision("heatmap-builder", "NDX")
                fleet.goes_on("heatmap-builder", "SPX")
                self.assertEqual(fleet.revision("heatmap-builder", "NDX"), last)
            finally:
                fleet.close()


class Refusals(unittest.TestCase):
    def test_replay_wants_named_symbols(self):
        for service in OPTIONS[:4] + FUTURES[:1]:
            done = subprocess.run([BIN / service, "--shard=0/2", "--mode=replay", "--grpc=off", "--http=off"], capture_output=True, text=True,
                                  timeout=30, check=False)
            self.assertEqual(done.returncode, 2, service)
            self.assertIn(f"{service} takes --shard live only", done.stderr)

    def test_files_want_named_symbols(self):
        done = subprocess.run([BIN / "feed-ingest", "--shard=0/2", "--feed-ingest.source=dbn", "--feed-ingest.files=/dev/null",
                               "--grpc=off", "--http=off"], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("a file feeds all of its symbols from one place", done.stderr)


if __name__ == "__main__":
    unittest.main()
