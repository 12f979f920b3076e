"""A subscriber that stops reading, on every streaming call of every service: it costs the server little and the others nothing.

ISOBAR_SLOW_S: for how long it does not read (8); ./dev faults makes that ten minutes."""

import os
import re
import threading
import time
import unittest

from grpc_raw import WINDOW_DEFAULT, WINDOW_MAX, Reader, Subscriber, fields, int_field, text_field
from suite import SOURCE, Cluster, Nats, eventually, http, metric, scratch

SECONDS = float(os.environ.pop("ISOBAR_SLOW_S", "8"))
CALM_S = min(SECONDS, 60) / 2
COST_MIB = 16
QUOTES = 20_000 if SECONDS >= 60 else 200_000  # the one who reads surfaces is sent a multiple of COST_MIB either way
STALL_MS = 3000
NOISE_S = 0.25  # of latency, on two cores that everything shares
SERVICES = ["chain-ingest", "epoch-manager", "ws-hydrator", "decomposer", "heatmap-builder", "feed-ingest", "radar-physics",
            "gamma-fuel"]
# Histories are kept short so that what grows is what a subscriber costs.
OPTIONS = ["--symbols=SPX", "--futures=ES", "--venue=e2e", "--sim.seed=3", "--sim.expirations=10", f"--sim.quotes-per-second={QUOTES}",
           "--sim.burst-every-ms=0", "--sim.geometry-change-ms=0", "--chain-ingest.interval-ms=2000", "--ws-hydrator.window-ms=50",
           "--radar-physics.window-ms=100", "--heatmap-builder.history-bytes-max=1048576", "--heatmap-builder.kv=false",
           "--radar-physics.history-windows=100", "--radar-physics.history-surface-bytes-max=1048576",
           "--gamma-fuel.history-windows=100", "--gamma-fuel.history-bytes-max=1048576",
           "--gamma-fuel.history-expiry-bytes-max=1048576",
           *[f"--{s}.stream-stall-ms={STALL_MS}" for s in ("heatmap-builder", "radar-physics", "gamma-fuel")]]


class Call:
    """One streaming call: where it is, its request, and where its messages say their time and what they left out."""

    def __init__(self, service, path, symbol, heartbeat_field, watermark_field, conflated_field, label=""):
        self.service, self.path, self.label = service, path, label
        self.request = text_field(1, symbol) + int_field(heartbeat_field, 1000)
        self.watermark_field, self.conflated_field = watermark_field, conflated_field
        self.method = path.rsplit("/", 1)[1]

    def read(self, message):
        """(watermark in ns, frames left out)"""
        found = dict(fields(message))
        holder = dict(fields(found[1])) if self.service == "heatmap-builder" else found
        return holder.get(self.watermark_field, 0), found.get(self.conflated_field, 0)

    def series(self, cluster, name, label=""):
        """Sum over the series of this call."""
        start = f"isobar_{self.service.replace('-', '_')}_{name}"
        return sum(float(line.rsplit(" ", 1)[1]) for line in http(cluster.http[self.service], "/metrics")[1].splitlines()
                   if line.startswith(start) and label in line and self.label in line)

    def ended(self, cluster, reason):
        return self.series(cluster, "streams_ended_total", f'reason="{reason}"')

    def subscribers(self, cluster):
        return self.series(cluster, "stream_subscribers")


CALLS = [Call("heatmap-builder", "/isobar.heatmap.v1.HeatmapService/StreamSurface", "SPX", 4, 6, 3),
         Call("radar-physics", "/isobar.radar.v1.RadarService/StreamRadar", "ES", 3, 2, 5),
         Call("gamma-fuel", "/isobar.gex.v1.GexService/StreamGex", "ES", 3, 2, 3, 'method="StreamGex"'),
         Call("gamma-fuel", "/isobar.level.v1.LevelService/StreamSignals", "ES", 2, 3, 4, 'method="StreamSignals"')]


class Other:
    """A subscriber that reads: when its messages came, and what they left out."""

    def __init__(self, call, port):
        self.call, self.lock = call, threading.Lock()
        self.ages, self.left_out, self.bytes = [], 0, 0
        self.subscriber = Subscriber(port, call.path, call.request)
        self.reader = Reader(self.subscriber, self.take)

    def take(self, arrival_ns, message):
        watermark, conflated = self.call.read(message)
        with self.lock:
            self.bytes += len(message)
            self.left_out += conflated
            if 0 < watermark < 2**62:
                self.ages.append((arrival_ns - watermark) / 1e9)

    def phase(self):
        """(ages, bytes, left out) since the last question."""
        with self.lock:
            out = self.ages, self.bytes, self.left_out
            self.ages, self.bytes, self.left_out = [], 0, 0
        return out


def resident(cluster, services):
    out = {}
    for service in services:
        with open(f"/proc/{cluster.processes[service].child.pid}/status", encoding="ascii") as status:
            out[service] = int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024
    return out


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))]


class SlowSubscriber(unittest.TestCase):
    def test_every_streaming_call_is_here(self):
        declared = {m for file in (SOURCE / "proto").rglob("*.proto")
                    for m in re.findall(r"rpc (\w+)\([^)]*\) returns \(stream ", file.read_text())}
        self.assertEqual(declared, {c.method for c in CALLS})

    def test_who_stops_reading_costs_little_and_the_others_nothing(self):
        with scratch() as folder:
            nats = Nats(folder).start()
            cluster = Cluster(folder, nats.url, OPTIONS, SERVICES).start_all()
            stuck, others = [], []
            try:
                cluster.ready(60)
                servers = sorted({c.service for c in CALLS})
                for call in CALLS:
                    others.append(Other(call, cluster.grpc[call.service]))
                for o in others:
                    eventually(lambda o=o: len(o.ages) > 10, 60, f"{o.call.method} flows")
                time.sleep(2)  # short histories are full
                for o in others:
                    o.phase()
                calm_rss = self.watch(cluster, servers, CALM_S)
                calm = [o.phase() for o in others]
                for call in CALLS:
                    # The program does not read: its machine does, and answers pings, but never asks on.
                    mute = Subscriber(cluster.grpc[call.service], call.path, call.request, window=WINDOW_DEFAULT, grants=False)
                    # The machine does not read: everything was asked for, nothing is taken.
                    deaf = Subscriber(cluster.grpc[call.service], call.path, call.request, window=WINDOW_MAX, receive_buffer=4096)
                    stuck += [Reader(mute, lambda *_: None), deaf]
                began = time.monotonic()
                stuck_rss = self.watch(cluster, servers, SECONDS)
                seconds = time.monotonic() - began
                noisy = [o.phase() for o in others]
                self.judge(cluster, servers, others, calm, noisy, calm_rss, stuck_rss, seconds)
            finally:
                for o in others:
                    o.reader.stop()
                    o.subscriber.close()
                for s in stuck:
                    if isinstance(s, Reader):
                        s.stop()
                        s = s.subscriber
                    s.close()
                cluster.kill()
                nats.kill()

    def watch(self, cluster, services, seconds):
        """The largest resident memory of each, MiB."""
        most = dict.fromkeys(services, 0.0)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for service, mib in resident(cluster, services).items():
                most[service] = max(most[service], mib)
            time.sleep(0.25)
        return most

    def judge(self, cluster, servers, others, calm, noisy, calm_rss, stuck_rss, seconds):
        print(f"\nthe others, {seconds:.0f} s beside two that do not read on each call:")
        for o, before, after in zip(others, calm, noisy):
            base = min(before[0])
            p50, p99, worst = (1000 * (v - base) for v in (quantile(before[0], .5), quantile(before[0], .99), max(before[0])))
            q50, q99, worse = (1000 * (v - base) for v in (quantile(after[0], .5), quantile(after[0], .99), max(after[0])))
            stalled = o.call.ended(cluster, "stalled")
            print(f"{o.call.method:14} {after[1] / 2**20:7.1f} MiB, {len(after[0]) / seconds:5.1f} messages/s; latency above the least "
                  f"p50 {p50:.0f} -> {q50:.0f} ms, p99 {p99:.0f} -> {q99:.0f} ms, worst {worst:.0f} -> {worse:.0f} ms; left out "
                  f"{before[2]} -> {after[2]}; stalled and ended {stalled:.0f}")
            with self.subTest(o.call.method):
                self.assertIsNone(o.reader.error)
                self.assertFalse(o.subscriber.closed)
                self.assertIsNone(o.subscriber.trailers)
                self.assertEqual(after[2], 0, "frames left out for one that reads")
                self.assertLess(q99 / 1000, p99 / 1000 + NOISE_S)
                if stalled == 2:  # both were full: they are ended, then cut off, and their places are free again
                    eventually(lambda o=o: o.call.subscribers(cluster) == 1, 2 * STALL_MS / 1000 + 5, f"{o.call.method}: gone")
        self.assertGreater(noisy[0][1] / 2**20, 1.5 * COST_MIB, "surfaces to the one who reads, MiB")
        for service in servers:
            cost = stuck_rss[service] - calm_rss[service]
            print(f"{service:16} {calm_rss[service]:.1f} MiB resident without, {stuck_rss[service]:.1f} MiB with them: {cost:+.1f} MiB")
            with self.subTest(service):
                self.assertLess(cost, COST_MIB)


if __name__ == "__main__":
    unittest.main()
