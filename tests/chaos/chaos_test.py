"""A replay whose digest is known, under a seeded schedule of faults: what comes out is right or flagged, never silently
wrong, and in the end it is what the undisturbed run gave, byte for byte.

ISOBAR_CHAOS_FAULTS (300) and ISOBAR_CHAOS_SEED (1) choose the schedule, ISOBAR_CHAOS_KINDS (all) the kinds in it;
./dev chaos runs this. Needs root: for a tmpfs and for network namespaces."""

import asyncio
import collections
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

FAULTS = int(os.environ.pop("ISOBAR_CHAOS_FAULTS", "300"))
SEED = int(os.environ.pop("ISOBAR_CHAOS_SEED", "1"))
ONLY = [kind for kind in os.environ.pop("ISOBAR_CHAOS_KINDS", "").split(",") if kind]

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from suite import BIN, FUTURES, Cluster, Nats, Process, free_port, scratch  # noqa: E402

from faults import Disk, Injector, Wire, schedule  # noqa: E402
from nats_wire import TRUSTED, Listener, Proxy  # noqa: E402
from watch import Lookout, answer, line, recorded  # noqa: E402

OUTPUTS = ["isobar.radar.>", "isobar.gex.>", "isobar.level.>"]
RUN = ["--venue=chaos", "--mode=replay", "--futures=ES", "--gamma-fuel.options=feed", "--radar-physics.side-gex=true",
       "--radar-physics.side-levels=true", "--feed-ingest.source=dbn", "--radar-physics.history-windows=100000",
       "--radar-physics.history-bytes-max=1073741824", "--streams-bytes-max=16777216"]
RECOVERY = [f"--{service}.{option}" for service in ("radar-physics", "gamma-fuel")
            for option in ("checkpoint-windows=10", "checkpoint-ms-min=0", "record=true", "resume=true")]
SPEED = 4  # event seconds a second: a window every quarter of one
SPACING_S = 1  # between the beginnings of two faults, at least
FAULT_S = 2  # the input has so many seconds of the clock for each
CALM_S = 10  # before the first
HEAL_LIMIT_S = 90
SILENCE_LIMIT_S = 15  # longest time without news and without a sign: what a consumer waits for an answer before it gives up


class Broker(Nats):
    """The end-to-end tests' broker; its store lies at a known place."""

    @property
    def store(self):
        return self.folder / "jetstream"


class Hosts(Cluster):
    """Every service on a host of its own: a network namespace whose only way out is the wire to the proxy."""

    def __init__(self, folder, port, options, wires):
        super().__init__(folder, "", options, FUTURES)
        self.port, self.wires = port, dict(zip(self.services, wires))

    def start(self, service):
        wire = self.wires[service]
        self.processes[service] = Process(
            ["ip", "netns", "exec", wire.name, BIN / service, f"--bus=nats://{wire.here}:{self.port}",
             f"--grpc={wire.there}:{self.grpc[service]}", f"--http={wire.there}:{self.http[service]}",
             f"--data-dir={self.folder / 'data'}", *self.options_of(service)], self.folder.parent, service)

    def address(self, service, ports):
        return self.wires[service].there, ports[service]


class Stage:
    """A broker, a proxy before it, the services behind that, and those who watch."""

    def __init__(self, folder, options):
        folder.mkdir()
        self.folder = folder
        with contextlib.ExitStack() as undo:
            self.disk = Disk(folder / "disk", 64)
            undo.callback(self.disk.close)
            wires = [Wire(number) for number in range(len(FUTURES))]
            for wire in wires:
                undo.callback(wire.close)
                wire.make()
            self.broker = Broker(folder)
            undo.callback(lambda: self.broker.kill() if self.broker.process else None)
            self.broker.start()
            self.proxy = Proxy(free_port(), self.broker.port)
            self.cluster = Hosts(self.disk.folder, self.proxy.port, options, wires)
            undo.callback(self.cluster.kill)
            self.listener = Listener(self.broker.port, OUTPUTS)
            self.lookout = Lookout({s: self.cluster.address(s, self.cluster.http) for s in self.cluster.services})
            self.listener.on_news = self.lookout.frame
            self.undo = undo.pop_all()

    async def __aenter__(self):
        await self.proxy.start([wire.here for wire in self.cluster.wires.values()])
        self.tasks = [asyncio.create_task(work) for work in (self.listener.run(), self.lookout.run())]
        self.cluster.start_all()
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        self.undo.close()

    def failed(self):
        """The end of the output of a service that ended by itself."""
        return next((f"{name}: {p.output()[-3000:]}" for name, p in self.cluster.processes.items() if not p.alive()), None)

    async def until(self, condition, limit, what):
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                logs = "".join(f"\n--- {name}\n{p.output()[-2000:]}" for name, p in self.cluster.processes.items())
                raise AssertionError(f"not within {limit} s: {what}; last signs {self.lookout.signs[-5:]}{logs}")
            if failed := self.failed():
                raise AssertionError(failed)
            await asyncio.sleep(0.01)

    async def end(self, subjects):
        """Until the end of the input has passed through every one of these subjects, and nothing follows."""
        await self.until(lambda: subjects <= self.listener.ended, 120, f"the end; it came on {sorted(self.listener.ended)}")
        quiet, known = time.monotonic(), -1
        while time.monotonic() < quiet + 2:
            await asyncio.sleep(0.1)
            if self.listener.frames != known:
                quiet, known = time.monotonic(), self.listener.frames

    def query(self, *words):
        host, port = self.cluster.address("radar-physics", self.cluster.grpc)
        return [BIN / "isobar", "query", f"--grpc={host}:{port}", *words]


def recordings_digest(folder):
    """What `isobar digest` says about what the services recorded."""
    out = []
    for service in ("radar-physics", "gamma-fuel"):
        done = subprocess.run([BIN / "isobar", "digest", "--recording", folder / service], capture_output=True, text=True, check=False,
                              timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"{service}: {done.stderr}")
        out += re.findall(r"^(?:medium|gamma) digest [0-9a-f]{16} over \d+ frames", done.stdout, re.M)
    return out


class Run:
    """What came of one replay: what was published and heard, what was recorded, what clients were told."""

    def __init__(self):
        self.heard, self.recordings, self.columns = {}, {}, {}
        self.digests, self.subjects = [], set()


class Chaos(unittest.TestCase):
    maxDiff = None

    def test_a_replay_survives(self):
        async def ended_in_order():
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
            await self.survive()
        asyncio.run(ended_in_order())

    async def survive(self):
        faults = schedule(SEED, FAULTS, ONLY)
        print(f"seed {SEED}, {FAULTS} faults: {dict(collections.Counter(kind for group in faults for kind, _ in group))}", flush=True)
        with scratch() as folder:
            # A schedule that takes longer than its input is refused below.
            self.windows = (FAULTS * FAULT_S + 2 * CALM_S) * SPEED
            self.file = folder / "es.dbn.zst"
            made = subprocess.run([BIN / "isobar", "simulate", "--dbn", self.file, f"--sim.seed={SEED}",
                                   f"--sim.duration-ms={self.windows * 1000}", "--sim.futures-events-per-second=100", "--sim.futures-orders=1000"],
                                  capture_output=True, text=True, check=False, timeout=600)
            self.assertEqual(made.returncode, 0, made.stderr)
            calm = await self.calm(folder)
            print("undisturbed: " + "; ".join(calm.digests), flush=True)
            stormy = await self.storm(folder, calm, faults)
            print("disturbed:   " + "; ".join(stormy.digests))
            self.judge(calm, stormy)

    def options(self, speed):
        return [*RUN, *RECOVERY, "--feed-ingest.resume=true", f"--feed-ingest.files={self.file}", f"--feed-ingest.speed={speed}"]

    async def calm(self, folder):
        run = Run()
        async with Stage(folder / "calm", self.options(0)) as stage:
            await stage.until(lambda: len(stage.listener.ended) > 3, 120, "the first end")
            await stage.end(set(stage.listener.ended))
            run.columns = await self.all_columns(stage)
            run.subjects = set(stage.listener.ended)
            await self.finish(stage, run)
        self.assertEqual(run.heard, run.recordings, "what an undisturbed run says is what it records")
        return run

    async def all_columns(self, stage):
        """{revision: column} of the whole run, asked for in portions below the size of a message."""
        out, oldest = {}, None
        while True:
            words = ["radar", "ES", "--columns=400"] + ([f"--as-of={oldest}"] if oldest else [])
            got = [c for c in (await answer(stage.query(), *words) or {}).get("columns", []) if c["window"]["revision"] not in out]
            if not got:
                return out
            out.update({c["window"]["revision"]: c for c in got})
            first = int(got[0]["window"]["revision"])
            oldest = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(first // 1000)) + f".{first % 1000:03}Z"

    async def finish(self, stage, run):
        codes = await asyncio.to_thread(stage.cluster.stop)
        self.assertEqual(set(codes.values()), {0}, f"every service ends in order: {codes}")
        run.heard = stage.listener.heard
        run.recordings = recorded(stage.disk.folder / "data")
        run.digests = recordings_digest(stage.disk.folder / "data")

    async def storm(self, folder, calm, faults):
        run = Run()
        async with Stage(folder / "storm", self.options(SPEED)) as stage:
            asking = asyncio.create_task(self.client(stage, run))
            stage.lookout.usual = calm.heard
            await self.torment(stage, faults, self.busy_subjects(calm))
            asking.cancel()
            # What is left of the input goes at once.
            await asyncio.to_thread(stage.cluster.processes["feed-ingest"].terminate)
            stage.cluster.options = self.options(0)
            stage.cluster.start("feed-ingest")
            await stage.end(calm.subjects)
            await self.finish(stage, run)
        return run

    def busy_subjects(self, calm):
        """Those with a frame in three of four windows."""
        frames = collections.Counter(subject for subject, _ in calm.heard)
        return {subject for subject, count in frames.items() if count >= self.windows * 3 / 4}

    async def client(self, stage, run):
        """Asks for the newest column all the time; what it was told is judged at the end."""
        run.asked = run.told = 0
        while True:
            await asyncio.sleep(0.5)
            run.asked += 1
            said = await answer(stage.query(), "radar", "ES", "--columns=1")
            for column in (said or {}).get("columns", []):
                run.told += 1
                run.columns.setdefault(column["window"]["revision"], []).append((column, said["quality"]))

    async def torment(self, stage, faults, busy):
        """One group of faults after the other. Healed: since it was over every service has said that it is ready, and there was
        something new on every subject that is never quiet for long."""
        injector = Injector(stage.cluster, stage.broker, stage.proxy, stage.disk)
        heal, flag, silent = {}, {}, []
        await asyncio.sleep(CALM_S)
        done = 0
        for group in faults:
            done += len(group)
            self.assertFalse(stage.listener.ended, f"the input ended before fault {done}: healing took longer than FAULT_S allows")
            began = time.monotonic()
            what = await injector.do(group)
            over = time.monotonic()
            await stage.until(lambda: stage.lookout.flows_since(busy, over) and stage.lookout.all_ready_since(over),  # noqa: B023
                              HEAL_LIMIT_S, f"healed of {what}")
            healed = time.monotonic()
            kind = group[0][0] if len(group) == 1 else "several"
            heal.setdefault(kind, []).append(healed - over)
            sign = stage.lookout.first_sign(began, healed)
            silence = stage.lookout.longest_silence(began, healed)
            if sign is not None:
                flag.setdefault(kind, []).append(sign - began)
            else:
                silent.append(silence)
            print(f"{done:4}/{FAULTS}  took {over - began:5.2f} s, {'not flagged  ' if sign is None else f'flagged {sign - began:5.2f}'}, "
                  f"healed {healed - over:5.2f}, silent {silence:5.2f}  {what}", flush=True)
            await asyncio.sleep(max(0.0, SPACING_S - (time.monotonic() - began)))
        for name, of in (("heal", heal), ("flag", flag)):
            for kind, values in sorted(of.items()):
                print(line(f"time to {name}, {kind}", values))
            print(line(f"time to {name}, all", [v for values in of.values() for v in values]))
        print(line("longest silence of a fault that nothing flagged", silent))
        print(f"frames spoilt: {stage.proxy.spoilt}")
        print("signs: " + "; ".join(f"{count} x {why}" for why, count in stage.lookout.reasons.most_common(20)))
        self.assertLess(max(silent, default=0), SILENCE_LIMIT_S, "an outage that nothing flagged")

    def judge(self, calm, stormy):
        """What was said in the storm is what was said in the calm, or carries a flag; and nothing was left out."""
        wrong, flagged, missing = [], [], []
        for name, said in (("heard", stormy.heard), ("recorded", stormy.recordings)):
            for key, versions in said.items():
                right = {digest for digest, _ in calm.heard.get(key, [])}
                for digest, quality in versions:
                    if digest not in right:
                        (wrong if quality in TRUSTED else flagged).append((name, *key, quality))
        for key in calm.heard:
            if key not in stormy.recordings and key not in stormy.heard:
                missing.append(key)
        for revision, answers in stormy.columns.items():
            for column, quality in answers:
                if column != calm.columns.get(revision):
                    (wrong if quality in ("QUALITY_OK", "QUALITY_SYNTHETIC") else flagged).append(("told", revision, 0, quality))
        print(f"{len(calm.heard)} frames undisturbed; disturbed {len(stormy.heard)} heard while the broker lived, "
              f"{len(stormy.recordings)} recorded, {len(missing)} neither; {stormy.told} of {stormy.asked} questions of a client answered; "
              f"{len(flagged)} flagged, {len(wrong)} silently wrong")
        self.assertEqual(wrong[:20], [])
        self.assertEqual(flagged[:20], [])
        self.assertEqual(missing[:20], [])
        self.assertEqual(stormy.digests, calm.digests, "the recordings of the disturbed run")


if __name__ == "__main__":
    unittest.main()
