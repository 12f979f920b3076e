"""The gamma landscape, levels and signals: one market of options and a future, the same bytes however it is run; real chains and real
minute quotes; strikes in the radar's buckets."""

import datetime
import json
import re
import subprocess
import unittest

from suite import BIN, SERVICES, SHARED, Cluster, Nats, Process, eventually, free_port, metric, scratch

OPTIONS = SHARED / "data" / "options"
# Ten seconds of SPX options and the ES future, as fast as they go.
MARKET = ["--sim.seed=7", "--sim.speed=0", "--sim.duration-ms=10000", "--sim.quotes-per-second=2000", "--chain-ingest.interval-ms=2000"]
RUN = ["--venue=e2e", "--mode=replay", "--symbols=SPX", "--futures=ES"]
SIDE = ["--radar-physics.side-gex=true", "--radar-physics.side-levels=true"]
CHECKPOINTS = [f"--{service}.{option}" for service in ("gamma-fuel", "radar-physics") for option in
               ("checkpoint-windows=2", "checkpoint-ms-min=0")]
RESUME = ["--gamma-fuel.resume=true", "--radar-physics.resume=true"]
LONGER = [o.replace("10000", "20000") for o in MARKET]
MODELS = ("calls-positive", "puts-positive", "all-short", "flow")


def digests(output):
    found = dict((kind, value) for kind, value in re.findall(r"^(medium|gamma) digest (\w{16} over \d+) frames", output, re.M))
    assert set(found) == {"medium", "gamma"}, f"digests missing in:\n{output[-4000:]}"
    return found


def embedded(folder, name, *options, market=MARKET):
    process = Process([BIN / "isobar", "replay", *RUN, *market, "--feed-ingest.source=sim", f"--data-dir={folder / name}", *options],
                      folder, name)
    code = process.wait(180)
    assert code == 0, f"exit {code}:\n{process.output()[-4000:]}"
    return process.output()


def recorded(data_dir):
    done = subprocess.run([BIN / "isobar", "digest", "--recording", data_dir / "gamma-fuel"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return re.search(r"^gamma digest (\w{16} over \d+) frames", done.stdout, re.M).group(1)


def killed_and_resumed(test, folder, words, checkpoints, resume):
    """A whole run's output; a run that is killed and gone on with has left the same bytes."""
    def run(name, data, *more):
        return Process([BIN / "isobar", *words, f"--data-dir={folder / data}", *more], folder, name)

    def gamma(output):
        value, frames = re.search(r"^gamma digest (\w{16}) over (\d+) frames", output, re.M).groups()
        return f"{value} over {frames}", int(frames)
    first = run("whole", "whole")
    test.assertEqual(first.wait(180), 0, first.output()[-4000:])
    whole = first.output()
    test.assertEqual(recorded(folder / "whole"), gamma(whole)[0])
    http = free_port()
    victim = run("killed-1", "killed", f"--http=127.0.0.1:{http}")
    eventually(lambda: (metric(http, "isobar_gamma_fuel_checkpoints_total") or 0) >= checkpoints, 60, victim.output()[-3000:])
    victim.kill()
    again = run("killed-2", "killed", *resume)
    test.assertEqual(again.wait(180), 0, again.output()[-4000:])
    test.assertLess(gamma(again.output())[1], gamma(whole)[1], "the second life made less than the whole")
    test.assertEqual(recorded(folder / "killed"), gamma(whole)[0])
    return whole


def query(address, *words, check=True):
    done = subprocess.run([BIN / "isobar", "query", f"--grpc={address}", *words], capture_output=True, text=True, timeout=30)
    if check and done.returncode != 0:
        raise AssertionError(f"query {words}: exit {done.returncode}: {done.stderr}")
    return done


def profile(address, *words):
    return json.loads(query(address, "gex", *words, "--format=json").stdout)["profile"]


class Held:
    """A replay that has ended and answers."""

    def __init__(self, folder, name, *options):
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        self.process = Process([BIN / "isobar", "replay", *options, "--hold", f"--grpc={self.address}", "--http=off",
                                f"--data-dir={folder / name}"], folder, name)

    def __enter__(self):
        eventually(lambda: "serving queries" in self.process.output(), 120, self.process.output()[-2000:])
        return self.address

    def __exit__(self, *_):
        self.process.kill()


class Simulated(unittest.TestCase):
    def test_one_digest_however_it_is_run(self):
        with scratch() as folder:
            first = embedded(folder, "first", "--threads=2")
            print(first)
            want = digests(first)
            self.assertRegex(first, r"ES: [1-9]\d* gamma landscapes, levels read at [1-9]\d* instants")
            runs = {"one thread": ["--threads=1"], "batches of 1": ["--ws-hydrator.batch-size=1"],
                    "frames of 64": ["--feed-ingest.frame-records=64"]}
            for name, options in runs.items():
                with self.subTest(name):
                    self.assertEqual(digests(embedded(folder, name.replace(" ", "-"), *options)), want)
            with self.subTest("one process per service over NATS"):
                self.assertEqual(digests(self.over_nats(folder, "nats")), want)
            with self.subTest("another seed"):
                self.assertNotEqual(digests(embedded(folder, "other", "--sim.seed=8")), want)

    def over_nats(self, folder, name, kill=None, market=MARKET, more=()):
        (folder / name).mkdir()
        nats = Nats(folder / name).start()
        try:
            listener = Process([BIN / "isobar", "digest", f"--bus={nats.url}", "--symbols=SPX,ES", "--limit-s=150"], folder, name)
            cluster = Cluster(folder / name, nats.url, [*RUN, *market, *SIDE, *more], [s for s in SERVICES if s != "gamma-fuel"] +
                              ["feed-ingest", "radar-physics", "gamma-fuel"]).start_all()
            try:
                if kill:
                    kill(cluster)
                code = listener.wait(180)
                logs = "".join(p.output()[-1500:] for p in cluster.processes.values())
                assert code == 0, f"exit {code}:\n{listener.output()[-3000:]}\n{logs}"
                return listener.output()
            finally:
                cluster.kill()
                listener.kill()
        finally:
            nats.kill()

    def test_a_killed_gamma_fuel_leaves_the_same_bytes(self):
        """Chains, epochs, model rows and feeds in separate processes over NATS: gamma-fuel is killed twice in the middle."""
        def kill_twice(cluster):
            def count(name):
                return metric(cluster.http["gamma-fuel"], f"isobar_gamma_fuel_{name}") or 0
            # Once early, and once behind checkpoints of both symbols that the first life did not write.
            for reached in (lambda: count("windows_total") >= 5, lambda: count("checkpoints_total") >= 6):
                eventually(reached, 60, "time to kill gamma-fuel")
                cluster.processes["gamma-fuel"].kill()
                cluster.start("gamma-fuel")
        with scratch() as folder:
            want = digests(embedded(folder, "whole", market=LONGER))
            # At a pace, so that there is a middle to be killed in however fast the machine is.
            paced = [o.replace("speed=0", "speed=2") for o in LONGER]
            output = self.over_nats(folder, "killed", kill_twice, paced, [*CHECKPOINTS, *RESUME])
            self.assertRegex(output, r"frames were sent again, 0 of them different")
            self.assertEqual(digests(output), want)

    def test_a_killed_and_resumed_process_leaves_the_same_bytes(self):
        """Everything in one process: the future from a file, which can be read again, and options of the same market."""
        with scratch() as folder:
            file = folder / "es.dbn.zst"
            made = subprocess.run([BIN / "isobar", "simulate", "--dbn", file, "--symbol=ES", "--sim.seed=7", "--sim.duration-ms=20000"],
                                  capture_output=True, text=True, timeout=120)
            self.assertEqual(made.returncode, 0, made.stderr)
            words = ["replay", *RUN, *LONGER, "--feed-ingest.source=dbn", f"--feed-ingest.files={file}", "--gamma-fuel.record=true",
                     *CHECKPOINTS]
            whole = killed_and_resumed(self, folder, words, checkpoints=6, resume=[*RESUME, "--feed-ingest.resume=true"])
            self.assertRegex(whole, r"ES: [1-9]\d* gamma landscapes, levels read at [1-9]\d* instants")

    def test_the_landscape_is_in_the_radar(self):
        with scratch() as folder, Held(folder, "held", *RUN, *MARKET, "--feed-ingest.source=sim") as address:
            column = json.loads(query(address, "radar", "ES", "--columns=1", "--format=json").stdout)["columns"][-1]
            # The landscape in force when the window began: that of the window before.
            self.assertEqual(column["gex_as_of_ns"], column["window"]["window_start_ns"])
            as_of = datetime.datetime.fromtimestamp(int(column["gex_as_of_ns"]) // 10**9, datetime.timezone.utc)
            p = profile(address, "ES", f"--as-of={as_of:%Y-%m-%dT%H:%M:%SZ}")
            self.assertEqual(column["gex_as_of_ns"], p["window_end_ns"])
            strikes = [int(k) for k in p["strike_nanos"]]
            self.assertEqual(len(strikes), 25)
            self.assertTrue(all(k % 5_000_000_000 == 0 for k in strikes), strikes)
            # Every strike is on an exact tenth bucket of two ticks; where there is gamma, the radar is stiff.
            self.assertFalse(column.get("gex_stale", False))
            spot = int(column["spot_bucket"])
            at_strike = [s for i, s in enumerate(column["stiffness"]) if (spot + column["first_bucket_rel"] + i) % 10 == 0]
            self.assertGreaterEqual(len(at_strike), 3)
            self.assertGreater(max(column["stiffness"]), 0)
            self.assertEqual(max(column["stiffness"]), max(at_strike), "the kernel peaks at strikes")
            self.assertEqual(sorted(m["model"].removeprefix("SIGN_MODEL_").lower().replace("_", "-") for m in p["models"]), sorted(MODELS))
            by_model = {m["model"]: m for m in p["models"]}
            calls, puts = by_model["SIGN_MODEL_CALLS_POSITIVE"], by_model["SIGN_MODEL_PUTS_POSITIVE"]
            self.assertAlmostEqual(calls["total_gex"], -puts["total_gex"], delta=1e-6 * abs(calls["total_gex"]))
            # SPX's own landscape carries the same exposures: one market seen from two prices.
            own = profile(address, "SPX", f"--as-of={as_of:%Y-%m-%dT%H:%M:%SZ}")
            self.assertAlmostEqual({m["model"]: m for m in own["models"]}["SIGN_MODEL_CALLS_POSITIVE"]["total_gex"], calls["total_gex"],
                                   delta=0.02 * abs(calls["total_gex"]))
            self.questions(address)

    def questions(self, address):
        for model in MODELS:
            self.assertEqual(len(profile(address, "ES", f"--model={model}")["models"]), 1)
        levels = query(address, "universe", "ES").stdout
        for kind in ("VWAP", "SESSION_HIGH", "CALL_WALL", "PUT_WALL", "ROUND_", "STRIKE_"):
            self.assertIn(kind, levels)
        self.assertIn("Monitoring", query(address, "signals", "ES").stdout)
        why = query(address, "explain-level", "ES", "VWAP").stdout
        for term in ("barrier", "fuel", "tape", "SPXW-"):
            self.assertIn(term, why)
        self.assertGreater(len(query(address, "alerts", "ES").stdout), 20)
        for words, code in ((("gex", "NQ"), "NOT_FOUND"), (("gex", "ES", "--as-of=1990-01-01T00:00:00Z"), "NOT_FOUND"),
                            (("gex", "ES", "--expiry=nonsense"), "INVALID_ARGUMENT"), (("explain-level", "ES", "NO_SUCH"), "NOT_FOUND"),
                            (("add-level", "ES", "6900.13"), "INVALID_ARGUMENT"), (("remove-level", "ES", "MINE"), "NOT_FOUND")):
            done = query(address, *words, check=False)
            self.assertEqual(done.returncode, 1, f"{words}: {done.stdout}")
            self.assertIn(code, done.stderr)


class UserLevels(unittest.TestCase):
    def test_a_level_of_a_users_own_is_watched_and_survives(self):
        with scratch() as folder:
            port = free_port()
            address = f"127.0.0.1:{port}"
            words = [BIN / "isobar", "up", f"--grpc={address}", "--http=off", f"--data-dir={folder / 'data'}",
                     "--sim.quotes-per-second=500"]
            for life in (1, 2):
                up = Process(words, folder, f"up-{life}")
                try:
                    eventually(lambda: query(address, "universe", "ES", check=False).returncode == 0, 60, up.output()[-2000:])
                    if life == 1:
                        self.assertIn("MINE", query(address, "add-level", "ES", "6912.5", "--id=MINE").stdout)
                        again = query(address, "add-level", "ES", "6900", "--id=MINE", check=False)
                        self.assertIn("ALREADY_EXISTS", again.stderr)
                    eventually(lambda: "6912.50  MINE" in query(address, "universe", "ES").stdout, 30,
                               query(address, "universe", "ES").stdout)
                    if life == 2:
                        query(address, "remove-level", "ES", "MINE")
                        eventually(lambda: "MINE" not in query(address, "universe", "ES").stdout, 30, "MINE is gone")
                finally:
                    up.kill()


@unittest.skipUnless(OPTIONS.exists(), f"real data absent: {OPTIONS} (set ISOBAR_SHARED)")
class RealData(unittest.TestCase):
    def test_twelve_chains_of_2019(self):
        with scratch() as folder, Held(folder, "eod", "--chains", OPTIONS / "spx-eod-2019") as address:
            days = ["2019-04-25", "2019-04-26", "2019-04-29", "2019-04-30", "2019-05-01", "2019-05-02", "2019-05-03", "2019-05-06",
                    "2019-05-07", "2019-05-08", "2019-05-09", "2019-05-13"]
            for day in days:
                p = profile(address, "SPX", f"--as-of={day}T20:00:00Z")
                self.assertGreater(p["contracts_priced"], 11_500, day)
                self.assertEqual(p["contracts"], p["contracts_priced"] + sum(int(x["contracts"]) for x in p["left_out"]), day)
                walls = p["models"][0]["walls"]
                self.assertGreaterEqual(int(walls["call_wall_nanos"]), int(p["price_nanos"]))
                self.assertLessEqual(int(walls["put_wall_nanos"]), int(p["price_nanos"]))
                self.assertLess(abs(int(walls["zero_gamma_nanos"]) / int(p["price_nanos"]) - 1), 0.2)
            # The market stood above its flip in April and below it in the fall of 13 May.
            self.assertIn("DAMPEN", profile(address, "SPX", "--as-of=2019-04-25T20:00:00Z")["models"][0]["readings"]["regime"])
            self.assertIn("AMPLIFY", profile(address, "SPX", "--as-of=2019-05-13T20:00:00Z")["models"][0]["readings"]["regime"])
            one = profile(address, "SPX", "--as-of=2019-04-25T20:00:00Z", "--expiry=SPX-20190517")
            self.assertEqual(len(one["expiries"]), 1)
            self.assertIn("<- price", query(address, "gex", "SPX", "--colour=never").stdout)

    def test_chains_of_2019_killed_and_resumed(self):
        with scratch() as folder:
            words = ["replay", "--chains", OPTIONS / "spx-eod-2019", "--gamma-fuel.record=true", "--gamma-fuel.checkpoint-windows=2",
                     "--gamma-fuel.checkpoint-ms-min=0"]
            killed_and_resumed(self, folder, words, checkpoints=2, resume=["--gamma-fuel.resume=true"])

    def test_minute_quotes_of_index_options_with_open_interest(self):
        spx = OPTIONS / "minute-quotes" / "indexoption" / "usa" / "minute" / "spx"
        index = OPTIONS / "minute-quotes" / "index" / "usa" / "minute" / "spx"
        chains = ",".join(str(p) for p in (spx / "20210104_quote_european.zip", spx / "20210104_openinterest_european.zip",
                                           index / "20210104_trade.zip"))
        quotes = ",".join(str(p) for p in (spx / "20210104_quote_european.zip", spx / "20210104_trade_european.zip"))
        with scratch() as folder, Held(folder, "minutes", "--chains", chains, "--chain-ingest.minute-interval-ms=60000", "--quotes",
                                       quotes) as address:
            seen = set()
            for hour in (15, 16, 17, 18, 19, 20):
                p = profile(address, "SPX", f"--as-of=2021-01-04T{hour}:00:00Z")
                self.assertGreater(p["contracts_priced"], 0, p["left_out"])
                seen.add((p["price_nanos"], round(sum(p["call_gex"]), 6)))
            self.assertGreaterEqual(len(seen), 5, "the landscape moves through the day")

    def test_missing_open_interest_is_said_and_flow_stands_alone(self):
        folder_es = OPTIONS / "minute-quotes" / "futureoption" / "cme" / "minute" / "es" / "202003"
        chains = f"{folder_es / '20200106_quote_american.zip'},{OPTIONS / 'minute-quotes/future/cme/minute/es/20200106_trade.zip'}"
        quotes = f"{folder_es / '20200106_quote_american.zip'},{folder_es / '20200106_trade_american.zip'}"
        with scratch() as folder, Held(folder, "es", "--symbols=ES", "--chains", chains, "--chain-ingest.minute-interval-ms=60000",
                                       "--quotes", quotes) as address:
            p = profile(address, "ES", "--as-of=2020-01-06T18:00:00Z")
            self.assertEqual(p.get("contracts_priced", 0), 0)
            self.assertGreater({x["reason"]: int(x["contracts"]) for x in p["left_out"]}["no_open_interest"], 50)
            by_model = {m["model"]: m for m in p["models"]}
            self.assertEqual(by_model["SIGN_MODEL_CALLS_POSITIVE"].get("total_gex", 0), 0)
            self.assertNotEqual(by_model["SIGN_MODEL_FLOW"].get("total_gex", 0), 0)


if __name__ == "__main__":
    unittest.main()
