"""What a service's clients see, for recovery.py: is it of after the kill, is it flagged, and is it what an undisturbed cluster says."""

import importlib
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import grpc

PROTO_ROOT = pathlib.Path(__file__).resolve().parents[2] / "proto"
# OK, SYNTHETIC, CROSSED_IN_FEED: the last is of the venue. Above them: STALE, GAP, RESYNCING.
UNFLAGGED = (1, 2, 3)
LIMIT = 2.0  # seconds of one call


def compile_protos():
    """Messages and stubs by service, {"heatmap": (messages, stubs), ...}, and the messages of color.cells."""
    with tempfile.TemporaryDirectory() as folder:
        files = [str(f.relative_to(PROTO_ROOT)) for f in sorted(PROTO_ROOT.rglob("*.proto"))]
        plugin = shutil.which("grpc_python_plugin") or "grpc_python_plugin"
        subprocess.run(["protoc", f"-I{PROTO_ROOT}", f"--plugin=protoc-gen-grpc={plugin}", f"--python_out={folder}", f"--grpc_out={folder}",
                        *files], check=True)
        sys.path.insert(0, folder)
        stubs = {name: tuple(importlib.import_module(f"isobar.{name}.v1.{name}_service{end}") for end in ("_pb2", "_pb2_grpc"))
                 for name in ("chain", "epoch", "window", "heatmap", "radar", "gex")}
        return stubs, importlib.import_module("isobar.color.v1.color_pb2")


PROTOS, COLORS = compile_protos()


class Asked:
    """One gRPC answer of one service in both clusters."""

    def __init__(self, clusters, service, of, call, **request):
        messages, stubs = PROTOS[of]
        self.method = lambda channel: getattr(getattr(stubs, f"{of.capitalize()}ServiceStub")(channel), call)
        self.ask = getattr(messages, call + "Request")
        self.request = request
        self.addresses = [f"127.0.0.1:{c.grpc[service]}" for c in clusters]
        self.channels = [self.connect(address) for address in self.addresses]

    def connect(self, address):
        # A pool of its own: a channel that met a closed port would lend its back-off to the next one.
        return grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", 64 << 20), ("grpc.use_local_subchannel_pool", 1)])

    def answer(self, cluster, **more):
        """None when there is none."""
        try:
            return self.method(self.channels[cluster])(self.ask(**{**self.request, **more}), timeout=LIMIT)
        except grpc.RpcError:
            self.channels[cluster].close()
            self.channels[cluster] = self.connect(self.addresses[cluster])
            return None

    def close(self):
        for channel in self.channels:
            channel.close()


def without_header(message):
    """Frame headers number what was sent, which a restart may do anew; the rest is the surface."""
    message.ClearField("header")
    return message.SerializeToString(deterministic=True)


class Options(Asked):
    """The strategy surface: every tile of every plane of one window."""

    name = "surface"

    def __init__(self, clusters):
        super().__init__(clusters, "heatmap-builder", "heatmap", "GetSurface", symbol="SPX")

    def newest(self):
        got = self.answer(0, strike_from_nanos=9_000_000 * 10**9)
        return got.info.as_of_ns if got and got.info.quality in UNFLAGGED and got.info.valid_tiles > 0 else None

    def picture(self, cluster, at):
        got = self.answer(cluster, as_of_ns=at)
        if not got or got.info.as_of_ns != at:
            return None
        return got.info.epoch_id, got.info.geometry_hash, got.info.spot_nanos, got.info.valid_tiles, [without_header(p) for p in got.planes]


class Radar(Asked):
    """wall, vacuum and physics of one window."""

    name = "radar surfaces"

    def __init__(self, clusters):
        super().__init__(clusters, "radar-physics", "radar", "GetSurfaces", symbol="ES")

    def newest(self):
        got = self.answer(0)
        if not got or got.surface.header.quality not in UNFLAGGED:
            return None
        window = got.surface.window
        return window.window_end_ns if window.valid and not window.gap else None

    def picture(self, cluster, at):
        got = self.answer(cluster, as_of_ns=at)
        return without_header(got.surface) if got and got.surface.window.window_end_ns == at else None


class Gamma(Asked):
    """Dealer gamma under every sign model, as of one window."""

    name = "landscape of SPX"

    def __init__(self, clusters, symbol="SPX"):
        super().__init__(clusters, "gamma-fuel", "gex", "GetGex", symbol=symbol)

    def newest(self):
        got = self.answer(0)
        return got.profile.window_end_ns if got and got.profile.header.quality in UNFLAGGED and got.profile.contracts_priced > 0 else None

    def picture(self, cluster, at):
        got = self.answer(cluster, as_of_ns=at)
        return without_header(got.profile) if got and got.profile.window_end_ns == at else None


class GammaOfFuture(Gamma):
    """The same on the future's prices."""

    name = "landscape of ES"

    def __init__(self, clusters):
        super().__init__(clusters, "ES")


class Chain(Asked):
    """The newest complete chain."""

    name = "chain"

    def __init__(self, clusters):
        super().__init__(clusters, "chain-ingest", "chain", "GetChain", symbol="SPX")

    def newest(self):
        got = self.answer(0)
        return got.chain.header.ts_last_ns if got and got.chain.header.quality in UNFLAGGED else None

    def picture(self, cluster, at):
        got = self.answer(cluster)
        return without_header(got.chain) if got and got.chain.header.ts_last_ns == at else None


class Epoch(Asked):
    """The epoch in force; fresh: it is said to stand beyond the kill."""

    name = "epoch"

    def __init__(self, clusters):
        super().__init__(clusters, "epoch-manager", "epoch", "GetEpoch", symbol="SPX")

    def newest(self):
        got = self.answer(0)
        return got.watermark_ns if got and not got.dormant else None

    def picture(self, cluster, at):
        got = self.answer(cluster)
        return without_header(got.epoch) if got else None


class Rows(Asked):
    """Contract rows of one window."""

    name = "rows"

    def __init__(self, clusters):
        super().__init__(clusters, "ws-hydrator", "window", "GetRows", symbol="SPX")

    def newest(self):
        got = self.answer(0)
        return got.window.window_end_ns if got and got.window.header.quality in UNFLAGGED else None

    def picture(self, cluster, at):
        got = self.answer(cluster, as_of_ns=at)
        return without_header(got.window) if got and got.window.window_end_ns == at else None


class Listener:
    """The colour frames of one broker, from a thread of its own."""

    def __init__(self, port, subject):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.socket.sendall(f'CONNECT {{"verbose":false}}\r\nSUB {subject} 1\r\nPING\r\n'.encode())
        self.socket.settimeout(None)
        self.frames = {}  # (plane, window's end) -> bytes without header
        self.end = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        lines = self.socket.makefile("rb")
        while line := lines.readline():
            if line.startswith(b"PING"):
                self.socket.sendall(b"PONG\r\n")
            elif line.startswith(b"MSG "):
                payload = lines.read(int(line.split()[-1]) + 2)[:-2]
                self.take(COLORS.ColorDelta.FromString(payload))

    def take(self, frame):
        if frame.header.heartbeat or frame.header.quality not in UNFLAGGED:
            return
        end, plane = frame.window_end_ns, frame.plane
        self.frames[plane, end] = without_header(frame)
        self.end = max(self.end, end)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)


class Colors:
    """Colours of the cells that changed, by plane and window."""

    name = "colours"

    def __init__(self, clusters):
        self.listeners = [Listener(int(c.url.rsplit(":", 1)[1]), "isobar.color.*.spx.cells") for c in clusters]

    def newest(self):
        return self.listeners[0].end or None

    def picture(self, cluster, at):
        """Every plane of the window; None when some have not come: frames that nobody coloured are a gap in the sequence, not a wrong
        colour. `at` is the disturbed cluster's newest, so the other one may be behind for a moment."""
        deadline = time.monotonic() + 1
        while min(listener.end for listener in self.listeners) <= at and time.monotonic() < deadline:
            time.sleep(0.003)  # the window is whole when the next one begins
        ours, theirs = ({plane: frame for (plane, end), frame in list(listener.frames.items()) if end == at} for listener in self.listeners)
        if not ours.keys() < theirs.keys() or any(theirs[plane] != frame for plane, frame in ours.items()):
            return (ours, theirs)[cluster] or None
        return None

    def close(self):
        for listener in self.listeners:
            listener.close()
