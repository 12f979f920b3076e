"""A broker, a proxy before it, services behind that on hosts of their own, those who watch, and a run of faults over it all."""

import asyncio
import contextlib
import os
import pathlib
import signal
import sys
import time

FAULTS = int(os.environ.pop("ISOBAR_CHAOS_FAULTS", "300"))
SEED = int(os.environ.pop("ISOBAR_CHAOS_SEED", "1"))
ONLY = [kind for kind in os.environ.pop("ISOBAR_CHAOS_KINDS", "").split(",") if kind]

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from suite import BIN, Cluster, Nats, Process, free_port  # noqa: E402

from faults import Disk, Injector, Wire  # noqa: E402
from nats_wire import Listener, Proxy  # noqa: E402
from watch import Lookout, line  # noqa: E402

SPACING_S = 1  # between the beginnings of two faults, at least
HEAL_LIMIT_S = 90
SILENCE_LIMIT_S = 15  # longest time without news and without a sign: what a consumer waits for an answer before it gives up


def ended_in_order(work):
    """Runs it; SIGTERM ends it with everything taken down."""
    async def ending():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
        await work()
    asyncio.run(ending())


class Broker(Nats):
    """The end-to-end tests' broker; its store lies at a known place."""

    @property
    def store(self):
        return self.folder / "jetstream"


class Hosts(Cluster):
    """Every service on a host of its own: a network namespace whose only way out is the wire to the proxy."""

    def __init__(self, folder, port, options, services, wires):
        super().__init__(folder, "", options, services)
        self.port, self.wires = port, dict(zip(services, wires))

    def start(self, service):
        wire = self.wires[service]
        self.processes[service] = Process(
            ["ip", "netns", "exec", wire.name, BIN / service, f"--bus=nats://{wire.here}:{self.port}",
             f"--grpc={wire.there}:{self.grpc[service]}", f"--http={wire.there}:{self.http[service]}",
             f"--data-dir={self.folder / 'data'}", *self.options_of(service)], self.folder.parent, service)

    def address(self, service, ports):
        return self.wires[service].there, ports[service]


class Stage:
    """All of it; started by `async with`."""

    def __init__(self, folder, services, options, outputs, mortal=None):
        """`outputs`: subjects that are judged; `mortal`: the services that faults may kill (all)."""
        folder.mkdir()
        self.folder, self.restarts = folder, 0
        with contextlib.ExitStack() as undo:
            self.disk = Disk(folder / "disk", 64)
            undo.callback(self.disk.close)
            wires = [Wire(number) for number in range(len(services))]
            for wire in wires:
                undo.callback(wire.close)
                wire.make()
            self.broker = Broker(folder)
            undo.callback(lambda: self.broker.kill() if self.broker.process else None)
            self.broker.start()
            self.proxy = Proxy(free_port(), self.broker.port)
            self.cluster = Hosts(self.disk.folder, self.proxy.port, options, services, wires)
            undo.callback(self.cluster.kill)
            self.listener = Listener(self.broker.port, outputs)
            self.lookout = Lookout({s: self.cluster.address(s, self.cluster.http) for s in self.cluster.services})
            self.listener.on_news = self.lookout.frame
            self.injector = Injector(self.cluster, self.broker, self.proxy, self.disk, mortal or services)
            self.undo = undo.pop_all()

    async def __aenter__(self):
        await self.proxy.start([wire.here for wire in self.cluster.wires.values()])
        self.tasks = [asyncio.create_task(work) for work in (self.listener.run(), self.lookout.run())]
        self.cluster.start_all()
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.proxy.stop()
        self.undo.close()

    def supervise(self):
        """A service that could not start for want of room is started again, as any supervisor would; one that ended by itself
        otherwise is a failure: the end of its output."""
        for name, process in list(self.cluster.processes.items()):
            if process.alive() or self.injector.is_down[name].locked():
                continue
            if "No space left on device" not in process.output()[-300:]:
                raise AssertionError(f"{name} ended: {process.output()[-3000:]}")
            self.restarts += 1
            self.cluster.start(name)

    async def until(self, condition, limit, what):
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                logs = "".join(f"\n--- {name}\n{p.output()[-2000:]}" for name, p in self.cluster.processes.items())
                raise AssertionError(f"not within {limit} s: {what}; last signs {self.lookout.signs[-5:]}{logs}")
            self.supervise()
            await asyncio.sleep(0.01)

    async def end(self, subjects):
        """Until the end of the input has passed through every one of these subjects, and nothing follows."""
        await self.until(lambda: subjects <= self.listener.ended, 120, f"the end; it came on {sorted(self.listener.ended)}")
        quiet, known = time.monotonic(), -1
        while time.monotonic() < quiet + 2:
            await asyncio.sleep(0.1)
            if self.listener.frames != known:
                quiet, known = time.monotonic(), self.listener.frames

    def query(self, service):
        """The command that asks it."""
        host, port = self.cluster.address(service, self.cluster.grpc)
        return [BIN / "isobar", "query", f"--grpc={host}:{port}"]

    async def torment(self, faults, busy):
        """One group of faults after the other. Healed: since it was over every service has said that it is ready, and there was
        something new on every subject that is never quiet for long."""
        heal, flag, silent = {}, {}, []
        done, count = 0, sum(len(group) for group in faults)
        for group in faults:
            done += len(group)
            if self.listener.ended:
                raise AssertionError(f"the input ended before fault {done}: healing took longer than it allows for")
            began = time.monotonic()
            what = await self.injector.do(group)
            over = time.monotonic()
            await self.until(lambda: self.lookout.flows_since(busy, over) and self.lookout.all_ready_since(over),  # noqa: B023
                              HEAL_LIMIT_S, f"healed of {what}")
            healed = time.monotonic()
            kind = group[0][0] if len(group) == 1 else "several"
            heal.setdefault(kind, []).append(healed - over)
            sign = self.lookout.first_sign(began, healed)
            silence = self.lookout.longest_silence(began, healed)
            if sign is not None:
                flag.setdefault(kind, []).append(sign - began)
            else:
                silent.append(silence)
            print(f"{done:4}/{count}  took {over - began:5.2f} s, {'not flagged  ' if sign is None else f'flagged {sign - began:5.2f}'}, "
                  f"healed {healed - over:5.2f}, silent {silence:5.2f}  {what}", flush=True)
            await asyncio.sleep(max(0.0, SPACING_S - (time.monotonic() - began)))
        for name, of in (("heal", heal), ("flag", flag)):
            for kind, values in sorted(of.items()):
                print(line(f"time to {name}, {kind}", values))
            print(line(f"time to {name}, all", [v for values in of.values() for v in values]))
        print(line("longest silence of a fault that nothing flagged", silent))
        print(f"frames spoilt: {self.proxy.spoilt}; services that found no room to start, and were started again: {self.restarts}")
        print("signs: " + "; ".join(f"{count} x {why}" for why, count in self.lookout.reasons.most_common(20)))
        worst = max([*silent, *(v for values in flag.values() for v in values)], default=0.0)
        if worst > SILENCE_LIMIT_S:
            raise AssertionError(f"an outage of {worst:.2f} s before anything flagged it")
