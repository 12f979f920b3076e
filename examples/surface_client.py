"""Follow a strategy surface over gRPC: the base, then the tiles that change.

Needs python3-grpcio, python3-protobuf, protoc and its gRPC plugin (protobuf-compiler-grpc). Compiles the .proto files of the
checkout into a temporary folder.
"""

import argparse
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

import grpc

PROTO_ROOT = pathlib.Path(__file__).resolve().parent.parent / "proto"


def compile_protos():
    """The messages and the service stubs, as modules."""
    needed = ["common/v1/frame", "heatmap/v1/tile", "heatmap/v1/heatmap_service"]
    with tempfile.TemporaryDirectory() as folder:
        files = [f"isobar/{name}.proto" for name in needed]
        plugin = shutil.which("grpc_python_plugin") or "grpc_python_plugin"
        subprocess.run(["protoc", f"-I{PROTO_ROOT}", f"--plugin=protoc-gen-grpc={plugin}", f"--python_out={folder}",
                        f"--grpc_out={folder}", *files], check=True)
        sys.path.insert(0, folder)
        module = "isobar.heatmap.v1.heatmap_service"
        return importlib.import_module(module + "_pb2"), importlib.import_module(module + "_pb2_grpc")


messages, services = compile_protos()


def absolute(deltas):
    """Undoes the difference coding of an ascending column."""
    total = 0
    for delta in deltas:
        total += delta
        yield total


class Plane:
    """One (expiry, root) of the surface, rebuilt from its deltas: tile index -> mid debit in points."""

    def __init__(self):
        self.mid = {}

    def apply(self, delta):
        if delta.base:
            self.mid.clear()
        unit = delta.value_unit_nanos / 1e9
        for tile, value in zip(absolute(delta.tile_delta), delta.mid):
            self.mid[tile] = value * unit
        for tile in absolute(delta.removed_delta):
            self.mid.pop(tile, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--grpc", default="127.0.0.1:7400", help="host:port of heatmap-builder")
    parser.add_argument("--symbol", default="SPX")
    parser.add_argument("--messages", type=int, default=10, help="stop after this many")
    arguments = parser.parse_args()

    channel = grpc.insecure_channel(arguments.grpc, options=[("grpc.max_receive_message_length", 64 << 20)])
    stub = services.HeatmapServiceStub(channel)
    planes = {}
    try:
        for count, update in enumerate(stub.StreamSurface(messages.StreamSurfaceRequest(symbol=arguments.symbol)), 1):
            changed = 0
            for delta in update.planes:
                key = f"{delta.expiry.root}-{delta.expiry.expiry_yyyymmdd}"
                planes.setdefault(key, Plane()).apply(delta)
                changed += len(delta.tile_delta) + len(delta.removed_delta)
            valid = sum(len(plane.mid) for plane in planes.values())
            print(f"revision {update.info.revision} epoch {update.info.epoch_id}: {changed} tiles changed, {valid} valid")
            if count == arguments.messages:
                break
    except grpc.RpcError as error:
        sys.exit(f"surface_client: {error.code().name}: {error.details()}")


if __name__ == "__main__":
    main()
