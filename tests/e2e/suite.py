"""Starts the real binaries and the real nats-server for end-to-end tests. Loopback only; everything has a deadline."""

import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Variables of the tests alone: the binaries refuse ISOBAR_* names they do not know, so children must not inherit them.
BIN = pathlib.Path(os.environ.pop("ISOBAR_BIN", SOURCE / "build" / "release" / "bin"))
SHARED = pathlib.Path(os.environ.get("ISOBAR_SHARED") or SOURCE.parent / "shared")
SERVICES = ["chain-ingest", "epoch-manager", "ws-hydrator", "decomposer", "heatmap-builder", "colorizer", "gamma-fuel"]
FUTURES = ["feed-ingest", "gamma-fuel", "radar-physics"]


ISSUED_PORTS = set()


def free_port():
    """A port that was not issued before and lies below the range from which the kernel takes ports for connections, so that
    neither another server of the test nor one of its clients can have it."""
    for _ in range(1000):
        port = random.randrange(20_000, 32_000)
        if port in ISSUED_PORTS:
            continue
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            ISSUED_PORTS.add(port)
            return port
    raise AssertionError("no free port between 20000 and 32000")


def eventually(condition, limit=30.0, what="condition"):
    """The first true value of condition() before the deadline. `what` may be a call that tells how it stands then."""
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit} s: {what() if callable(what) else what}")
        time.sleep(0.02)


def http(port, path):
    """(status, body); status 0 when nothing answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def metric(port, name, label=""):
    """Sum over the series of one metric that hold `label` (model="heatmap"); None when there is none."""
    values = [float(line.rsplit(" ", 1)[1]) for line in http(port, "/metrics")[1].splitlines()
              if line.startswith((name + "{", name + " ")) and label in line]
    return sum(values) if values else None


class Process:
    """One child with its output in a file; killed with the test."""

    def __init__(self, words, folder, name, env=None):
        self.log = pathlib.Path(folder) / f"{name}.log"
        self.name = name
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen([str(w) for w in words], stdout=out, stderr=subprocess.STDOUT,
                                          stdin=subprocess.DEVNULL, cwd=SOURCE, env={**os.environ, **(env or {})})

    def output(self):
        return self.log.read_text(errors="replace")

    def alive(self):
        return self.child.poll() is None

    def wait(self, limit=120):
        try:
            return self.child.wait(limit)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {limit} s:\n{self.output()[-4000:]}") from None

    def terminate(self, limit=10):
        if self.alive():
            self.child.send_signal(signal.SIGTERM)
        return self.wait(limit)

    def kill(self):
        if self.alive():
            self.child.kill()
        self.child.wait()


class Nats:
    """A real nats-server with JetStream on a free loopback port; restartable on the same port and store."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self.process = None
        self.conf = self.folder / "nats.conf"
        self.conf.write_text(f"listen: 127.0.0.1:{self.port}\nmax_payload: 8MB\n"
                             f"jetstream {{ store_dir: \"{self.folder}/jetstream\" }}\n")

    def start(self):
        self.process = Process([shutil.which("nats-server") or "/usr/sbin/nats-server", "-c", self.conf], self.folder, "nats")

        def answers():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5) as s:
                return s.recv(4) == b"INFO"
            return False
        eventually(answers, 10, "nats-server answers")
        return self

    def stop(self):
        self.process.terminate()

    def kill(self):
        self.process.kill()


class Cluster:
    """One process per service over a NATS server."""

    def __init__(self, folder, nats_url, options, services=None):
        self.folder = pathlib.Path(folder)
        self.url = nats_url
        self.options = options
        self.services = services or SERVICES
        self.grpc = {s: free_port() for s in self.services}
        self.http = {s: free_port() for s in self.services}
        self.processes = {}

    def options_of(self, service):
        return [o.replace("{service}", service) for o in self.options if applies(o, service)]

    def start(self, service):
        self.processes[service] = Process(
            [BIN / service, f"--bus={self.url}", f"--grpc=127.0.0.1:{self.grpc[service]}",
             f"--http=127.0.0.1:{self.http[service]}", f"--data-dir={self.folder / 'data'}", *self.options_of(service)],
            self.folder, service)

    def start_all(self):
        for service in reversed(self.services):
            self.start(service)
        return self

    def ready(self, limit=30):
        for service in self.services:
            eventually(lambda s=service: http(self.http[s], "/readyz")[0] == 200, limit,
                       f"{service} ready: {http(self.http[service], '/readyz')}\n{self.processes[service].output()[-2000:]}")

    def stop(self):
        return {name: process.terminate() for name, process in self.processes.items()}

    def kill(self):
        for process in self.processes.values():
            process.kill()


# Options that several services declare; every other dotted option belongs to the service it names.
SIM_USERS = {"chain-ingest", "ws-hydrator", "feed-ingest"}


def applies(option, service):
    name = option.lstrip("-").split("=", 1)[0]
    if "." not in name:
        return True
    owner = name.split(".", 1)[0]
    return service in SIM_USERS if owner == "sim" else owner == service


@contextlib.contextmanager
def scratch():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="isobar-e2e-"))
    try:
        yield folder
        refuse_sanitizer_reports(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def refuse_sanitizer_reports(folder):
    """A report fails the test even when the process that made it was killed, so that its exit code says nothing."""
    for log in folder.rglob("*.log"):
        text = log.read_text(errors="replace")
        found = re.search(r"^.*(?:Sanitizer: |: runtime error: )", text, re.M)
        if found:
            raise AssertionError(f"{log.name}: {text[found.start():found.start() + 6000]}")
