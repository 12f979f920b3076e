"""The options surface under a seeded schedule of faults: every surface that a client is given is the one of the undisturbed run as
of that window, or carries a flag, and so is the last.

Bytes on the bus are not compared: a lost window is healed by a base window, whose frames the undisturbed run does not have, and services
of this path that are killed begin a replay anew."""

import asyncio
import collections
import json
import time
import unittest

from stage import FAULTS, ONLY, SEED, Stage, ended_in_order  # noqa: I001 - finds the end-to-end tests' helpers
from suite import scratch

from faults import schedule
from watch import answer

SERVICES = ["chain-ingest", "epoch-manager", "ws-hydrator", "decomposer", "heatmap-builder"]
OUTPUTS = ["isobar.heatmap.*.*.tiles"]
MORTAL = SERVICES[1:]  # chain-ingest begins anew at the pace of its market: healing takes as long as the run has lasted
SPEED = 2
FAULT_S = 3  # the input has so many seconds of the clock for each
CALM_S = 10
RUN = ["--venue=chaos", "--mode=replay", "--symbols=SPX", f"--sim.seed={SEED}", "--sim.quotes-per-second=100", "--sim.burst-every-ms=0",
       "--sim.expirations=2", "--sim.strike-range-scale=0.4", "--sim.geometry-change-ms=120000", "--chain-ingest.interval-ms=1000",
       "--heatmap-builder.gradient=false", "--heatmap-builder.history-ms=86400000", "--heatmap-builder.history-bytes-max=1073741824",
       "--streams-bytes-max=16777216"]
TRUSTED = ("QUALITY_OK", "QUALITY_SYNTHETIC", "QUALITY_CROSSED_IN_FEED")


def values_of(said):
    """A surface without what only says how it came: numbers of frames, and how far the input is known to have gone."""
    info = {k: v for k, v in said["info"].items() if k not in ("watermark_ns", "quality")}
    return json.dumps([info, [{k: v for k, v in plane.items() if k != "header"} for plane in said["planes"]]])


class Surface(unittest.TestCase):
    def test_clients_are_told_the_truth(self):
        ended_in_order(self.survive)

    async def survive(self):
        count = max(1, FAULTS // 5)
        faults = schedule(SEED, count, ONLY)
        print(f"options surface: seed {SEED}, {count} faults: {dict(collections.Counter(kind for group in faults for kind, _ in group))}")
        duration = f"--sim.duration-ms={(count * FAULT_S + 2 * CALM_S) * SPEED * 1000}"
        with scratch() as folder:
            async with Stage(folder / "storm", SERVICES, [*RUN, duration, f"--sim.speed={SPEED}"], OUTPUTS,
                             mortal=MORTAL) as stage:
                told = await self.storm(stage, faults)
            async with Stage(folder / "calm", SERVICES, [*RUN, duration, "--sim.speed=0"], OUTPUTS) as stage:
                await stage.until(lambda: stage.listener.ended, 300, "the end of the undisturbed run")
                await stage.end(set(stage.listener.ended))
                await self.judge(stage, told)

    async def storm(self, stage, faults):
        """{revision: answers} of a client that asked all the time."""
        told = {}
        asking = asyncio.create_task(self.client(stage, told))
        await stage.until(lambda: stage.lookout.news, 60, "the first tiles")
        await asyncio.sleep(CALM_S)
        await stage.torment(faults, set(stage.lookout.newest))
        asking.cancel()
        last = await answer(stage.query("heatmap-builder"), "surface", "SPX", "--columns")
        self.assertIn(last["info"]["quality"], TRUSTED, "healed")
        told.setdefault(last["info"]["revision"], []).append(last)
        return told

    async def client(self, stage, told):
        while True:
            said = await answer(stage.query("heatmap-builder"), "surface", "SPX", "--columns")
            if said:
                told.setdefault(said["info"]["revision"], []).append(said)
            await asyncio.sleep(0.5)

    async def judge(self, stage, told):
        wrong, flagged, right = [], 0, 0
        for revision, answers in sorted(told.items()):
            at = int(revision)
            as_of = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // 1000)) + f".{at % 1000:03}Z"
            truth = await answer(stage.query("heatmap-builder"), "surface", "SPX", "--columns", f"--as-of={as_of}")
            for said in answers:
                if truth and values_of(said) == values_of(truth):
                    right += 1
                elif said["info"]["quality"] in TRUSTED:
                    wrong.append((revision, said["info"]["quality"], truth and truth["info"]["revision"]))
                else:
                    flagged += 1
        print(f"{right + flagged + len(wrong)} surfaces told to a client: {right} right, {flagged} flagged, {len(wrong)} silently wrong")
        self.assertGreater(right, len(told) // 2)
        self.assertEqual(wrong[:20], [])


if __name__ == "__main__":
    unittest.main()
