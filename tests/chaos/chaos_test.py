"""A replay whose digest is known, under a seeded schedule of faults: what comes out is right or flagged, never silently
wrong, and in the end it is what the undisturbed run gave, byte for byte.

ISOBAR_CHAOS_FAULTS (300) and ISOBAR_CHAOS_SEED (1) choose the schedule, ISOBAR_CHAOS_KINDS (all) the kinds in it;
./dev chaos runs this. Needs root: for a tmpfs and for network namespaces."""

import asyncio
import collections
import re
import subprocess
import time
import unittest

from stage import BIN, FAULTS, ONLY, SEED, Stage, ended_in_order  # noqa: I001 - finds the end-to-end tests' helpers
from suite import FUTURES, scratch

from faults import schedule
from nats_wire import TRUSTED
from watch import answer, recorded

OUTPUTS = ["isobar.radar.>", "isobar.gex.>", "isobar.level.>"]
RUN = ["--venue=chaos", "--mode=replay", "--futures=ES", "--gamma-fuel.options=feed", "--radar-physics.side-gex=true",
       "--radar-physics.side-levels=true", "--feed-ingest.source=dbn", "--radar-physics.history-windows=100000",
       "--radar-physics.history-bytes-max=1073741824", "--radar-physics.wall-ticks=100", "--streams-bytes-max=16777216"]
RECOVERY = [f"--{service}.{option}" for service in ("radar-physics", "gamma-fuel")
            for option in ("checkpoint-windows=10", "checkpoint-ms-min=0", "record=true", "resume=true")]
SESSION = [f"--sim.seed={SEED}", "--sim.futures-events-per-second=100", "--sim.futures-orders=1000"]
SPEED = 4  # event seconds a second: a window every quarter of one
FAULT_S = 2  # the input has so many seconds of the clock for each
CALM_S = 10  # before the first


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
        ended_in_order(self.survive)

    async def survive(self):
        faults = schedule(SEED, FAULTS, ONLY)
        print(f"seed {SEED}, {FAULTS} faults: {dict(collections.Counter(kind for group in faults for kind, _ in group))}", flush=True)
        with scratch() as folder:
            # A schedule that takes longer than its input is refused below.
            self.windows = (FAULTS * FAULT_S + 2 * CALM_S) * SPEED
            self.file = folder / "es.dbn.zst"
            made = subprocess.run([BIN / "isobar", "simulate", "--dbn", self.file, *SESSION, f"--sim.duration-ms={self.windows * 1000}"],
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
        async with Stage(folder / "calm", FUTURES, self.options(0), OUTPUTS) as stage:
            await stage.until(lambda: len(stage.listener.ended) > 3, 120, "the first end")
            await stage.end(set(stage.listener.ended))
            run.columns = await self.all_columns(stage)
            run.subjects = set(stage.listener.ended)
            await self.finish(stage, run)
        self.assertGreater(len(run.recordings), self.windows * 3)
        for key, versions in run.heard.items():  # not all: it was said faster than this program may hear
            self.assertEqual(versions, run.recordings.get(key), f"{key} undisturbed: said, and recorded")
        return run

    async def all_columns(self, stage):
        """{revision: column} of the whole run, asked for in portions below the size of a message."""
        out, oldest = {}, None
        while True:
            words = ["radar", "ES", "--columns=400"] + ([f"--as-of={oldest}"] if oldest else [])
            columns = (await answer(stage.query("radar-physics"), *words) or {}).get("columns", [])
            got = [c for c in columns if c["window"]["revision"] not in out]
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
        async with Stage(folder / "storm", FUTURES, self.options(SPEED), OUTPUTS) as stage:
            asking = asyncio.create_task(self.client(stage, run))
            stage.lookout.usual = calm.recordings
            await asyncio.sleep(CALM_S)
            await stage.torment(faults, self.busy_subjects(calm))
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
        frames = collections.Counter(subject for subject, *_ in calm.recordings)
        return {subject for subject, count in frames.items() if count >= self.windows * 3 / 4}

    async def client(self, stage, run):
        """Asks for the newest column all the time; what it was told is judged at the end."""
        run.asked = run.told = 0
        while True:
            await asyncio.sleep(0.5)
            run.asked += 1
            said = await answer(stage.query("radar-physics"), "radar", "ES", "--columns=1")
            for column in (said or {}).get("columns", []):
                run.told += 1
                run.columns.setdefault(column["window"]["revision"], []).append((column, said["quality"]))

    def judge(self, calm, stormy):
        """What was said in the storm is what was recorded in the calm, or carries a flag; and nothing was left out."""
        wrong, flagged, missing = [], [], []
        for name, said in (("heard", stormy.heard), ("recorded", stormy.recordings)):
            for key, versions in said.items():
                right = {digest for digest, _ in calm.recordings.get(key, [])}
                for digest, quality in versions:
                    if digest not in right:
                        (wrong if quality in TRUSTED else flagged).append((name, *key, quality))
        for key in calm.recordings:
            if key not in stormy.recordings and key not in stormy.heard:
                missing.append(key)
        for revision, answers in stormy.columns.items():
            for column, quality in answers:
                if column != calm.columns.get(revision):
                    (wrong if quality in ("QUALITY_OK", "QUALITY_SYNTHETIC") else flagged).append(("told", revision, 0, quality))
        print(f"{len(calm.recordings)} frames undisturbed; disturbed {len(stormy.heard)} heard while the broker lived, "
              f"{len(stormy.recordings)} recorded, {len(missing)} neither; {stormy.told} of {stormy.asked} questions of a client answered; "
              f"{len(flagged)} flagged, {len(wrong)} silently wrong")
        self.assertEqual(wrong[:20], [])
        self.assertEqual(flagged[:20], [])
        self.assertEqual(missing[:20], [])
        self.assertEqual(stormy.digests, calm.digests, "the recordings of the disturbed run")


if __name__ == "__main__":
    unittest.main()
