"""Start-up time of every binary: from starting the process to the first 200 of /readyz, while the broker and the rest of the
suite run. ./dev startup runs it; docs/operations.md has its figures. ISOBAR_BIN says where the binaries are."""

import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from suite import BIN, FUTURES, SERVICES, Cluster, Nats, Process, eventually, free_port, http, scratch  # noqa: E402

RUNS = int(os.environ.pop("ISOBAR_STARTUP_RUNS", "10"))
TARGET_SECONDS = 2.0


def measure(cluster, service):
    """Seconds from start to readiness of a service that has just been ended in good order."""
    code = cluster.processes[service].terminate()
    if code != 0:
        raise AssertionError(f"{service} ended with {code}:\n{cluster.processes[service].output()[-2000:]}")
    begun = time.monotonic()
    cluster.start(service)
    return ready(begun, cluster.http[service])


def ready(begun, port):
    """Seconds since `begun` at the first 200."""
    while http(port, "/readyz")[0] != 200:
        if time.monotonic() - begun > 60:
            raise AssertionError(f"not ready after a minute: {http(port, '/readyz')}")
        time.sleep(0.005)
    return time.monotonic() - begun


def measure_one_process(folder):
    """The same of the process that hosts every service, without a broker."""
    port = free_port()
    begun = time.monotonic()
    process = Process([BIN / "isobar", "up", "--grpc=127.0.0.1:0", f"--http=127.0.0.1:{port}", f"--data-dir={folder / 'one'}"], folder, "isobar")
    try:
        return ready(begun, port)
    finally:
        process.terminate()


def main():
    services = list(dict.fromkeys([*SERVICES, *FUTURES]))
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    worst = 0.0
    with scratch() as folder:
        nats = Nats(folder).start()
        cluster = Cluster(folder, nats.url, ["--symbols=SPX", "--futures=ES", "--sim.quotes-per-second=500", f"--sim.anchor={now}"], services)
        try:
            cluster.start_all()
            cluster.ready(60)
            eventually(lambda: all(http(port, "/readyz")[0] == 200 for port in cluster.http.values()), 60, "all ready")
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {RUNS} starts each, seconds")
            print(f"{'service':<18}{'median':>9}{'worst':>9}")
            for service in services:
                seconds = [measure(cluster, service) for _ in range(RUNS)]
                worst = max(worst, max(seconds))
                print(f"{service:<18}{statistics.median(seconds):>9.3f}{max(seconds):>9.3f}", flush=True)
        finally:
            cluster.kill()
            nats.kill()
        seconds = [measure_one_process(folder) for _ in range(RUNS)]
        worst = max(worst, max(seconds))
        print(f"{'isobar up':<18}{statistics.median(seconds):>9.3f}{max(seconds):>9.3f}")
    print(f"target {TARGET_SECONDS} s: {'met' if worst < TARGET_SECONDS else 'missed'}")
    return 0 if worst < TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
