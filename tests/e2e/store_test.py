"""The broker's store damaged under a running suite: bits flipped, files cut, everything gone. Correctness never rests on it: services
say what was lost, make it again, and what comes out is what the undisturbed run gave.

ISOBAR_STORE_LONG=1: every kind of damage one after the other (./dev faults), not only an empty store."""

import json
import os
import random
import shutil
import subprocess
import time
import unittest

from shards_test import digest_of
from suite import BIN, SERVICES, Cluster, Nats, Process, eventually, http, metric, scratch

LONG = os.environ.pop("ISOBAR_STORE_LONG", "") == "1"


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
