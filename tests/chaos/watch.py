"""What an operator and a client can see of the cluster while it is tormented."""

import asyncio
import collections
import json
import statistics
import time

from nats_wire import QUALITY, TRUSTED, hash_of, header_of, key_of

POLL_S = 0.05
ANSWER_S = 0.5  # no answer for so long is an answer


async def get(address, path):
    """(status, body) over HTTP; status 0: no answer in time."""
    async def ask():
        host, port = address
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
            return int(head.split(b" ", 2)[1]), body.decode(errors="replace")
        finally:
            writer.close()
    try:
        return await asyncio.wait_for(ask(), ANSWER_S)
    except (OSError, asyncio.TimeoutError, IndexError, ValueError):
        return 0, ""


class Lookout:
    """Asks every service again and again whether it is ready, and watches for flagged frames. A sign is the first time that
    something says: do not trust this."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.ready_asked = dict.fromkeys(addresses, 0.0)  # when the newest question was asked that was answered with yes
        self.signs = []  # (time, what)
        self.reasons = collections.Counter()
        self.news = []  # times of new frames
        self.newest = {}  # the same by subject, the last
        self.usual = {}  # what an undisturbed run says: its flags are of the market

    async def run(self):
        await asyncio.gather(*(self.ask(name) for name in self.addresses))

    async def ask(self, name):
        while True:
            asked = time.monotonic()
            status, body = await get(self.addresses[name], "/readyz")
            if status == 200:
                self.ready_asked[name] = asked
            else:
                self.signs.append((time.monotonic(), name))
                self.reasons[f"{name}: {body.splitlines()[0] if body else 'no answer'}"] += 1
            await asyncio.sleep(POLL_S)

    def frame(self, key, version):
        now = time.monotonic()
        self.news.append(now)
        self.newest[key[0]] = now
        if version[1] not in TRUSTED and version not in self.usual.get(key, []):
            self.signs.append((now, "flag"))
            self.reasons["frame flagged"] += 1

    def all_ready_since(self, then):
        return all(asked > then for asked in self.ready_asked.values())

    def flows_since(self, subjects, then):
        return all(self.newest.get(subject, 0.0) > then for subject in subjects)

    def first_sign(self, since, until):
        return min((at for at, _ in self.signs if since <= at <= until), default=None)

    def longest_silence(self, since, until):
        """Between two frames that are news."""
        before = max((at for at in self.news if at < since), default=since)
        times = [before, *(at for at in self.news if since <= at <= until)]
        return max((b - a for a, b in zip(times, times[1:])), default=0.0)


def line(name, values):
    """A distribution in one line of seconds."""
    values = sorted(values)
    if not values:
        return f"{name}: none"
    at = lambda q: values[min(len(values) - 1, int(q * len(values)))]  # noqa: E731
    return (f"{name}: median {statistics.median(values):.2f} s, p90 {at(.9):.2f} s, p99 {at(.99):.2f} s, worst {values[-1]:.2f} s "
            f"({len(values)})")


def recorded(folder):
    """{key of the frame: [(hash, quality)]} of every recording below a folder (libs/service/frame_log.hpp)."""
    out = {}
    for file in sorted(folder.rglob("*.rec")):
        data, at = file.read_bytes(), 8
        while at + 16 <= len(data):
            subject_size, size = (int.from_bytes(data[at + n:at + n + 4], "little") for n in (0, 4))
            subject = data[at + 16:at + 16 + subject_size].decode()
            frame = data[at + 16 + subject_size:at + 16 + subject_size + size]
            header = header_of(frame)
            out.setdefault(key_of(subject, header), []).append((hash_of(frame), header.get(QUALITY, 0)))
            at += 16 + subject_size + size
    return out


async def answer(query, *words):
    """What a client is told: the JSON of `isobar query`, or None."""
    child = await asyncio.create_subprocess_exec(*map(str, query), *words, "--format=json", stdout=asyncio.subprocess.PIPE,
                                                 stderr=asyncio.subprocess.DEVNULL)
    try:
        out, _ = await asyncio.wait_for(child.communicate(), 5)
    except asyncio.TimeoutError:
        child.kill()
        await child.wait()
        return None
    return json.loads(out) if child.returncode == 0 else None
