"""Follow the bucket radar over gRPC: a line a window with the mid, the gate, and the levels of the rows around the spot.

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
    needed = ["common/v1/frame", "radar/v1/radar", "radar/v1/radar_service"]
    with tempfile.TemporaryDirectory() as folder:
        files = [f"isobar/{name}.proto" for name in needed]
        plugin = shutil.which("grpc_python_plugin") or "grpc_python_plugin"
        subprocess.run(["protoc", f"-I{PROTO_ROOT}", f"--plugin=protoc-gen-grpc={plugin}", f"--python_out={folder}",
                        f"--grpc_out={folder}", *files], check=True)
        sys.path.insert(0, folder)
        module = "isobar.radar.v1.radar_service"
        return importlib.import_module(module + "_pb2"), importlib.import_module(module + "_pb2_grpc")


messages, services = compile_protos()


def line(column):
    """Blocked levels from the lowest row to the highest, the spot's in brackets."""
    window = column.window
    if not window.HasField("anchor_nanos"):
        return f"revision {window.revision}: no mid yet"
    centre = -column.first_bucket_rel
    levels = "".join(f"[{level}]" if i == centre else str(level) for i, level in enumerate(column.blocked_level))
    state = "valid" if window.valid else "not valid"
    return f"revision {window.revision} mid {window.anchor_nanos / 1e9:.3f} {levels} up {column.gate_up:.2f} {state}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--grpc", default="127.0.0.1:7400", help="host:port")
    parser.add_argument("--symbol", default="ES", help="symbol or product")
    parser.add_argument("--columns", type=int, default=0, help="stop after so many columns; 0: never")
    arguments = parser.parse_args()
    stub = services.RadarServiceStub(grpc.insecure_channel(arguments.grpc))
    seen = 0
    for update in stub.StreamRadar(messages.StreamRadarRequest(symbol=arguments.symbol)):
        # The base brings the columns before now: of those, the newest.
        for column in update.columns[-1:] if update.base else update.columns:
            print(line(column), flush=True)
            seen += 1
            if seen == arguments.columns:
                return


if __name__ == "__main__":
    main()
