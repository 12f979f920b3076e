"""A replay whose digest is known, under a seeded schedule of faults: what comes out is right or flagged, never silently
wrong, and in the end it is what the undisturbed run gave, byte for byte.

ISOBAR_CHAOS_FAULTS (300) and ISOBAR_CHAOS_SEED (1) choose the schedule; ./dev chaos runs this."""

import asyncio
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
import unittest

SEED = int(os.environ.pop("ISOBAR_CHAOS_SEED", "1"))
FAULTS = int(os.environ.pop("ISOBAR_CHAOS_FAULTS", "300"))

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from suite import BIN, FUTURES, Cluster, Nats, Process, free_port, http, scratch  # noqa: E402

from faults import Disk, Injector, Wire, schedule  # noqa: E402
from nats_wire import QUALITY, TRUSTED, Listener, Proxy  # noqa: E402

OUTPUTS = ["isobar.radar.>", "isobar.gex.>", "isobar.level.>"]
RUN = ["--venue=chaos", "--mode=replay", "--futures=ES", "--gamma-fuel.options=feed", "--radar-physics.side-gex=true",
       "--radar-physics.side-levels=true", "--feed-ingest.source=dbn"]
RECOVERY = ["--radar-physics.checkpoint-windows=10", "--radar-physics.checkpoint-ms-min=0", "--radar-physics.record=true",
            "--radar-physics.resume=true", "--gamma-fuel.checkpoint-windows=10", "--gamma-fuel.checkpoint-ms-min=0",
            "--gamma-fuel.record=true", "--gamma-fuel.resume=true", "--feed-ingest.resume=true"]
HEAL_LIMIT_S = 60


def recording_digest(folder, service):
    done = subprocess.run([BIN / "isobar", "digest", "--recording", folder / service], capture_output=True, text=True, check=False,
                          timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{service}: {done.stderr}")
    return re.findall(r"^(?:medium|gamma) digest [0-9a-f]{16} over \d+ frames", done.stdout, re.M)


class Broker(Nats):
    """The end-to-end tests' broker, with its store at a known place."""

    @property
    def store(self):
        return self.folder / "jetstream"


class Isolated(Cluster):
    """One service behind a wire, the others on this host."""

    def __init__(self, folder, port, options, wire, isolated):
        super().__init__(folder, f"nats://127.0.0.1:{port}", options, FUTURES)
        self.wire, self.isolated, self.port = wire, isolated, port

    def start(self, service):
        if service != self.isolated or not self.wire.made:
            return super().start(service)
        self.processes[service] = Process(
            ["ip", "netns", "exec", self.wire.name, BIN / service, f"--bus=nats://{self.wire.here}:{self.port}",
             f"--grpc={self.wire.there}:{self.grpc[service]}", f"--http={self.wire.there}:{self.http[service]}",
             f"--data-dir={self.folder / 'data'}", *self.options_of(service)], self.folder, service)


def line(name, values):
    values = sorted(values)
    if not values:
        return f"{name}: none"
    at = lambda q: values[min(len(values) - 1, int(q * len(values)))]  # noqa: E731
    return (f"{name}: median {statistics.median(values):.2f} s, p90 {at(.9):.2f} s, p99 {at(.99):.2f} s, worst {values[-1]:.2f} s "
            f"({len(values)})")


class Chaos(unittest.IsolatedAsyncioTestCase):
    maxDiff = None

    async def test_a_replay_survives(self):
        print(f"seed {SEED}, {FAULTS} faults")
        with scratch() as folder:
            # At the pace of the session, a fault about every second and time for the last to heal.
            self.file = folder / "es.dbn.zst"
            made = subprocess.run([BIN / "isobar", "simulate", "--dbn", self.file, "--symbol=ES", f"--sim.seed={SEED}",
                                   f"--sim.duration-ms={(FAULTS + 30) * 1000}"], capture_output=True, text=True, check=False, timeout=600)
            self.assertEqual(made.returncode, 0, made.stderr)
            calm, expected = await self.run_once(folder / "calm", speed=0, faults=[])
            print("undisturbed: " + "; ".join(expected))
            stormy, found = await self.run_once(folder / "storm", speed=1, faults=schedule(SEED, FAULTS))
            print("disturbed:   " + "; ".join(found))
            self.judge(calm, stormy)
            self.assertEqual(found, expected, "the recordings of the disturbed run")

    async def run_once(self, folder, speed, faults):
        """({(subject, sequence): versions heard}, digests of the recordings)."""
        folder.mkdir()
        wire, disk = Wire(os.getpid()), Disk(folder / "disk")
        broker = Broker(folder).start()
        proxy = Proxy(free_port(), broker.port)
        listener = Listener(broker.port, OUTPUTS)
        await proxy.start(wire.here if wire.made else None)
        cluster = Isolated(disk.folder, proxy.port, [*RUN, *RECOVERY, f"--feed-ingest.files={self.file}",
                                                     f"--feed-ingest.speed={speed}"], wire, "radar-physics")
        hearing = asyncio.create_task(listener.run())
        try:
            cluster.start_all()
            if faults:
                await self.torment(Injector(cluster, broker, proxy, disk, wire, "radar-physics"), listener, faults)
            await self.wait_for_end(cluster, listener)
            codes = await asyncio.to_thread(cluster.stop)
            self.assertEqual(set(codes.values()), {0}, "every service ends in order")
            return listener.heard, [d for s in ("radar-physics", "gamma-fuel") for d in recording_digest(disk.folder / "data", s)]
        finally:
            hearing.cancel()
            cluster.kill()
            broker.kill()
            disk.close()
            wire.close()

    async def torment(self, injector, listener, faults):
        """One fault after the other; after each the next frame that is news must come."""
        healed, impossible = {}, set()
        await self.news(listener, 0)
        for number, (kind, chance) in enumerate(faults, 1):
            if not injector.possible(kind):
                impossible.add(kind)
                kind = "pause"
            before = len(listener.heard)
            began = time.monotonic()
            what = await injector.do(kind, chance)
            over = time.monotonic()
            await self.news(listener, before)
            took = time.monotonic() - over
            healed.setdefault(kind, []).append(took)
            print(f"{number:4}/{len(faults)}  {kind:13} {over - began:5.2f} s, healed {took:5.2f} s  {what}", flush=True)
            await asyncio.sleep(max(0.0, 0.8 - (time.monotonic() - began)))
        for kind, values in sorted(healed.items()):
            print(line(f"time to heal, {kind}", values))
        print(line("time to heal, all", [v for values in healed.values() for v in values]))
        print(f"frames spoilt: {injector.proxy.spoilt}")
        if impossible:
            print(f"not possible here, replaced by pauses: {', '.join(sorted(impossible))}")

    async def news(self, listener, before):
        """Until more frames are known than before the fault and the flow goes on."""
        deadline = time.monotonic() + HEAL_LIMIT_S
        while len(listener.heard) <= before + 3:
            if time.monotonic() > deadline:
                raise AssertionError(f"no new frame within {HEAL_LIMIT_S} s")
            await asyncio.sleep(0.01)

    async def wait_for_end(self, cluster, listener):
        """Until the end of the input has passed through everything: no new frame, and every service at rest."""
        quiet, known = time.monotonic(), -1
        while time.monotonic() < quiet + 8:
            await asyncio.sleep(0.2)
            if len(listener.heard) != known:
                quiet, known = time.monotonic(), len(listener.heard)
            for name, process in cluster.processes.items():
                self.assertTrue(process.alive(), f"{name}: {process.output()[-3000:]}")

    def judge(self, calm, stormy):
        """What was heard in the storm is what was heard in the calm, or carries a flag."""
        silently_wrong, flagged = [], 0
        for key, versions in stormy.items():
            right = {digest for digest, _ in calm.get(key, [])}
            for digest, quality in versions:
                if digest in right:
                    continue
                if quality in TRUSTED:
                    silently_wrong.append((key, quality))
                else:
                    flagged += 1
        print(f"heard {len(stormy)} of {len(calm)} frames while the broker lived; {flagged} flagged versions, "
              f"{len(silently_wrong)} silently wrong")
        self.assertEqual(silently_wrong[:20], [])


if __name__ == "__main__":
    unittest.main()
