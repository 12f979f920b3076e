"""The NATS text protocol as far as a proxy and a listener need it."""

import asyncio
import hashlib


async def read_item(reader):
    """One item of the server's stream: (line, payload); payload is None unless the line announces one. Raises
    asyncio.IncompleteReadError at the end."""
    line = await reader.readuntil(b"\r\n")
    if line.startswith((b"MSG ", b"HMSG ")):
        size = int(line.rsplit(b" ", 1)[1])
        return line, await reader.readexactly(size + 2)
    return line, None


def subject_of(line):
    return line.split(b" ", 2)[1].decode()


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def header_of(frame):
    """{field number: value} of the frame's FrameHeader (proto/isobar/common/v1/frame.proto); {} for other messages."""
    try:
        tag, at = varint(frame, 0)
        if tag != 10:
            return {}
        size, at = varint(frame, at)
        end, fields = at + size, {}
        while at < end:
            tag, at = varint(frame, at)
            kind = tag & 7
            if kind == 0:
                value, at = varint(frame, at)
            elif kind == 1:
                value, at = int.from_bytes(frame[at:at + 8], "little", signed=True), at + 8
            elif kind == 2:
                size, at = varint(frame, at)
                value, at = bytes(frame[at:at + size]), at + size
            else:
                return {}
            fields[tag >> 3] = value
        return fields
    except IndexError:
        return {}


SEQUENCE, QUALITY, HEARTBEAT = 3, 7, 9
TRUSTED = (0, 1, 2, 3)  # ok, synthetic, crossed in feed: nothing is missing


class Listener:
    """Hears what is published on some subjects, over as many connections as the broker's deaths take. `heard`:
    {(subject, sequence): [(hash, quality), ...]}, every different version of a frame once."""

    def __init__(self, port, patterns):
        self.port, self.patterns = port, patterns
        self.heard = {}
        self.frames = self.newest = 0
        self.on_frame = lambda subject, header: None

    async def run(self):
        while True:
            try:
                await self.session()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.1)

    async def session(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=64 << 20)
        try:
            writer.write(b'CONNECT {"verbose":false,"name":"chaos listener"}\r\n')
            for number, pattern in enumerate(self.patterns):
                writer.write(f"SUB {pattern} {number + 1}\r\n".encode())
            while True:
                line, payload = await read_item(reader)
                if line == b"PING\r\n":
                    writer.write(b"PONG\r\n")
                if payload is not None:
                    self.take(subject_of(line), payload[:-2])
        finally:
            writer.close()

    def take(self, subject, frame):
        header = header_of(frame)
        if not header or header.get(HEARTBEAT):
            return
        self.frames += 1
        versions = self.heard.setdefault((subject, header.get(SEQUENCE, 0)), [])
        version = (hashlib.blake2b(frame, digest_size=16).digest(), header.get(QUALITY, 0))
        if version not in versions:
            versions.append(version)
        self.on_frame(subject, header)


class Proxy:
    """Stands between services and the broker and spoils what the broker sends: drops, repeats and swaps frames, holds
    everything back, cuts connections. Commands pass untouched, so the broker's own streams see every frame."""

    def __init__(self, port, broker_port):
        self.port, self.broker_port = port, broker_port
        self.drop = self.repeat = self.swap = 0  # frames still to spoil
        self.open = asyncio.Event()
        self.open.set()
        self.links = set()
        self.spoilt = {"drop": 0, "repeat": 0, "swap": 0}

    async def start(self, more=None):
        """Serves this host and, on the address `more`, whoever is behind a wire."""
        self.server = await asyncio.start_server(self.link, ["127.0.0.1", *([more] if more else [])], self.port, limit=64 << 20)

    def cut(self):
        for writer in list(self.links):
            writer.transport.abort()

    async def link(self, reader, writer):
        try:
            upstream, up_writer = await asyncio.open_connection("127.0.0.1", self.broker_port, limit=64 << 20)
        except OSError:
            writer.transport.abort()
            return
        self.links.update((writer, up_writer))
        try:
            done, waiting = await asyncio.wait(
                [asyncio.create_task(self.forward(reader, up_writer)), asyncio.create_task(self.spoil(upstream, writer))],
                return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            for task in done:
                task.exception()
        finally:
            self.links.difference_update((writer, up_writer))
            writer.transport.abort()
            up_writer.transport.abort()

    async def forward(self, reader, writer):
        while chunk := await reader.read(1 << 16):
            await self.open.wait()
            writer.write(chunk)
            await writer.drain()

    async def spoil(self, reader, writer):
        held = None
        while True:
            line, payload = await read_item(reader)
            await self.open.wait()
            item = line + (payload or b"")
            if payload is not None and subject_of(line).startswith("isobar."):
                if self.drop > 0:
                    self.drop -= 1
                    self.spoilt["drop"] += 1
                    continue
                if self.repeat > 0:
                    self.repeat -= 1
                    self.spoilt["repeat"] += 1
                    item += item
                if held is None and self.swap > 0:
                    self.swap -= 1
                    self.spoilt["swap"] += 1
                    held = item
                    continue
            writer.write(item)
            if held is not None:
                writer.write(held)
                held = None
            await writer.drain()
