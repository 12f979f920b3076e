"""kill -9 to a correct and fresh surface, service by service, over real processes and a real nats-server, on the simulator.

Two clusters live side by side on one seed, each with its own broker. In the first a service is killed and started again at once (what
a supervisor waits is not counted); the second is never touched and says what is true. Recovered is when everything the service's
clients read (PLAN below) is

  fresh    of an event time after the kill,
  trusted  not flagged stale, gap or resyncing, its window valid,
  correct  byte for byte what the undisturbed cluster says of the same event time (frame headers left out),

and the process says that it is ready. A surface that is fresh and not flagged, but differs, is counted as `wrong`;
a kill after which the clusters do not agree within ten seconds is counted as `never`, kept out of the times, and followed by new clusters.

The limit in the same run is the bare start of the same binary: exec to the first 200 of /healthz beside an empty broker, nothing to
restore, nothing to wait for.

./dev bench recovery runs it. ISOBAR_RECOVERY_KILLS (50), ISOBAR_RECOVERY_SERVICES (comma-separated; all), ISOBAR_BENCH_SMOKE=1 (two kills
of one service, nothing judged). docs/benchmarks.md has the figures.
"""

import os
import pathlib
import random
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from recovery_surfaces import Chain, Colors, Epoch, Gamma, GammaOfFuture, Options, Radar, Rows  # noqa: E402
from suite import BIN, FUTURES, SERVICES, Cluster, Nats, Process, eventually, free_port, http, scratch  # noqa: E402

BROKER = "nats-server"
PLAN = {
    "chain-ingest": (Chain, Options),
    "epoch-manager": (Epoch, Options),
    "ws-hydrator": (Rows, Options),
    "decomposer": (Options,),
    "heatmap-builder": (Options,),
    "colorizer": (Colors,),
    "feed-ingest": (Radar,),
    "radar-physics": (Radar,),
    "gamma-fuel": (Gamma, GammaOfFuture),
    BROKER: (Options, Radar, Gamma, GammaOfFuture),
}
SMOKE = os.environ.pop("ISOBAR_BENCH_SMOKE", "") == "1"
KILLS = 2 if SMOKE else int(os.environ.pop("ISOBAR_RECOVERY_KILLS", "50"))
CHOSEN = "decomposer" if SMOKE else os.environ.pop("ISOBAR_RECOVERY_SERVICES", "")
STARTS = 1 if SMOKE else 10
START_NS = 1_766_154_600 * 10**9  # sim.start
HEAL_LIMIT = 10.0
POLL = 0.003


class Twins:
    """The cluster that is disturbed and the one that is not."""

    def __init__(self, folder, checks):
        self.anchor = int(time.time())
        anchor = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.anchor))
        options = ["--symbols=SPX", "--futures=ES", "--sim.quotes-per-second=500", f"--sim.anchor={anchor}",
                   "--chain-ingest.interval-ms=1000"]
        services = list(dict.fromkeys([*SERVICES, *FUTURES]))
        self.brokers, self.clusters, self.checks = [], [], []
        for name in ("disturbed", "undisturbed"):
            (folder / name).mkdir()
            self.brokers.append(Nats(folder / name).start())
            self.clusters.append(Cluster(folder / name, self.brokers[-1].url, options, services).start_all())
        for cluster in self.clusters:
            cluster.ready(60)
        self.checks = [check(self.clusters) for check in checks]

    def event_time(self):
        """ns; the simulated market runs at the pace of the clock."""
        return START_NS + int((time.time() - self.anchor) * 1e9)

    def kill(self, service):
        """kill -9, then start at once."""
        if service == BROKER:
            self.brokers[0].kill()
            self.brokers[0].start()
        else:
            self.clusters[0].processes[service].kill()
            self.clusters[0].start(service)

    def is_ready(self, service):
        ports = self.clusters[0].http.values() if service == BROKER else [self.clusters[0].http[service]]
        return all(http(port, "/readyz")[0] == 200 for port in ports)

    def close(self):
        for check in self.checks:
            check.close()
        for process in [*self.clusters, *self.brokers]:
            process.kill()


class Recovery:
    """One kill: when the process was ready, when each surface was right, and how often one was wrong."""

    def __init__(self, twins, service):
        self.wrong, self.ready, self.healed, self.missing = 0, None, {}, None
        since = {check: twins.event_time() for check in twins.checks}
        begun = time.monotonic()
        twins.kill(service)
        while len(self.healed) < len(since) or self.ready is None:
            if time.monotonic() - begun > HEAL_LIMIT:
                self.missing = ", ".join([c.name for c in since if c not in self.healed] or ["readiness"])
                return
            if self.ready is None and twins.is_ready(service):
                self.ready = time.monotonic() - begun
            for check in since:
                if check not in self.healed:
                    since[check] = self.look(check, since[check], begun)
            time.sleep(POLL)
        self.took = max(self.ready, *self.healed.values())

    def look(self, check, since, begun):
        """What was looked at last."""
        at = check.newest()
        if at is None or at <= since:
            return since
        seen = time.monotonic() - begun
        ours = check.picture(0, at)
        theirs = ours and until(lambda: check.picture(1, at), 1.0)
        if ours is None or theirs is None:
            return since if ours is None else at  # nothing to compare with: the next one
        if ours == theirs:
            self.healed[check] = seen
        else:
            self.wrong += 1
        return at


def until(condition, limit):
    """Its first true value, or None."""
    deadline = time.monotonic() + limit
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(POLL)
    return value or None


def settled(twins):
    """Every surface agrees, as it did before the first kill."""
    for check in twins.checks:
        since = twins.event_time()
        eventually(lambda c=check, s=since: (at := c.newest()) and at > s and (ours := c.picture(0, at))
                   and ours == until(lambda: c.picture(1, at), 1.0), 60, f"{type(check).__name__} agrees")


def bare_start(service, folder):
    """Seconds from exec until the process answers, beside an empty broker."""
    nats = Nats(folder)
    begun = time.monotonic()
    nats.start()
    if service == BROKER:
        nats.kill()
        return time.monotonic() - begun
    port = free_port()
    begun = time.monotonic()
    process = Process([BIN / service, f"--bus={nats.url}", "--grpc=127.0.0.1:0", f"--http=127.0.0.1:{port}", f"--data-dir={folder / 'data'}",
                       *(["--symbols=SPX"] if service in SERVICES else []), *(["--futures=ES"] if service in FUTURES else [])], folder, service)
    try:
        while http(port, "/healthz")[0] != 200:
            if time.monotonic() - begun > HEAL_LIMIT:
                raise AssertionError(f"{service} does not start:\n{process.output()[-2000:]}")
            time.sleep(POLL)
        return time.monotonic() - begun
    finally:
        process.kill()
        nats.kill()


class Row:
    """What the kills of one service came to."""

    def __init__(self, service):
        self.service, self.bare, self.healed, self.never, self.wrong = service, [], [], [], 0
        for _ in range(STARTS):
            with scratch() as folder:
                self.bare.append(bare_start(service, folder))
        self.chance = random.Random(5)
        while self.kills() < KILLS:
            with scratch() as folder:
                self.run(Twins(folder, PLAN[service]))

    def kills(self):
        return len(self.healed) + len(self.never)

    def run(self, twins):
        """Until all is done, or a kill leaves the clusters different: then others are needed."""
        try:
            settled(twins)
            while self.kills() < KILLS:
                time.sleep(self.chance.uniform(0.2, 1.2))  # so that kills fall anywhere in a window and between two checkpoints
                kill = Recovery(twins, self.service)
                self.wrong += kill.wrong
                if kill.missing:
                    return self.never.append(kill.missing)
                self.healed.append(kill)
            settled(twins)
        finally:
            twins.close()

    def __str__(self):
        limit, ready, took = statistics.median(self.bare), [k.ready for k in self.healed], [k.took for k in self.healed]
        figures = "   not one healed" if not took else (
            f"{statistics.median(ready):>9.3f}{max(ready):>8.3f}{statistics.median(took):>10.3f}{max(took):>8.3f}"
            f"{statistics.median(took) / limit:>8.1f}")
        what = ", ".join(c.name for c in PLAN[self.service])
        never = f"; never equal again: {', '.join(sorted(set(self.never)))}" if self.never else ""
        return f"{self.service:<17}{limit:>7.3f}{figures}{self.wrong:>7}{len(self.never):>7}   {what}{never}"


def main():
    services = CHOSEN.split(",") if CHOSEN else list(PLAN)
    unknown = set(services) - set(PLAN)
    if unknown:
        sys.exit(f"recovery: no service {', '.join(sorted(unknown))}; there are {', '.join(PLAN)}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {KILLS} kills each, seconds; ratio: median recovery over the bare start")
    print(f"{'killed':<17}{'start':>7}{'ready':>9}{'worst':>8}{'recovery':>10}{'worst':>8}{'ratio':>8}{'wrong':>7}{'never':>7}   compared", flush=True)
    rows = []
    for service in services:
        rows.append(Row(service))
        print(rows[-1], flush=True)
    return 1 if any(row.never for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
