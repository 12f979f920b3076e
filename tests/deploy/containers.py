"""Runs Isobar's image with Docker or podman for tests: no root, read-only, no capability, host network, loopback ports."""

import json
import os
import pathlib
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "e2e"))

# Variables of the tests alone: binaries refuse ISOBAR_* names that they do not know.
ENGINE = os.environ.pop("ISOBAR_IMAGE_ENGINE", "podman")
IMAGE = os.environ.pop("ISOBAR_IMAGE_NAME", "localhost/isobar:latest")
HARDENED = ["--network=host", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/data:rw,size=256m"]


def engine(*words, check=True, limit=120):
    """One command of the engine; its standard output."""
    done = subprocess.run([ENGINE, *map(str, words)], capture_output=True, text=True, timeout=limit)
    if check and done.returncode != 0:
        raise AssertionError(f"{ENGINE} {' '.join(map(str, words))}: exit {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def run(*command, options=(), limit=60):
    """A container that ends by itself: (exit code, standard output, standard error)."""
    done = subprocess.run([ENGINE, "run", "--rm", *HARDENED, *options, IMAGE, *map(str, command)],
                          capture_output=True, text=True, timeout=limit)
    return done.returncode, done.stdout, done.stderr


class Container:
    """A container that runs until it is stopped; removed with close()."""

    def __init__(self, name, *command, options=()):
        self.name = name
        engine("run", "--detach", "--name", name, *HARDENED, *options, IMAGE, *command)

    def state(self):
        return json.loads(engine("inspect", self.name))[0]["State"]

    def logs(self):
        done = subprocess.run([ENGINE, "logs", self.name], capture_output=True, text=True, timeout=30)
        return done.stdout + done.stderr

    def status(self):
        """The lines of /proc/<pid>/status of the container's first process, as the machine sees it."""
        lines = pathlib.Path(f"/proc/{self.state()['Pid']}/status").read_text().splitlines()
        return dict(line.split(":\t", 1) for line in lines if ":\t" in line)

    def terminate(self, limit=10):
        """SIGTERM; (exit code, seconds until it had ended). SIGKILL comes `limit` seconds later."""
        begun = time.monotonic()
        engine("stop", "--time", limit, self.name)
        return self.state()["ExitCode"], time.monotonic() - begun

    def close(self):
        engine("rm", "--force", self.name, check=False)
