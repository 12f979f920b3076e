"""The broker's store damaged under a running suite: bits flipped, files cut, everything gone. Correctness never rests on it: services
say what was lost, make it again, and what comes out is what the undisturbed run gave.

ISOBAR_STORE_LONG=1: every kind of damage one after the other (./dev faults), not only the two that differ most."""

import json
import os
import random
import re
import shutil
import subprocess
import time
import unittest

from shards_test import Fleet, digest_of
from suite import BIN, SERVICES, Cluster, Nats, Process, eventually, http, metric, scratch

LEASE_MS = 10_000  # longer than the broker is ever away here: this is about its store, not about its absence
LONG = os.environ.pop("ISOBAR_STORE_LONG", "") == "1"
FUTURES = ["ES", "NQ", "RTY", "M2K", "ESH6", "NQH6"]
MEDIUM = ["--sim.seed=3", f"--sim.duration-ms={30000 if LONG else 18000}", "--sim.futures-events-per-second=60", "--sim.futures-burst-every-ms=0",
          "--sim.futures-orders=400", "--feed-ingest.source=sim", "--radar-physics.checkpoint-windows=2",
          "--radar-physics.checkpoint-ms-min=200", "--radar-physics.record=true"]


class Store:
    """What a stopped nats-server keeps of its streams and buckets, to be damaged by a seed."""

    def __init__(self, nats, seed):
        self.nats, self.random = nats, random.Random(seed)

    @property
    def folder(self):
        return self.nats.folder / "jetstream"

    def files(self, holder=""):
        """Files of messages of the streams whose name holds `holder`, with something in them."""
        found = [f for f in sorted(self.folder.rglob("*.blk")) if holder in str(f) and f.stat().st_size > 0]
        assert found, f"no messages of {holder or 'anything'} in {self.folder}"
        return found

    def flip(self, places=5, holder=""):
        """One bit in each of several places of every file."""
        for file in self.files(holder):
            data = bytearray(file.read_bytes())
            for _ in range(places):
                data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
            file.write_bytes(data)

    def truncate(self, holder=""):
        for file in self.files(holder):
            data = file.read_bytes()
            file.write_bytes(data[:self.random.randrange(len(data))])

    def spoil_descriptions(self):
        """The server knows a stream no more whose description does not match its sum."""
        for file in sorted(self.folder.rglob("meta.inf")):
            data = bytearray(file.read_bytes())
            data[self.random.randrange(len(data))] ^= 1
            file.write_bytes(data)

    def empty(self):
        shutil.rmtree(self.folder)

    def server_lives(self):
        """One that does not survive what was done to its store is given an empty one, as its operator would."""
        if not self.nats.process.alive():
            print(f"the server ended: {self.nats.process.output()[-600:]}")
            self.empty()
            self.nats.start()
        return True


def losses(port, store=""):
    """Times that a process found a bucket or stream to have lost something."""
    return metric(port, "isobar_bus_store_losses_total", f'store="{store}"' if store else "") or 0


def recorded(folders, into):
    """(medium digest, frames) of what was recorded in these folders, the earlier holders' first."""
    for number, folder in enumerate(folders):
        shutil.copytree(folder / "radar-physics", into / f"{number:02}")
    for file in into.rglob("*.rec"):
        if file.stat().st_size == 0:  # of who held the symbol for a moment, at the start of all shards
            file.unlink()
    done = subprocess.run([BIN / "isobar", "digest", "--recording", into], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"^medium digest ([0-9a-f]{16}) over (\d+) frames", done.stdout, re.M)
    assert found, done.stdout
    return found.group(1), int(found.group(2))


class Replay(unittest.TestCase):
    def test_the_digest_is_that_of_an_undisturbed_run(self):
        with scratch() as folder:
            want = self.undisturbed(folder / "calm")
            print(f"\nundisturbed: medium digest {want[0]} over {want[1]} frames")
            (folder / "storm").mkdir()
            fleet = Fleet(folder / "storm", "radar-physics", FUTURES, [*MEDIUM, "--sim.speed=1"], LEASE_MS)
            try:
                dead = self.disturb(fleet)
                self.ended(fleet)
                folders = [fleet.folder / dead, *(fleet.folder / p.name for p, _ in fleet.shards.values())]
                for process, _ in fleet.shards.values():
                    self.assertEqual(process.terminate(), 0, process.output()[-3000:])
                found = recorded(folders, folder / "all")
                print(f"disturbed:   medium digest {found[0]} over {found[1]} frames")
                self.assertEqual(found, want)
            finally:
                fleet.close()

    def ended(self, fleet):
        """Every window of the market was made, whichever shard makes it now; a listener may itself have missed the end."""
        def rest():
            before = fleet.windows()
            time.sleep(2)
            return before == fleet.windows() and sum(fleet.held().values()) == len(FUTURES)
        eventually(rest, 90, lambda: f"the end of the market: {fleet.logs()}")

    def undisturbed(self, folder):
        folder.mkdir()
        fleet = Fleet(folder, "radar-physics", FUTURES, [*MEDIUM, "--sim.speed=0"])
        try:
            fleet.one()
            fleet.producers("feed-ingest")
            fleet.finish()
            self.assertEqual(fleet.processes["one"].terminate(), 0)
            return recorded([folder / "one"], folder / "all")
        finally:
            fleet.close()

    def disturb(self, fleet):
        """Three times the store is damaged, then a shard dies. Name of the folder that it leaves."""
        fleet.symbols_command("add", "--kind=futures", *FUTURES)
        for ordinal in range(3):
            fleet.shard(ordinal)
        fleet.settled()
        fleet.producers("feed-ingest")
        store = Store(fleet.nats, 11)

        def flipped():
            store.flip(holder="checkpoints")
            store.flip(holder="isobar-")
        kinds = [("flipped", fleet.nats.stop, flipped), ("truncated", fleet.nats.kill, store.truncate),
                 ("emptied", fleet.nats.kill, store.empty)]
        for kind in kinds if LONG else kinds[::2]:
            self.damaged_once(fleet, store, *kind)
        victim = max(fleet.held(), key=fleet.held().get)
        lost = fleet.held()[victim]
        process, _ = fleet.shards.pop(victim)
        moved = sum(fleet.shard_metric(o, "shard_takeovers_total") for o in fleet.shards) + lost
        process.kill()
        # The list of symbols is whoever's who made it; a shard that starts anew would not know them.
        fleet.symbols_command("add", "--kind=futures", *FUTURES)
        # Held, and the worker behind each lease runs.
        eventually(lambda: sum(fleet.shard_metric(o, "shard_takeovers_total") for o in fleet.shards) >= moved
                   and sum(fleet.held().values()) == len(FUTURES), 60, lambda: f"moved: {fleet.held()} {fleet.logs()}")
        for ordinal in fleet.shards:
            self.assertEqual(fleet.shard_metric(ordinal, "shard_self_fences_total"), 0, fleet.logs())
        for ordinal in fleet.shards:
            self.assertEqual(fleet.shard_metric(ordinal, "radar_physics_checkpoints_refused_total"), 0)
        return process.name

    def damaged_once(self, fleet, store, name, stop, damage):
        eventually(lambda: all(fleet.shard_metric(o, "radar_physics_checkpoints_total") >= 2 * fleet.held()[o] for o in fleet.shards),
                   60, lambda: f"checkpoints: {fleet.logs()}")
        before = {o: losses(port) for o, (_, port) in fleet.shards.items()}
        written = {o: fleet.shard_metric(o, "radar_physics_checkpoints_total") for o in fleet.shards}
        stop()
        damage()
        began = time.monotonic()
        fleet.nats.start()
        eventually(lambda: store.server_lives() and all(losses(port) > before[o] for o, (_, port) in fleet.shards.items()), 30,
                   lambda: f"{name}: noticed: {before} {fleet.logs()}\n{fleet.nats.process.output()[-3000:]}")
        noticed = time.monotonic() - began
        eventually(lambda: all(fleet.shard_metric(o, "radar_physics_checkpoints_total") >= written[o] + fleet.held()[o]
                               for o in fleet.shards), 30, lambda: f"{name}: checkpoints again: {fleet.logs()}")
        again = time.monotonic() - began
        said = sorted({re.sub(r"^.*store lost what=", "", line)[:150] for p, _ in fleet.shards.values()
                       for line in p.output().splitlines() if "store lost what=" in line})
        self.assertTrue(said)
        print(f"{name}: noticed by every shard {noticed:.2f} s after the broker's start, all checkpoints written anew after {again:.2f} s; "
              + f"said e.g. {said[-1]}")


class Local(unittest.TestCase):
    """The same with checkpoints on a local disk: the one before stands in, and producers have the frames behind it."""

    RUN = ["--venue=e2e", "--mode=replay", "--futures=ES", "--gamma-fuel.options=feed", "--radar-physics.side-gex=true",
           "--radar-physics.side-levels=true", "--feed-ingest.source=dbn"]
    CHECKPOINTS = [f"--{s}.{o}" for s in ("radar-physics", "gamma-fuel")
                   for o in ("checkpoint-windows=5", "checkpoint-ms-min=0", "resume=true")]

    def run_once(self, folder, speed, disturb):
        folder.mkdir()
        nats = Nats(folder).start()
        listener = Process([BIN / "isobar", "digest", f"--bus={nats.url}", "--symbols=ES", "--limit-s=60"], folder, "listener")
        cluster = Cluster(folder, nats.url, [*self.RUN, *self.CHECKPOINTS, f"--feed-ingest.files={self.file}",
                                             f"--feed-ingest.speed={speed}"], ["feed-ingest", "gamma-fuel", "radar-physics"]).start_all()
        try:
            disturb(cluster)
            code = listener.wait(90)
            assert code == 0, f"exit {code}:\n{listener.output()[-2000:]}" + "".join(p.output()[-1500:] for p in cluster.processes.values())
            return [digest_of(kind, listener.output()) for kind in ("medium", "gamma")]
        finally:
            cluster.kill()
            listener.kill()
            nats.kill()

    def test_damaged_files_give_way_to_the_ones_before(self):
        with scratch() as folder:
            self.file = folder / "es.dbn.zst"
            made = subprocess.run([BIN / "isobar", "simulate", "--dbn", self.file, "--symbol=ES", "--sim.duration-ms=40000",
                                   "--sim.futures-events-per-second=100"], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(made.returncode, 0, made.stderr)
            want = self.run_once(folder / "calm", 0, lambda cluster: None)
            self.assertEqual(self.run_once(folder / "storm", 12, self.damage), want)
            print(f"\ndamaged local checkpoints: digests {want} with and without")

    def damage(self, cluster):
        seeded = random.Random(13)
        for service, word, file in (("radar-physics", "radar_physics", "radar.ckpt"), ("gamma-fuel", "gamma_fuel", "gamma.ckpt")):
            eventually(lambda s=service, w=word: (metric(cluster.http[s], f"isobar_{w}_checkpoints_total") or 0) >= 2, 30,
                       f"{service}: two checkpoints")
            cluster.processes[service].kill()
            found = list((cluster.folder / "data" / service).rglob(file))
            self.assertEqual(len(found), 1, list((cluster.folder / "data").rglob("*")))
            data = bytearray(found[0].read_bytes())
            for _ in range(3):
                data[seeded.randrange(24, len(data))] ^= 1 << seeded.randrange(8)
            found[0].write_bytes(data)
            cluster.start(service)
            eventually(lambda s=service, w=word: metric(cluster.http[s], f"isobar_{w}_checkpoints_refused_total") == 1, 30,
                       f"{service}: refused\n{cluster.processes[service].output()[-2000:]}")
            self.assertIn("checkpoint refused", cluster.processes[service].output())


class Live(unittest.TestCase):
    """A live surface: not ready while the broker is away, fresh again behind it, and the store holds again what restarting services
    begin from."""

    def test_the_surface_comes_back_and_the_store_is_filled_again(self):
        with scratch() as folder:
            nats = Nats(folder).start()
            self.cluster = Cluster(folder, nats.url, ["--symbols=SPX", "--venue=e2e", "--sim.seed=3", "--sim.quotes-per-second=2000",
                                                      "--chain-ingest.interval-ms=2000", "--sim.geometry-change-ms=0",
                                                      "--heatmap-builder.kv-interval-ms=500"], SERVICES).start_all()
            store = Store(nats, 12)
            try:
                self.cluster.ready(60)
                kinds = [("emptied", nats.kill, store.empty), ("flipped", nats.stop, store.flip),
                         ("descriptions spoilt", nats.stop, store.spoil_descriptions), ("truncated", nats.kill, store.truncate)]
                for kind in kinds if LONG else kinds[:1]:
                    self.fresh(kind[0])
                    self.damaged_once(store, *kind)
            finally:
                self.cluster.kill()
                nats.kill()

    def value(self, service, name, label=""):
        return metric(self.cluster.http[service], f"isobar_{service.replace('-', '_')}_{name}", label) or 0

    def surface(self):
        done = subprocess.run([BIN / "isobar", "query", f"--grpc=127.0.0.1:{self.cluster.grpc['heatmap-builder']}", "--format=json", "surface",
                               "SPX", "--strike-from=9000000"], capture_output=True, text=True, timeout=20, check=False)
        return json.loads(done.stdout)["info"] if done.returncode == 0 else None

    def fresh(self, name):
        """Trusted surfaces, one after the other."""
        first = self.value("heatmap-builder", "revision")
        eventually(lambda: self.value("heatmap-builder", "revision") >= first + 1000, 30, f"{name}: surfaces go on")
        eventually(lambda: (self.surface() or {}).get("quality") in ("QUALITY_OK", "QUALITY_SYNTHETIC"), 30,
                   f"{name}: trusted: {self.surface()}")

    def damaged_once(self, store, name, stop, damage):
        writers = {"chain-ingest": "chains", "epoch-manager": "epochs", "heatmap-builder": "heatmap"}
        before = {s: losses(self.cluster.http[s], b) for s, b in writers.items()}
        stop()
        damage()
        for service in SERVICES:
            eventually(lambda s=service: http(self.cluster.http[s], "/readyz")[0] == 503, 10, f"{service} says that it is not ready")
        began = time.monotonic()
        store.nats.start()
        for service, bucket in writers.items():
            eventually(lambda s=service, b=bucket: store.server_lives() and losses(self.cluster.http[s], b) > before[s], 30,
                       f"{name}: {service} noticed")
        noticed = time.monotonic() - began
        self.cluster.ready(30)
        self.fresh(name)
        fresh = time.monotonic() - began
        # What a service that starts anew begins from is there again: with it, it need not wait for the next epoch.
        self.cluster.processes["ws-hydrator"].kill()
        self.cluster.start("ws-hydrator")
        self.cluster.ready(30)
        self.fresh(name)
        for service in SERVICES:
            self.assertTrue(self.cluster.processes[service].alive(), service)
        print(f"\n{name}: noticed by every writer {noticed:.2f} s after the broker's start, a fresh trusted surface after {fresh:.2f} s; "
              "ws-hydrator killed and started: ready from the store")


if __name__ == "__main__":
    unittest.main()
