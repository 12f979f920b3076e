"""Show the gamma landscape over gRPC: dealer gamma by strike as bars with walls, flip and market, then the signals at levels.

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
    """The messages and the service stubs of landscape and levels, as modules."""
    needed = ["common/v1/frame", "radar/v1/radar", "gex/v1/gex", "gex/v1/gex_service", "level/v1/level", "level/v1/signal",
              "level/v1/level_service"]
    with tempfile.TemporaryDirectory() as folder:
        files = [f"isobar/{name}.proto" for name in needed]
        plugin = shutil.which("grpc_python_plugin") or "grpc_python_plugin"
        subprocess.run(["protoc", f"-I{PROTO_ROOT}", f"--plugin=protoc-gen-grpc={plugin}", f"--python_out={folder}",
                        f"--grpc_out={folder}", *files], check=True)
        sys.path.insert(0, folder)
        names = ["gex.v1.gex_pb2", "gex.v1.gex_service_pb2", "gex.v1.gex_service_pb2_grpc", "level.v1.signal_pb2",
                 "level.v1.level_service_pb2", "level.v1.level_service_pb2_grpc"]
        return [importlib.import_module("isobar." + name) for name in names]


gex, gex_messages, gex_services, signals, level_messages, level_services = compile_protos()

MODELS = {name.removeprefix("SIGN_MODEL_").lower().replace("_", "-"): number
          for name, number in gex.SignModel.items() if number != 0}


def points(nanos):
    """A price in points: 4906.25, without zeros that say nothing."""
    return f"{nanos / 1e9:.4f}".rstrip("0").rstrip(".")


def bar(value, largest, half):
    """Negative to the left of the axis, positive to the right."""
    length = round(abs(value) / largest * half) if largest > 0 else 0
    left, right = ("#" * length, "") if value < 0 else ("", "#" * length)
    return f"{left:>{half}}|{right:<{half}}"


def nearest(strikes, nanos):
    """The strike at which a price is shown."""
    return min(strikes, key=lambda strike: abs(strike - nanos)) if strikes else None


def marks(profile, walls):
    """What stands at a strike: strike -> words."""
    found = {}
    named = {"call wall": walls.call_wall_nanos if walls.HasField("call_wall_nanos") else None,
             "put wall": walls.put_wall_nanos if walls.HasField("put_wall_nanos") else None,
             "flip": walls.zero_gamma_nanos if walls.HasField("zero_gamma_nanos") else None,
             "market": profile.price_nanos or None}
    strikes = list(profile.strike_nanos)
    for words, nanos in named.items():
        if nanos is None:
            continue
        inside = strikes and strikes[0] - profile.strike_step_nanos <= nanos <= strikes[-1] + profile.strike_step_nanos
        if inside:
            found.setdefault(nearest(strikes, nanos), []).append(f"{words} {points(nanos)}")
    return found


def landscape(profile, half):
    """Lines of text, the highest strike first."""
    model = profile.models[0]
    regime = gex.Regime.Name(model.readings.regime).removeprefix("REGIME_").lower()
    flip = points(model.walls.zero_gamma_nanos) if model.walls.HasField("zero_gamma_nanos") else "none"
    yield f"{profile.symbol} revision {profile.revision} price {points(profile.price_nanos)} regime {regime} flip {flip}"
    yield f"{profile.contracts_priced} of {profile.contracts} contracts of {profile.option_symbol}; {profile.assumptions}"
    largest = max((abs(value) for value in model.strikes.gex), default=0)
    standing = marks(profile, model.walls)
    for strike, value in reversed(list(zip(profile.strike_nanos, model.strikes.gex))):
        words = ", ".join(standing.get(strike, []))
        yield f"{points(strike):>10} {value:>12.0f} {bar(value, largest, half)} {words}".rstrip()


def signal_lines(update, count):
    """The nearest levels at one instant."""
    if not update.levels:
        yield f"revision {update.revision} no level is near"
    for level in update.levels[:count]:
        said = signals.Signal.Name(level.signal).removeprefix("SIGNAL_")
        sure = signals.Confidence.Name(level.confidence).removeprefix("CONFIDENCE_").lower()
        yield (f"revision {update.revision} {level.id} {points(level.price_nanos)} {level.distance_signed_nanos / 1e9:+.2f} "
               f"score {level.break_score:.0f} {said} ({sure}) {level.note}").rstrip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--grpc", default="127.0.0.1:7400", help="host:port")
    parser.add_argument("--symbol", default="ES", help="symbol or product")
    parser.add_argument("--model", default="calls-positive", choices=list(MODELS), help="whose convention signs the dealers")
    parser.add_argument("--width", type=int, default=24, help="characters of the longest bar")
    parser.add_argument("--levels", type=int, default=4, help="nearest levels shown at each instant")
    parser.add_argument("--signals", type=int, default=0, help="stop after so many sets of signals; 0: never")
    arguments = parser.parse_args()
    channel = grpc.insecure_channel(arguments.grpc)
    try:
        asked = gex_messages.GetGexRequest(symbol=arguments.symbol, model=MODELS[arguments.model])
        profile = gex_services.GexServiceStub(channel).GetGex(asked, timeout=10).profile
        print("\n".join(landscape(profile, arguments.width)), flush=True)
        seen = 0
        stream = level_services.LevelServiceStub(channel).StreamSignals(
            level_messages.StreamSignalsRequest(symbol=arguments.symbol))
        for update in stream:
            for alert in update.alerts:
                print(f"alert {alert.kind}: {alert.text}", flush=True)
            if not update.HasField("signals"):
                continue
            print("\n".join(signal_lines(update.signals, arguments.levels)), flush=True)
            seen += 1
            if seen == arguments.signals:
                return
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")


if __name__ == "__main__":
    main()
