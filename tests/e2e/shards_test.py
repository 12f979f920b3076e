"""Symbols shared out over processes: the same bytes as from one process, while a shard is killed and another joins."""

import re
import signal
import subprocess
import time
import unittest

from suite import BIN, Nats, Process, applies, eventually, free_port, metric, scratch

LEASE_MS = 4000
FUTURES = ["ES", "MES", "NQ", "MNQ", "RTY", "M2K", "ESH6", "MESH6", "NQH6", "MNQH6", "RTYH6", "M2KH6"]
OPTIONS = ["SPX", "NDX", "RUT", "XSP", "SPY", "QQQ", "IWM", "ES"]
COMMON = ["--venue=e2e", "--mode=replay"]
MEDIUM = ["--sim.seed=3", "--sim.duration-ms=40000", "--sim.futures-events-per-second=60", "--sim.futures-burst-every-ms=0",
          "--sim.futures-orders=400", "--feed-ingest.source=sim"]
RADAR = ["--radar-physics.checkpoint-windows=20", "--radar-physics.checkpoint-ms-min=500"]
SURFACE = ["--sim.seed=3", "--sim.duration-ms=30000", "--sim.quotes-per-second=100", "--sim.burst-every-ms=0", "--sim.expirations=2",
           "--sim.strike-range-scale=0.4", "--sim.geometry-change-ms=12000", "--chain-ingest.interval-ms=4000"]
BUILDER = ["--heatmap-builder.checkpoint-windows=10", "--heatmap-builder.checkpoint-ms-min=500"]


def digest_of(kind, output):
    found = re.search(rf"^{kind} digest ([0-9a-f]{{16}}) over (\d+) frames", output, re.M)
    assert found, f"no {kind} digest in:\n{output[-4000:]}"
    return found.group(1), int(found.group(2))


class Fleet:
    """A bus, the services before the sharded one, and its shards."""

    def __init__(self, folder, service, symbols, options, lease_ms=LEASE_MS, how=()):
        self.folder, self.service, self.symbols, self.options, self.how, self.lease_ms = folder, service, symbols, options, how, lease_ms
        self.kind = "futures" if service == "radar-physics" else "options"
        self.nats = Nats(folder).start()
        self.processes, self.shards = {}, {}
        self.listener = Process([BIN / "isobar", "digest", f"--bus={self.nats.url}", f"--symbols={','.join(symbols)}", "--limit-s=200"],
                                folder, "listener")

    def start(self, service, name, *options):
        """(process, its HTTP port)"""
        port = free_port()
        words = [BIN / service, f"--bus={self.nats.url}", "--grpc=127.0.0.1:0", f"--http=127.0.0.1:{port}",
                 f"--data-dir={self.folder / name}", *COMMON, *[o for o in self.options if applies(o, service)], *options]
        return Process(words, self.folder, name), port

    def producers(self, *services):
        for service in services:
            self.processes[service] = self.start(service, service, f"--{self.kind if service == 'feed-ingest' else 'symbols'}="
                                                 + ",".join(self.symbols))[0]

    def one(self):
        """The service as one process with pinned symbols."""
        flag = "--futures=" if self.kind == "futures" else "--symbols="
        self.processes["one"] = self.start(self.service, "one", flag + ",".join(self.symbols))[0]

    def shard(self, ordinal, expected=3):
        self.shards[ordinal] = self.start(self.service, f"shard{ordinal}", f"--shard={ordinal}/{expected}", f"--lease-ms={self.lease_ms}",
                                          *self.how)

    def symbols_command(self, *words):
        done = subprocess.run([BIN / "isobar", "symbols", f"--bus={self.nats.url}", "--venue=e2e", *words], capture_output=True,
                              text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def shard_metric(self, ordinal, name, label=""):
        return metric(self.shards[ordinal][1], f"isobar_{name}", label) or 0

    def held(self):
        return {o: self.shard_metric(o, "shard_symbols_held") for o in self.shards}

    def working(self):
        """Every symbol is held, and its worker runs. A lease whose worker did not start is given back without having run."""
        def running(o):
            ended = self.shard_metric(o, "shard_handovers_total") - self.shard_metric(o, "shard_start_failures_total")
            return self.shard_metric(o, "shard_takeovers_total") - ended
        return sum(self.held().values()) == len(self.symbols) and all(running(o) == n for o, n in self.held().items())

    def settled(self, limit=60):
        eventually(self.working, limit, lambda: f"all held: {self.held()} {self.logs()}")

    def takeover_sums(self, ordinals):
        return [sum(self.shard_metric(o, f"shard_takeover_seconds_{part}") for o in ordinals) for part in ("sum", "count")]

    def takeover_ms(self, ordinals, before=(0, 0)):
        """Mean time from when a shard was meant to have a symbol until its worker ran, since `before`."""
        total, count = (now - then for now, then in zip(self.takeover_sums(ordinals), before))
        return 1000 * total / max(1, count)

    def windows(self):
        word = self.service.replace("-", "_")
        return sum(self.shard_metric(o, f"{word}_windows_total") for o in self.shards)

    def logs(self):
        return "\n".join(f"--- {p.name}\n" + p.output()[-1500:] for p in
                         [*self.processes.values(), *(s[0] for s in self.shards.values())])

    def finish(self):
        code = self.listener.wait(210)
        assert code == 0, f"exit {code}:\n{self.listener.output()[-3000:]}\n{self.logs()}"
        return self.listener.output()

    def close(self):
        for p in [*self.processes.values(), *(s[0] for s in self.shards.values()), self.listener]:
            p.kill()
        self.nats.kill()


class SharedOut(unittest.TestCase):
    def reference(self, folder, service, symbols, options, producers, kind):
        (folder / "reference").mkdir()
        fleet = Fleet(folder / "reference", service, symbols, [*options, "--sim.speed=0"])
        try:
            fleet.one()
            fleet.producers(*producers)
            return digest_of(kind, fleet.finish())
        finally:
            fleet.close()

    def faults(self, fleet):
        """One shard is killed, its symbols move; a fourth joins."""
        eventually(lambda: fleet.windows() > 40, 60, f"the shards work: {fleet.windows()} {fleet.logs()}")
        standby = "--standby=1" in fleet.how
        if standby:
            eventually(lambda: sum(fleet.shard_metric(o, "shard_standbys") for o in fleet.shards) == len(fleet.symbols), 30,
                       f"all stood by for: {fleet.logs()}")
        victim = max(fleet.held(), key=fleet.held().get)
        lost = fleet.held()[victim]
        others = {o: n for o, n in fleet.held().items() if o != victim}
        before = fleet.takeover_sums(others)
        process, _ = fleet.shards.pop(victim)
        began = time.monotonic()
        process.child.send_signal(signal.SIGKILL)
        eventually(fleet.working, 60, f"moved: {fleet.held()} {fleet.logs()}")
        taken = time.monotonic() - began
        print(f"{fleet.service}: shard {victim} with {lost:.0f} of {len(fleet.symbols)} symbols killed: all work again after "
              f"{taken:.2f} s (lease {LEASE_MS / 1000:.1f} s), {fleet.takeover_ms(others, before):.0f} ms each; "
              f"the others held {others}, now {fleet.held()}")
        if standby:
            promoted = sum(fleet.shard_metric(o, "shard_promotions_total") for o in others)
            restarts = sum(fleet.shard_metric(o, "shard_standby_restarts_total") for o in others)
            print(f"{fleet.service}: {promoted:.0f} of {lost:.0f} by workers that stood by; {restarts:.0f} standbys begun again")
            self.assertEqual(promoted, lost)
        self.assertGreaterEqual(taken, LEASE_MS / 1000 * 0.5)
        began = time.monotonic()
        fleet.shard(3)
        eventually(lambda: fleet.shard_metric(3, "shard_symbols_held") > 0 and fleet.working(), 60,
                   f"the fourth works: {fleet.held()} {fleet.logs()}")
        print(f"{fleet.service}: a fourth shard had its {fleet.shard_metric(3, 'shard_symbols_held'):.0f} symbols "
              f"{time.monotonic() - began:.2f} s after its start, {fleet.takeover_ms([3]):.0f} ms each on average")
        for o in fleet.shards:
            self.assertEqual(fleet.shard_metric(o, "shard_self_fences_total"), 0)

    def run_all(self, service, symbols, options, producers, kind, pace):
        with scratch() as folder:
            want = self.reference(folder, service, symbols, options, producers, kind)
            print(f"{service}: one process: {kind} digest {want[0]} over {want[1]} frames")
            self.assertGreater(want[1], 8 * 20)
            for how in ((), ("--standby=1",)):
                place = folder / ("standby" if how else "plain")
                place.mkdir()
                print(f"{service}: shards {' '.join(how) or 'without standby'}")
                self.run_fleet(Fleet(place, service, symbols, [*options, *pace], how=how), producers, kind, want)

    def run_fleet(self, fleet, producers, kind, want):
        service, symbols = fleet.service, fleet.symbols
        try:
            fleet.symbols_command("add", f"--kind={fleet.kind}", *symbols)
            for ordinal in range(3):
                fleet.shard(ordinal)
            fleet.settled()
            print(f"{service}: three shards hold {fleet.held()}")
            fleet.producers(*producers)
            self.faults(fleet)
            output = fleet.finish()
            print(f"{service}: " + "; ".join(line for line in output.splitlines() if line.startswith(kind) or "again" in line))
            self.assertEqual(digest_of(kind, output), want)
            if fleet.how:
                again = re.search(r"were sent again.*", output)
                self.assertNotRegex(again.group() if again else "", r"radar\.|heatmap\.", "who stood by published nothing twice")
            shown = fleet.symbols_command("list")
            self.assertEqual(len(re.findall(rf"{service}:\d+(?! \(gone)", shown)), len(symbols), shown)
        finally:
            fleet.close()

    def test_radar_physics(self):
        self.run_all("radar-physics", FUTURES, [*MEDIUM, *RADAR], ["feed-ingest"], "medium", ["--sim.speed=1.5"])

    def test_heatmap_builder(self):
        self.run_all("heatmap-builder", OPTIONS, [*SURFACE, *BUILDER, "--heatmap-builder.gradient=false"],
                     ["decomposer", "ws-hydrator", "epoch-manager", "chain-ingest"], "surface", ["--sim.speed=1"])


class Refusals(unittest.TestCase):
    def test_what_does_not_fit_is_refused(self):
        for words, said in ((["colorizer", "--shard=0/3"], "colorizer does not take --shard"),
                            (["radar-physics", "--shard=0/3", "--futures=ES"], "name none by --symbols or --futures"),
                            (["radar-physics", "--shard=three"], "--shard=three: want i/n"),
                            (["heatmap-builder", "--shard=0/0"], "--shard=0/0: want i/n")):
            done = subprocess.run([BIN / words[0], *words[1:], "--grpc=off", "--http=off"], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
