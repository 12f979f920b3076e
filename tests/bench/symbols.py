"""What a symbol costs: CPU and memory of each service and of the bus while 1 to 64 symbols are worked on in real time, on this
machine. ./dev bench symbols runs it; docs/scaling.md has its figures. The limit it is held against is the straight line: N symbols
at what the first costs beyond an idle process. ISOBAR_BIN says where the binaries are."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from suite import BIN, Nats, Process, applies, eventually, free_port, http, metric, scratch  # noqa: E402

COUNTS = [int(n) for n in os.environ.pop("ISOBAR_SYMBOLS", "0,1,2,4,8,16,32,64").split(",")]
SECONDS = float(os.environ.pop("ISOBAR_SYMBOLS_SECONDS", "8"))
WARM_UP = float(os.environ.pop("ISOBAR_SYMBOLS_WARM_UP", "5"))
FASTER = int(os.environ.pop("ISOBAR_SYMBOLS_FASTER", "1"))  # times the rates below
TICKS = os.sysconf("SC_CLK_TCK")
FUTURES = [f"{root}{month}{year}" for year in "6789" for month in "HMUZ" for root in ("ES", "NQ", "RTY", "MES")]
ROOTS = ["SPX", "NDX", "RUT", "XSP", "SPY", "QQQ", "IWM", "ES"]  # those that the simulator knows; further ones by venue
RATES = {
    "futures": (f"{250 * FASTER:,} order records/s, 4,000 resting orders, windows of 1 s",
                ["feed-ingest", "radar-physics", "gamma-fuel"], "radar-physics", "radar_physics_windows_total",
                [f"--sim.futures-events-per-second={250 * FASTER}", "--sim.futures-burst-every-ms=0", "--sim.futures-orders=4000"]),
    "options": (f"{2000 * FASTER:,} quotes/s, two expiries, windows of 200 ms",
                ["chain-ingest", "epoch-manager", "ws-hydrator", "decomposer", "heatmap-builder", "gamma-fuel"], "heatmap-builder",
                "heatmap_builder_windows_total",
                [f"--sim.quotes-per-second={2000 * FASTER}", "--sim.burst-every-ms=0", "--sim.expirations=2", "--sim.strike-range-scale=0.4"]),
}


class Usage:
    """CPU seconds and resident MiB of processes, by service."""

    def __init__(self, processes):
        self.at = time.monotonic()
        self.cpu, self.mib = {}, {}
        for service, pid in processes:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            self.cpu[service] = self.cpu.get(service, 0) + (int(fields[11]) + int(fields[12])) / TICKS
            resident = next(line for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
            self.mib[service] = self.mib.get(service, 0) + int(resident.split()[1]) / 1024


class Bus(Nats):
    def __init__(self, folder):
        super().__init__(folder)
        self.http = free_port()
        self.conf.write_text(self.conf.read_text() + f"http: 127.0.0.1:{self.http}\n")

    def figures(self):
        """What the server counts, and messages ever stored by stream."""
        def get(path):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/{path}", timeout=5) as answer:
                return json.load(answer)
        about = get("varz")
        out = {k: about[k] for k in ("connections", "subscriptions", "in_msgs", "out_msgs", "in_bytes", "out_bytes")}
        for account in get("jsz?streams=true").get("account_details", []):
            for stream in account.get("stream_detail", []):
                out[stream["name"]] = stream["state"]["last_seq"]
        return out


class Fleet:
    """One process of each service for each venue: futures all in one, options eight a venue."""

    def __init__(self, folder, kind, count):
        _, self.services, self.sharded, self.windows, options = RATES[kind]
        self.folder, self.kind, self.count = folder, kind, count
        self.bus = Bus(folder).start()
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.options = [*options, f"--sim.anchor={now}", "--mode=live"]
        each = len(FUTURES) if kind == "futures" else len(ROOTS)
        self.venues = [(f"v{i // each}", (FUTURES if kind == "futures" else ROOTS)[:min(each, count - i)])
                       for i in range(0, max(1, count), each)]
        self.running = []
        for venue, symbols in self.venues:
            self.start(venue, symbols)

    def start(self, venue, symbols):
        if symbols:
            subprocess.run([BIN / "isobar", "symbols", f"--bus={self.bus.url}", f"--venue={venue}", "add", f"--kind={self.kind}", *symbols],
                           check=True, timeout=30)
        for service in self.services:
            port = free_port()
            own = [o for o in self.options if applies(o, service)]
            named = ("--symbols=" if self.kind == "options" else "--futures=") + ",".join(symbols)
            place = "--shard=0/1" if service == self.sharded else named
            if not symbols and service != self.sharded:
                continue
            words = [BIN / service, f"--bus={self.bus.url}", f"--venue={venue}", "--grpc=127.0.0.1:0", f"--http=127.0.0.1:{port}",
                     f"--data-dir={self.folder / venue / service}", "--log-level=warn", place, *own]
            self.running.append((service, Process(words, self.folder, f"{venue}-{service}"), port))

    def pids(self):
        return [*((service, p.child.pid) for service, p, _ in self.running), ("nats-server", self.bus.process.child.pid)]

    def built(self):
        return sum(metric(port, f"isobar_{self.windows}") or 0 for service, _, port in self.running if service == self.sharded)

    def lag(self):
        """Seconds behind the input on the mean; the simulated market's clock is another, so that only its growth means something."""
        word = self.sharded.replace("-", "_")
        lags = [metric(port, f"isobar_{word}_input_lag_seconds") or 0 for service, _, port in self.running if service == self.sharded]
        return sum(lags) / max(1, self.count)

    def logs(self):
        return "\n".join(f"--- {p.name}\n" + p.output()[-600:] for _, p, _ in self.running)

    def close(self):
        for _, p, _ in self.running:
            p.kill()
        self.bus.kill()


def measure(kind, count):
    with scratch() as folder:
        fleet = Fleet(folder, kind, count)
        try:
            eventually(lambda: all(http(port, "/healthz")[0] == 200 for _, _, port in fleet.running), 60, "alive")
            eventually(lambda: fleet.built() > 4 * count or count == 0, 60, f"windows are built: {fleet.logs()}")
            time.sleep(WARM_UP)
            windows, lag, counted, before = fleet.built(), fleet.lag(), fleet.bus.figures(), Usage(fleet.pids())
            time.sleep(SECONDS)
            after, figures = Usage(fleet.pids()), fleet.bus.figures()
            seconds = after.at - before.at
            cpu = {s: (after.cpu[s] - before.cpu[s]) / seconds for s in after.cpu}
            rates = {k: (v - counted.get(k, 0)) / seconds for k, v in figures.items() if k not in ("connections", "subscriptions")}
            dead = [p.name for _, p, _ in fleet.running if not p.alive()]
            if dead:
                raise AssertionError(f"ended: {dead}")
            return {"cpu": cpu, "mib": after.mib, "rates": rates, "windows": (fleet.built() - windows) / seconds, "lag": fleet.lag() - lag,
                    "connections": figures["connections"], "subscriptions": figures["subscriptions"], "processes": len(fleet.running)}
        finally:
            fleet.close()


def line(count, r, first):
    """One row; ratio: cores against the straight line through the first symbol."""
    total = sum(r["cpu"].values())
    ratio = total / (count * sum(first["cpu"].values())) if count and first else 1
    stored = {k: v for k, v in r["rates"].items() if k.startswith("KV_")}
    return (f"{count:>7}{r['processes']:>6}{total:>8.3f}{ratio:>7.2f}{sum(r['mib'].values()):>7.0f}{r['windows']:>10.1f}{r['lag']:>7.2f}"
            f"{r['connections']:>6}{r['subscriptions']:>7}{r['rates']['in_msgs']:>9.0f}{r['rates']['in_bytes'] / 1024:>9.0f}"
            f"{r['rates']['out_bytes'] / 1024:>9.0f}{sum(stored.values()):>7.1f}")


def report(kind):
    rate, services, *_ = RATES[kind]
    print(f"\n{kind}: each symbol {rate}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {SECONDS:.0f} s each")
    print(f"{'symbols':>7}{'procs':>6}{'cores':>8}{'line':>7}{'MiB':>7}{'windows/s':>10}{'falls':>7}{'conns':>6}{'subs':>7}{'msg/s in':>9}"
          f"{'KiB/s in':>9}{'KiB/s out':>9}{'KV/s':>7}", flush=True)
    all_of, first = {}, None
    for count in COUNTS:
        r = all_of[count] = measure(kind, count)
        if count and not first:
            first = r
        print(line(count, r, first), flush=True)
    counts = [c for c in COUNTS if c]
    print(f"\n{'cores by service':<18}" + "".join(f"{c:>8}" for c in counts) + f"{'a symbol':>10}{'symbols/core':>14}{'MiB each':>10}")
    for service in [*services, "nats-server"]:
        low, high = counts[0], next((c for c in reversed(counts) if sum(all_of[c]["cpu"].values()) < 0.8 * os.cpu_count()), counts[0])
        wide = max(1, high - low)
        slope = (all_of[high]["cpu"][service] - all_of[low]["cpu"][service]) / wide
        mib = (all_of[high]["mib"][service] - all_of[low]["mib"][service]) / wide
        print(f"{service:<18}" + "".join(f"{all_of[c]['cpu'][service]:>8.3f}" for c in counts)
              + f"{slope:>10.4f}{1 / max(slope, 1e-6):>14.0f}{mib:>10.1f}")
    last = all_of[counts[-1]]
    print("\nstored a second, at", counts[-1], "symbols: " + ", ".join(
        f"{k} {v:.1f}" for k, v in sorted(last["rates"].items()) if k.startswith(("KV_", "isobar-")) and v > 0))


def main():
    for kind in sys.argv[1:] or RATES:
        report(kind)


if __name__ == "__main__":
    main()
