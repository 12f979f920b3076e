"""The seeded schedule of faults, and how each is done to a running cluster."""

import asyncio
import os
import pathlib
import random
import shutil
import signal
import subprocess

# How often each kind comes, relative to the others.
KINDS = {"kill": 5, "pause": 4, "drop": 5, "lose": 4, "repeat": 4, "swap": 4, "cut": 3, "stall": 3, "unplug": 3, "fill-disk": 3,
         "kill-broker": 2, "lose-store": 2, "damage-store": 2}


TOGETHER = 0.15  # chance that a fault strikes together with the one before it


def schedule(seed, count, only=()):
    """Groups of faults that strike together, [[(kind, number in 0..1 that chooses the victim and the extent)]]: the same for the
    same seed; every kind at least once when there is room."""
    source = random.Random(seed)
    known = {k: w for k, w in KINDS.items() if not only or k in only}
    kinds = list(known)[:count]
    kinds += source.choices(list(known), weights=list(known.values()), k=max(0, count - len(kinds)))
    source.shuffle(kinds)
    groups = []
    for kind in kinds:
        if groups and source.random() < TOGETHER:
            groups[-1].append((kind, source.random()))
        else:
            groups.append([(kind, source.random())])
    return groups


class Disk:
    """A small tmpfs for the services' files."""

    def __init__(self, folder, mebibytes):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", self.folder], check=True)
        self.ballast = self.folder / "ballast"

    def fill(self):
        with open(self.ballast, "ab", buffering=0) as out:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while out.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue

    def clear(self):
        self.ballast.unlink(missing_ok=True)

    def close(self):
        subprocess.run(["umount", "--lazy", self.folder], check=False)


class Wire:
    """A network namespace that stands for another host, joined to this one by a cable that can be pulled."""

    def __init__(self, number):
        """`number`: of this process's wires; names and addresses (198.18.0.0/15 is set aside for such tests) follow from both."""
        place = os.getpid() % 250 * 16 + number
        self.name, self.near = f"isobar-chaos-{os.getpid()}-{number}", f"ib{os.getpid()}c{number}"
        self.here, self.there = (f"198.{18 + place // 16384}.{place // 64 % 256}.{place % 64 * 4 + end}" for end in (1, 2))

    def make(self):
        for words in (["netns", "add", self.name],
                      ["link", "add", self.near, "type", "veth", "peer", "name", "eth0", "netns", self.name],
                      ["addr", "add", f"{self.here}/30", "dev", self.near], ["link", "set", self.near, "up"],
                      ["-n", self.name, "addr", "add", f"{self.there}/30", "dev", "eth0"],
                      ["-n", self.name, "link", "set", "lo", "up"], ["-n", self.name, "link", "set", "eth0", "up"]):
            subprocess.run(["ip", *words], check=True)
        return self

    def pull(self):
        subprocess.run(["ip", "link", "set", self.near, "down"], check=True)

    def plug(self):
        subprocess.run(["ip", "link", "set", self.near, "up"], check=True)

    def close(self):
        for words in (["netns", "del", self.name], ["link", "del", self.near]):
            subprocess.run(["ip", *words], capture_output=True, check=False)


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
    """Does faults to one cluster: kind `lose-store` is the method lose_store(), which returns, once it is over, what was done."""

    def __init__(self, cluster, nats, proxy, disk, mortal):
        self.cluster, self.nats, self.proxy, self.disk, self.mortal = cluster, nats, proxy, disk, mortal
        self.broker_is_down = asyncio.Lock()
        self.is_down = {service: asyncio.Lock() for service in cluster.services}

    async def do(self, group):
        done = await asyncio.gather(*(getattr(self, kind.replace("-", "_"))(chance) for kind, chance in group))
        return ", ".join(f"{kind} {what}" for (kind, _), what in zip(group, done))

    def victim(self, chance, among=None):
        among = among or self.cluster.services
        return among[int(chance * 997) % len(among)]

    async def kill(self, chance):
        service = self.victim(chance, self.mortal)
        async with self.is_down[service]:
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
        return f"{service} {0.1 + chance * 1.5:.2f} s"

    async def frames(self, what, chance, most):
        count = 1 + int(chance * most)
        await self.proxy.spoil(what, count)
        return f"{count} frames"

    async def drop(self, chance):
        return await self.frames("drop", chance, 12)

    async def lose(self, chance):
        return await self.frames("lose", chance, 12)

    async def repeat(self, chance):
        return await self.frames("repeat", chance, 12)

    async def swap(self, chance):
        return await self.frames("swap", chance, 8)

    async def cut(self, _chance):
        self.proxy.cut()
        return "every connection"

    async def stall(self, chance):
        self.proxy.open.clear()
        await asyncio.sleep(0.1 + chance)
        self.proxy.open.set()
        return f"{0.1 + chance:.2f} s"

    async def unplug(self, chance):
        """Now and then for longer than TCP hides."""
        service, long = self.victim(chance), 0.2 + 5 * chance ** 4
        wire = self.cluster.wires[service]
        wire.pull()
        await asyncio.sleep(long)
        wire.plug()
        return f"{service} {long:.2f} s"

    async def fill_disk(self, chance):
        await asyncio.to_thread(self.disk.fill)
        await asyncio.sleep(0.2 + chance)
        self.disk.clear()
        return f"no space for {0.2 + chance:.2f} s"

    async def kill_broker(self, chance, between=lambda: ""):
        async with self.broker_is_down:
            self.nats.kill()
            said = between()
            await asyncio.sleep(0.1 + chance / 2)
            await asyncio.to_thread(self.nats.start)
        return said or "restarted on its store"

    async def lose_store(self, chance):
        return await self.kill_broker(chance, lambda: shutil.rmtree(self.nats.store, ignore_errors=True) or "without its store")

    async def damage_store(self, chance):
        return await self.kill_broker(chance, lambda: damage(self.nats.store, chance))
