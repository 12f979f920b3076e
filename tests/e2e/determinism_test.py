"""Same inputs and configuration give the same bytes: one digest over every emitted frame, whatever the bus, the number of
threads, the intake batch size, and however often it is run."""

import re
import unittest

from suite import BIN, SHARED, Cluster, Nats, Process, scratch

# Twelve seconds of a market that changes its geometry on the way, as fast as it goes.
MARKET = ["--sim.seed=7", "--sim.speed=0", "--sim.duration-ms=12000", "--sim.quotes-per-second=4000",
          "--sim.geometry-change-ms=5000", "--chain-ingest.interval-ms=2000"]
RUN = ["--venue=e2e", "--mode=replay", "--symbols=SPX"]


def digest_of(output):
    found = re.search(r"^digest ([0-9a-f]{16}) over (\d+) frames$", output, re.M)
    assert found, f"no digest in:\n{output[-4000:]}"
    return found.group(1), int(found.group(2))


def embedded(folder, name, *options):
    process = Process([BIN / "isobar", "replay", *RUN, *MARKET, f"--data-dir={folder / name}", *options], folder, name)
    code = process.wait(180)
    assert code == 0, f"exit {code}:\n{process.output()[-4000:]}"
    return process.output()


def over_nats(folder, name, *options):
    nats = Nats(folder).start()
    try:
        listener = Process([BIN / "isobar", "digest", f"--bus={nats.url}", "--symbols=SPX", "--limit-s=150", "--verbose"], folder, name)
        cluster = Cluster(folder, nats.url, [*RUN, *MARKET, *options]).start_all()
        try:
            code = listener.wait(180)
            logs = "".join(p.output()[-1500:] for p in cluster.processes.values())
            assert code == 0, f"exit {code}:\n{listener.output()[-3000:]}\n{logs}"
            return listener.output()
        finally:
            cluster.kill()
            listener.kill()
    finally:
        nats.kill()


class Determinism(unittest.TestCase):
    def test_digest_is_the_same_however_it_is_run(self):
        with scratch() as folder:
            first = embedded(folder, "first", "--threads=2")
            want = digest_of(first)
            self.assertGreater(want[1], 100)
            self.assertGreaterEqual(first.count("\nepoch ") + first.startswith("epoch "), 2, first)
            runs = {"again": ["--threads=2"], "one thread": ["--threads=1"], "batches of 1": ["--ws-hydrator.batch-size=1"],
                    "batches of 4096": ["--ws-hydrator.batch-size=4096"]}
            for name, options in runs.items():
                with self.subTest(name):
                    self.assertEqual(digest_of(embedded(folder, name.replace(" ", "-"), *options)), want)
            with self.subTest("one process per service over NATS"):
                self.assertEqual(digest_of(over_nats(folder, "nats")), want)

    def test_another_seed_gives_another_digest(self):
        with scratch() as folder:
            self.assertNotEqual(digest_of(embedded(folder, "seven")), digest_of(embedded(folder, "eight", "--sim.seed=8")))

    def test_real_chains_give_one_epoch_per_geometry(self):
        chains = SHARED / "data" / "options" / "spx-eod-2019"
        if not chains.exists():
            self.skipTest(f"real data absent: {chains} (set ISOBAR_SHARED)")
        with scratch() as folder:
            process = Process([BIN / "isobar", "replay", "--chains", chains, f"--data-dir={folder}"], folder, "eod")
            self.assertEqual(process.wait(240), 0, process.output()[-4000:])
            output = process.output()
            print(output)
            epochs = re.findall(r"^epoch (\d+) of SPX from (\S+): (.+); \d+ expiries, \d+ strikes, geometry (\w+)$", output, re.M)
            self.assertEqual([int(e[0]) for e in epochs], list(range(1, len(epochs) + 1)))
            hashes = [e[3] for e in epochs]
            self.assertTrue(all(a != b for a, b in zip(hashes, hashes[1:])), "an epoch began without a change of geometry")
            self.assertEqual(epochs[0][2], "first")
            # Every trading day an expiry leaves or enters, so each of the twelve files is another geometry.
            self.assertEqual(len(epochs), 12)


if __name__ == "__main__":
    unittest.main()
