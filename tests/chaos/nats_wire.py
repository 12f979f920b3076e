"""The NATS text protocol as far as a proxy and a listener need it."""

import asyncio
import hashlib

LIMIT = 64 << 20  # of one line of the protocol, and of what a connection reads ahead


async def read_item(reader):
    """One item of either side's stream: (line, payload); payload is None unless the line announces one. Raises
    asyncio.IncompleteReadError at the end."""
    line = await reader.readuntil(b"\r\n")
    if line.startswith((b"MSG ", b"HMSG ", b"PUB ", b"HPUB ")):
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


SEQUENCE, LAST, QUALITY, WATERMARK, HEARTBEAT = 3, 5, 7, 8, 9
END_OF_TIME = (1 << 63) - 1
TRUSTED = (0, 1, 2, 3)  # ok, synthetic, crossed in feed: nothing is missing


def key_of(subject, header):
    """What names a frame: where sequences are contiguous per plane and epoch its event time does."""
    return subject, header.get(SEQUENCE, 0), header.get(LAST, 0)


def hash_of(frame):
    return hashlib.blake2b(frame, digest_size=16).digest()


class Listener:
    """Hears what is published on some subjects, over as many connections as the broker's deaths take. `heard`:
    {key of the frame: [(hash, quality), ...]}, every different version of it once. `ended`: subjects whose input has
    ended."""

    def __init__(self, port, patterns):
        self.port, self.patterns = port, patterns
        self.heard, self.ended = {}, set()
        self.frames = self.event_time = 0
        self.on_news = lambda key, version: None

    async def run(self):
        while True:
            try:
                await self.session()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.1)

    async def session(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=LIMIT)
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
        if header.get(WATERMARK) == END_OF_TIME:
            self.ended.add(subject)
        if not header or header.get(HEARTBEAT):
            return
        self.frames += 1
        if header.get(WATERMARK, 0) != END_OF_TIME:
            self.event_time = max(self.event_time, header.get(WATERMARK, 0))
        key, version = key_of(subject, header), (hash_of(frame), header.get(QUALITY, 0))
        known = self.heard.get(key)
        if known is None:
            self.heard[key] = [version]
            self.on_news(key, version)
        elif version not in known:
            known.append(version)


class Proxy:
    """Stands between services and the broker and spoils frames. On their way to services they are dropped, repeated and swapped
    (the broker's streams have them); on their way to the broker they are lost for everybody. It also holds everything back and cuts
    connections."""

    def __init__(self, port, broker_port):
        self.port, self.broker_port = port, broker_port
        self.to_spoil = {"drop": 0, "repeat": 0, "swap": 0, "lose": 0}  # frames still to come
        self.spoilt = dict.fromkeys(self.to_spoil, 0)
        self.open = asyncio.Event()
        self.open.set()
        self.links, self.serving = set(), set()

    async def stop(self):
        self.server.close()
        for task in self.serving:
            task.cancel()
        await asyncio.gather(*self.serving)

    async def start(self, addresses):
        self.server = await asyncio.start_server(self.link, addresses, self.port, limit=LIMIT)

    def cut(self):
        for writer in list(self.links):
            writer.transport.abort()

    async def spoil(self, what, count, limit=4.0):
        """Until so many frames were; at an idle moment, or while there are no connections, fewer."""
        self.to_spoil[what] += count
        deadline = asyncio.get_running_loop().time() + limit
        while self.to_spoil[what] and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.005)
        self.to_spoil[what] = 0

    def takes(self, what):
        if self.to_spoil[what] == 0:
            return False
        self.to_spoil[what] -= 1
        self.spoilt[what] += 1
        return True

    async def link(self, reader, writer):
        try:
            upstream, up_writer = await asyncio.open_connection("127.0.0.1", self.broker_port, limit=LIMIT)
        except OSError:
            writer.transport.abort()
            return
        self.links.update((writer, up_writer))
        self.serving.add(asyncio.current_task())
        tasks = [asyncio.create_task(self.to_broker(reader, up_writer)), asyncio.create_task(self.to_service(upstream, writer))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:  # by stop()
            pass
        finally:
            self.serving.discard(asyncio.current_task())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.links.difference_update((writer, up_writer))
            writer.transport.abort()
            up_writer.transport.abort()

    async def to_broker(self, reader, writer):
        while True:
            line, payload = await read_item(reader)
            await self.open.wait()
            if payload is not None and subject_of(line).startswith("isobar.") and self.takes("lose"):
                continue
            writer.write(line + (payload or b""))
            await writer.drain()

    async def to_service(self, reader, writer):
        held = b""
        while True:
            line, payload = await read_item(reader)
            await self.open.wait()
            item = line + (payload or b"")
            if payload is not None and subject_of(line).startswith("isobar."):
                if self.takes("drop"):
                    continue
                if self.takes("repeat"):
                    item += item
                if not held and self.takes("swap"):
                    held = item
                    continue
            writer.write(item + held)
            held = b""
            await writer.drain()
