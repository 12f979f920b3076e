"""The seeded schedule of faults, and how each is done to a running cluster."""

import asyncio
import os
import pathlib
import random
import shutil
import signal
import subprocess

# kind: (weight, what it does). Longest pause and outage are below the services' own limits for giving up on an input.
KINDS = {"kill": 5, "pause": 4, "drop": 5, "repeat": 4, "swap": 4, "cut": 3, "stall": 3, "kill-broker": 1, "lose-store": 1,
         "damage-store": 1, "fill-disk": 2, "unplug": 2}


def schedule(seed, count):
    """[(kind, number in 0..1 that chooses the victim and the extent)]: the same for the same seed; every kind at least once
    when there is room."""
    source = random.Random(seed)
    kinds = [k for k in KINDS][:count]
    kinds += source.choices(list(KINDS), weights=list(KINDS.values()), k=max(0, count - len(kinds)))
    source.shuffle(kinds)
    return [(kind, source.random()) for kind in kinds]


class Disk:
    """A small tmpfs for the services' files; without the right to mount it is a plain folder that cannot be filled."""

    def __init__(self, folder, mebibytes=64):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", self.folder],
                                      capture_output=True, check=False).returncode == 0
        self.ballast = self.folder / "ballast"

    def fill(self):
        block = b"\0" * (1 << 20)
        with open(self.ballast, "ab", buffering=0) as out:
            try:
                while out.write(block):
                    pass
            except OSError:
                return

    def clear(self):
        self.ballast.unlink(missing_ok=True)

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=False)


class Wire:
    """A network namespace that stands for another host, joined to this one by a cable that can be pulled. Without the right
    to make one there is none."""

    def __init__(self, number):
        self.name = f"isobar-chaos-{number}"
        self.here, self.there = f"198.18.{number % 250}.1", f"198.18.{number % 250}.2"
        self.near = f"ibc{number}"
        steps = [["ip", "netns", "add", self.name],
                 ["ip", "link", "add", self.near, "type", "veth", "peer", "name", "eth0", "netns", self.name],
                 ["ip", "addr", "add", f"{self.here}/30", "dev", self.near], ["ip", "link", "set", self.near, "up"],
                 ["ip", "-n", self.name, "addr", "add", f"{self.there}/30", "dev", "eth0"],
                 ["ip", "-n", self.name, "link", "set", "lo", "up"], ["ip", "-n", self.name, "link", "set", "eth0", "up"]]
        self.made = shutil.which("ip") is not None and all(self.run(step) for step in steps)
        if not self.made:
            self.close()

    @staticmethod
    def run(words):
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def pull(self):
        self.run(["ip", "link", "set", self.near, "down"])

    def plug(self):
        self.run(["ip", "link", "set", self.near, "up"])

    def close(self):
        self.run(["ip", "netns", "del", self.name])
        self.run(["ip", "link", "del", self.near])


def damage(folder, chance):
    """Flips one bit in, or cuts the tail off, one file of the broker's store."""
    files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file() and p.stat().st_size > 64)
    if not files:
        return "nothing stored"
    file = files[int(chance * len(files))]
    size = file.stat().st_size
    if int(chance * 1000) % 2:
        os.truncate(file, size // 2)
        return f"{file.name} cut to {size // 2} bytes"
    place = int(chance * 7919) % size
    with open(file, "r+b") as out:
        out.seek(place)
        byte = out.read(1)[0]
        out.seek(place)
        out.write(bytes([byte ^ 1 << place % 8]))
    return f"bit flipped in {file.name} at byte {place}"


class Injector:
    """Does faults to one cluster. `may_unplug`: the service that lives behind the wire."""

    def __init__(self, cluster, nats, proxy, disk, wire, may_unplug):
        self.cluster, self.nats, self.proxy, self.disk, self.wire = cluster, nats, proxy, disk, wire
        self.may_unplug = may_unplug

    def possible(self, kind):
        return {"fill-disk": self.disk.mounted, "unplug": self.wire.made}.get(kind, True)

    async def do(self, kind, chance):
        """Returns what was done, once it is over."""
        return await getattr(self, kind.replace("-", "_"))(chance)

    def victim(self, chance):
        return self.cluster.services[int(chance * 997) % len(self.cluster.services)]

    async def kill(self, chance):
        service = self.victim(chance)
        self.cluster.processes[service].kill()
        await asyncio.sleep(0.05 + chance / 4)
        self.cluster.start(service)
        return service

    async def pause(self, chance):
        service = self.victim(chance)
        child = self.cluster.processes[service].child
        child.send_signal(signal.SIGSTOP)
        await asyncio.sleep(0.1 + chance * 1.5)
        child.send_signal(signal.SIGCONT)
        return service

    async def drop(self, chance):
        self.proxy.drop += 1 + int(chance * 12)
        return f"{1 + int(chance * 12)} frames"

    async def repeat(self, chance):
        self.proxy.repeat += 1 + int(chance * 12)
        return f"{1 + int(chance * 12)} frames"

    async def swap(self, chance):
        self.proxy.swap += 1 + int(chance * 6)
        return f"{1 + int(chance * 6)} pairs"

    async def cut(self, chance):
        self.proxy.cut()
        return "every connection"

    async def stall(self, chance):
        self.proxy.open.clear()
        await asyncio.sleep(0.1 + chance)
        self.proxy.open.set()
        return f"{0.1 + chance:.2f} s"

    async def kill_broker(self, chance, between=lambda: ""):
        self.nats.kill()
        said = between()
        await asyncio.sleep(0.1 + chance / 2)
        await asyncio.to_thread(self.nats.start)
        return f"nats-server {said}".strip()

    async def lose_store(self, chance):
        return await self.kill_broker(chance, lambda: shutil.rmtree(self.nats.store, ignore_errors=True) or "without its store")

    async def damage_store(self, chance):
        return await self.kill_broker(chance, lambda: damage(self.nats.store, chance))

    async def fill_disk(self, chance):
        await asyncio.to_thread(self.disk.fill)
        await asyncio.sleep(0.2 + chance)
        self.disk.clear()
        return "no space left"

    async def unplug(self, chance):
        self.wire.pull()
        await asyncio.sleep(0.2 + chance * 1.5)
        self.wire.plug()
        return self.may_unplug
