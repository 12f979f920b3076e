"""A gRPC subscriber on a bare socket, whose reading the test controls frame by frame: HTTP/2 without a library, so that it can
stop where a real client's machine, network or program would."""

import contextlib
import select
import socket
import struct
import threading
import time

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
WINDOW_MAX = 2**31 - 1
WINDOW_DEFAULT = 65_535


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def text_field(number, text):
    return varint(number << 3 | 2) + varint(len(text)) + text.encode()


def int_field(number, value):
    return varint(number << 3) + varint(value)


def fields(data):
    """(number, value) of a message's fields: ints, and bytes of what has a length."""
    at = 0

    def read():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(data):
        tag = read()
        kind = tag & 7
        if kind == 0:
            yield tag >> 3, read()
        elif kind == 2:
            size = read()
            yield tag >> 3, data[at:at + size]
            at += size
        else:
            size = 8 if kind == 1 else 4
            yield tag >> 3, int.from_bytes(data[at:at + size], "little", signed=True)
            at += size


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def header(name, value):
    return b"\0" + varint(len(name)) + name.encode() + varint(len(value)) + value.encode()


class Subscriber:
    """One streaming call.

    window: bytes that the server may send without being asked on; `grants`: asks on for what was read.
    receive_buffer: of the socket, for who will not read: what the kernel takes is not the server's to keep."""

    def __init__(self, port, method, request, window=WINDOW_MAX, grants=True, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.grants = grants
        self.buffer, self.body = b"", bytearray()
        self.messages = []   # (arrival, message)
        self.bytes = 0       # of messages, data frames as they came
        self.trailers = None  # their header block, once the call has ended
        self.reset = None
        self.closed = False
        connect = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, struct.pack(">HI", 4, window))
        if window > WINDOW_DEFAULT:
            connect += frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", window - WINDOW_DEFAULT))
        words = [(":method", "POST"), (":scheme", "http"), (":path", method), (":authority", f"127.0.0.1:{port}"),
                 ("content-type", "application/grpc"), ("te", "trailers")]
        connect += frame(HEADERS, END_HEADERS, 1, b"".join(header(*w) for w in words))
        connect += frame(DATA, END_STREAM, 1, b"\0" + struct.pack(">I", len(request)) + request)
        self.socket.sendall(connect)

    def close(self):
        self.socket.close()

    def pump(self, wait):
        """Reads what is there, at most for `wait` seconds."""
        until = time.monotonic() + wait
        while not self.closed and select.select([self.socket], [], [], max(0, until - time.monotonic()))[0]:
            try:
                more = self.socket.recv(1 << 18)
            except OSError:
                more = b""
            if not more:
                self.closed = True
                return
            self.buffer += more
            self.take_frames()
            if time.monotonic() > until:
                return

    def take_frames(self):
        at, answer, read = 0, b"", 0
        while len(self.buffer) - at >= 9:
            size = int.from_bytes(self.buffer[at:at + 3], "big")
            if len(self.buffer) - at < 9 + size:
                break
            kind, flags = self.buffer[at + 3], self.buffer[at + 4]
            payload = self.buffer[at + 9:at + 9 + size]
            at += 9 + size
            if kind == DATA:
                read += size
                self.body += payload
            elif kind == HEADERS and flags & END_STREAM:
                self.trailers = payload
            elif kind == RST_STREAM:
                self.reset = int.from_bytes(payload, "big")
            elif kind in (SETTINGS, PING) and not flags & ACK:
                answer += frame(kind, ACK, 0, payload if kind == PING else b"")
        self.buffer = self.buffer[at:]
        self.bytes += read
        if read and self.grants:
            answer += frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", read)) + frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", read))
        if answer:
            with contextlib.suppress(OSError):
                self.socket.sendall(answer)
        now = time.time_ns()
        while len(self.body) >= 5 and len(self.body) >= (end := 5 + int.from_bytes(self.body[1:5], "big")):
            self.messages.append((now, bytes(self.body[5:end])))
            del self.body[:end]


class Reader(threading.Thread):
    """Pumps a subscriber for as long as it is let."""

    def __init__(self, subscriber, on_message):
        super().__init__(daemon=True)
        self.subscriber, self.on_message = subscriber, on_message
        self.ends = threading.Event()
        self.error = None
        self.start()

    def run(self):
        try:
            while not self.ends.is_set() and not self.subscriber.closed:
                self.subscriber.pump(0.2)
                for message in self.subscriber.messages:
                    self.on_message(*message)
                self.subscriber.messages.clear()
        except Exception as error:  # noqa: BLE001  told to the test
            self.error = error

    def stop(self):
        self.ends.set()
        self.join(10)
