"""The futures medium from a real file to the radar: the same bytes however it is run, killed and resumed included, and answers
as of any second."""

import json
import re
import subprocess
import time
import unittest

from suite import BIN, FUTURES, SHARED, Cluster, Nats, Process, eventually, free_port, metric, scratch

ESH4 = SHARED / "data/databento/glbx/esh4-glbx-mdp3-20231225-first-40000.mbo.dbn.zst"
RUN = ["--venue=e2e", "--mode=replay", "--futures=ESH4"]
# Services of their own: the radar waits for the landscape and the levels, as it does in one process.
SIDE = ["--gamma-fuel.options=feed", "--radar-physics.side-gex=true", "--radar-physics.side-levels=true"]
CHECKPOINTS = ["--radar-physics.checkpoint-windows=20", "--radar-physics.checkpoint-ms-min=0", "--gamma-fuel.checkpoint-windows=20",
               "--gamma-fuel.checkpoint-ms-min=0"]
FEED = ["--feed-ingest.source=dbn", f"--feed-ingest.files={ESH4}"]


def digest_of(kind, output):
    found = re.search(rf"^{kind} digest ([0-9a-f]{{16}}) over (\d+) frames", output, re.M)
    assert found, f"no {kind} digest in:\n{output[-4000:]}"
    return found.group(1), int(found.group(2))


def medium_digest(output):
    return digest_of("medium", output)


def both_digests(output):
    """Of radar-physics' frames and of gamma-fuel's."""
    return digest_of("medium", output), digest_of("gamma", output)


def replay(folder, name, *options):
    """A whole run; its output."""
    process = Process([BIN / "isobar", "replay", *RUN, *FEED, f"--data-dir={folder / name}", *options], folder, name)
    code = process.wait(180)
    assert code == 0, f"exit {code}:\n{process.output()[-4000:]}"
    return process.output()


def recording_digests(data_dir):
    def one(kind, service):
        done = subprocess.run([BIN / "isobar", "digest", "--recording", data_dir / service], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return digest_of(kind, done.stdout)
    return one("medium", "radar-physics"), one("gamma", "gamma-fuel")


def query(address, *words, check=True):
    done = subprocess.run([BIN / "isobar", "query", f"--grpc={address}", *words], capture_output=True, text=True, timeout=30)
    if check and done.returncode != 0:
        raise AssertionError(f"query {words}: exit {done.returncode}: {done.stderr}")
    return done


@unittest.skipUnless(ESH4.exists(), f"real data absent: {ESH4} (set ISOBAR_SHARED)")
class RealFile(unittest.TestCase):
    def test_one_digest_however_it_is_run(self):
        with scratch() as folder:
            first = replay(folder, "first", "--radar-physics.record=true", "--gamma-fuel.record=true")
            print(first)
            want = both_digests(first)
            self.assertGreater(want[0][1], 3 * 1500)  # surfaces, column and features of 26 minutes of live trading
            self.assertGreater(want[1][1], 3000)  # level sets and signals four times a second
            self.assertIn("ESH4: 40000 records", first)
            self.assertRegex(first, r"crossed in feed: [1-9]\d* windows in [1-9]\d* spans")
            self.assertEqual(recording_digests(folder / "first"), want)
            runs = {"one thread": ["--threads=1"], "frames of 64": ["--feed-ingest.frame-records=64"],
                    "frames of 1024": ["--feed-ingest.frame-records=1024"]}
            for name, options in runs.items():
                with self.subTest(name):
                    self.assertEqual(both_digests(replay(folder, name.replace(" ", "-"), *options)), want)
            with self.subTest("separate processes over NATS"):
                self.assertEqual(self.over_nats(folder, "nats"), want)
            for service in ("radar-physics", "gamma-fuel"):
                with self.subTest(f"{service} killed over NATS and started again"):
                    self.assertEqual(self.over_nats(folder, f"nats-{service}-killed", kill=service), want)

    def over_nats(self, folder, name, kill=None):
        nats = Nats(folder).start()
        try:
            pace = ["--feed-ingest.speed=400"] if kill else []
            listener = Process([BIN / "isobar", "digest", f"--bus={nats.url}", "--symbols=ESH4", "--limit-s=150"], folder, name)
            cluster = Cluster(folder / name, nats.url, [*RUN, *FEED, *SIDE, *pace, *CHECKPOINTS, "--radar-physics.resume=true",
                                                        "--gamma-fuel.resume=true"], FUTURES)
            (folder / name).mkdir()
            cluster.start_all()
            try:
                if kill:
                    self.kill_midway(cluster, kill)
                code = listener.wait(180)
                logs = "".join(p.output()[-1500:] for p in cluster.processes.values())
                assert code == 0, f"exit {code}:\n{listener.output()[-3000:]}\n{logs}"
                if kill:
                    self.assertRegex(listener.output(), r"frames were sent again, 0 of them different")
                return both_digests(listener.output())
            finally:
                cluster.kill()
                listener.kill()
        finally:
            nats.kill()

    def kill_midway(self, cluster, service):
        def windows():
            return metric(cluster.http["radar-physics"], "isobar_radar_physics_windows_total") or 0
        def checkpoints():
            return metric(cluster.http["gamma-fuel"], "isobar_gamma_fuel_checkpoints_total") or 0
        # gamma-fuel once before its first checkpoint: it makes everything again, and once from a checkpoint.
        conditions = {"radar-physics": (lambda: windows() >= 150, lambda: windows() >= 300),
                      "gamma-fuel": (lambda: windows() >= 150, lambda: checkpoints() >= 5)}
        for reached in conditions[service]:
            eventually(reached, 60, f"time to kill {service}: {windows()} windows, {checkpoints()} checkpoints")
            cluster.processes[service].kill()
            cluster.start(service)

    def test_a_killed_and_resumed_process_leaves_the_same_bytes(self):
        with scratch() as folder:
            whole = both_digests(replay(folder, "whole"))
            with self.subTest("early"):
                self.kill_and_resume(folder, "early", 200, 0, ["--feed-ingest.speed=400"], whole)
            # Late: the checkpoint is more book frames behind the beginning (over 1,000) than the source may run ahead (256).
            with self.subTest("late"):
                self.kill_and_resume(folder, "late", 4000, 1, ["--feed-ingest.speed=600", "--feed-ingest.from=2023-12-25T23:00:00Z"],
                                     whole)

    def kill_and_resume(self, folder, name, windows, checkpoints, pace, whole):
        words = [BIN / "isobar", "replay", *RUN, *FEED, f"--data-dir={folder / name}", "--radar-physics.record=true",
                 "--gamma-fuel.record=true", *CHECKPOINTS]
        http = free_port()
        first = Process([*words, *pace, f"--http=127.0.0.1:{http}"], folder, f"{name}-1")
        eventually(lambda: (metric(http, "isobar_radar_physics_windows_total") or 0) >= windows
                   and (metric(http, "isobar_feed_ingest_checkpoints_total") or 0) >= checkpoints, 60,
                   f"{windows} windows: {first.output()[-1000:]}")
        first.kill()
        again = Process([*words, "--feed-ingest.resume=true", "--radar-physics.resume=true", "--gamma-fuel.resume=true"], folder,
                        f"{name}-2")
        self.assertEqual(again.wait(60), 0, again.output()[-4000:])
        # Less than the whole was made the second time, and together they are the whole. Early gamma-fuel has no checkpoint: it makes
        # everything again, and the radar takes what it lacks of it.
        medium, gamma = both_digests(again.output())
        self.assertLess(medium[1], whole[0][1])
        (self.assertLess if checkpoints else self.assertLessEqual)(gamma[1], whole[1][1])
        self.assertEqual(recording_digests(folder / name), whole)

    def test_every_second_can_be_asked(self):
        with scratch() as folder:
            port = free_port()
            held = Process([BIN / "isobar", "replay", "--dbn", ESH4, "--hold", f"--grpc=127.0.0.1:{port}", "--http=off",
                            "--radar-physics.level-step=5",
                            f"--data-dir={folder / 'held'}"], folder, "held")
            try:
                eventually(lambda: "serving queries" in held.output(), 120, held.output()[-2000:])
                address = f"127.0.0.1:{port}"
                revisions = set()
                for minute in range(26):
                    for second in (0, 17, 59):
                        at = f"2023-12-25T23:{minute:02}:{second:02}Z"
                        answer = json.loads(query(address, "radar", "ES", f"--as-of={at}", "--columns=60", "--format=json").stdout)
                        newest = answer["columns"][-1]
                        self.assertEqual(len(newest["mass"]), 31, at)
                        self.assertEqual(newest["first_bucket_rel"], -15)
                        self.assertEqual(newest["gate_source"], "GATE_SOURCE_PLACEHOLDER")
                        revisions.add(newest["window"]["revision"])
                self.assertEqual(len(revisions), 78)
                picture = query(address, "radar", "ESH4", "--as-of=2023-12-25T23:10:00Z", "--colour=never").stdout
                self.assertEqual(len(picture.splitlines()), 33, picture)
                self.assertIn("\x1b[48;2;", query(address, "radar", "ESH4", "--colour=always").stdout)
                book = json.loads(query(address, "book", "ESH4", "--depth=5", "--orders", "--format=json").stdout)
                for level in book["bids"] + book["asks"]:
                    self.assertEqual(int(level["lots"]), sum(o["lots"] for o in level["orders"]))
                for words, code in ((("radar", "NQ"), "NOT_FOUND"), (("radar", "ES", "--as-of=1990-01-01T00:00:00Z"), "NOT_FOUND"),
                                    (("radar", "ES", "--columns=100000"), "INVALID_ARGUMENT"), (("gaps", "XX"), "NOT_FOUND")):
                    done = query(address, *words, check=False)
                    self.assertEqual(done.returncode, 1, words)
                    self.assertIn(code, done.stderr)
                for words in (("surfaces", "ES"), ("features", "ES"), ("breakthroughs", "ES"), ("levels", "ES"), ("feeds",)):
                    self.assertGreater(len(query(address, *words).stdout), 20, words)
            finally:
                held.kill()

    def test_a_damaged_file_is_named(self):
        with scratch() as folder:
            cut = folder / "cut.dbn.zst"
            cut.write_bytes(ESH4.read_bytes()[:200_000])
            process = Process([BIN / "isobar", "replay", "--dbn", cut, f"--data-dir={folder / 'd'}"], folder, "cut")
            self.assertEqual(process.wait(60), 1)
            self.assertRegex(process.output(), r"cut\.dbn\.zst: record 16381 at byte \d+ \(compressed byte 200000\)")
            self.assertIn("ESH4: 16380 records", process.output())
            self.assertGreater(medium_digest(process.output())[1], 3000)

    def test_words_that_are_wrong_are_refused(self):
        for words, said in ((["--dbn"], "--dbn: no file is named"), (["--csv", "--hold"], "--csv: no file is named"),
                            (["--dbn", "a,b.dbn"], "must not hold a comma"), ([f"--dbn={ESH4}", "--from"], "--from: its value is missing"),
                            ([f"--dbn={ESH4}", "--from=noon"], "feed-ingest.from: not like")):
            done = subprocess.run([BIN / "isobar", "replay", *words], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(said, done.stderr)

    def test_a_pace_begins_at_the_time_named(self):
        with scratch() as folder:
            # Ten seconds of the session at five times its speed; the eighty minutes before them are said at once.
            began = time.monotonic()
            process = Process([BIN / "isobar", "replay", f"--dbn={ESH4}", "--speed", "5", "--from", "2023-12-25T23:20:00Z",
                               "--until", "2023-12-25T23:20:10Z", f"--data-dir={folder / 'd'}"], folder, "paced")
            self.assertEqual(process.wait(60), 0, process.output()[-4000:])
            self.assertGreater(time.monotonic() - began, 1.5)


class Simulated(unittest.TestCase):
    def test_a_simulated_session_in_dbn_replays(self):
        with scratch() as folder:
            file = folder / "es.dbn.zst"
            made = subprocess.run([BIN / "isobar", "simulate", "--dbn", file, "--symbol=ES", "--sim.duration-ms=60000"],
                                  capture_output=True, text=True, timeout=120)
            self.assertEqual(made.returncode, 0, made.stderr)
            runs = []
            for name in ("one", "two"):
                process = Process([BIN / "isobar", "replay", "--dbn", file, f"--data-dir={folder / name}"], folder, name)
                self.assertEqual(process.wait(120), 0, process.output()[-4000:])
                runs.append(medium_digest(process.output()))
            self.assertEqual(runs[0], runs[1])


if __name__ == "__main__":
    unittest.main()
