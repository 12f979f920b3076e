"""Every command in the README does what it says, and bad words get a clear answer."""

import pathlib
import re
import shutil
import signal
import socket
import subprocess
import unittest

from suite import BIN, SHARED, SOURCE, Process, eventually, free_port, http, scratch


def readme_commands():
    text = (SOURCE / "README.md").read_text()
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.splitlines() if line.strip()]


def grpcurl():
    """The binary, installed with go when it is not there; None without go."""
    found = shutil.which("grpcurl")
    if found:
        return found
    if not shutil.which("go"):
        return None
    target = next(c.split()[-1] for c in re.findall(r"`(go install \S+)`", (SOURCE / "README.md").read_text()))
    folder = SOURCE / "build" / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "grpcurl").exists():
        import os
        subprocess.run(["go", "install", target], check=True, timeout=300, env={**os.environ, "GOBIN": str(folder), "GOFLAGS": "-mod=mod"})
    return str(folder / "grpcurl")


class Readme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = scratch()
        cls.folder = cls.scratch.__enter__()
        cls.grpc, cls.http = free_port(), free_port()
        cls.demo = Process([BIN / "isobar", "up", f"--grpc=127.0.0.1:{cls.grpc}", f"--http=127.0.0.1:{cls.http}",
                            f"--data-dir={cls.folder / 'data'}"], cls.folder, "demo")
        eventually(lambda: http(cls.http, "/readyz")[0] == 200, 60, f"demo ready: {cls.demo.output()[-2000:]}")

    @classmethod
    def tearDownClass(cls):
        cls.demo.kill()
        cls.scratch.__exit__(None, None, None)

    def run_command(self, command):
        """As written, but for the ports and the folder of the binaries."""
        command = command.replace("7400", str(self.grpc)).replace(
            "isobar query", f"isobar query --grpc=127.0.0.1:{self.grpc}").replace("build/release/bin", str(BIN))
        return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120, cwd=SOURCE)

    def test_queries_answer(self):
        commands = [c for c in readme_commands() if " query " in c]
        self.assertGreaterEqual(len(commands), 5)
        for command in commands:
            with self.subTest(command):
                done = self.run_command(command)
                self.assertEqual(done.returncode, 0, done.stderr)
                wanted = {"stream": "revision", "epochs": "began because", "features": "f1_ask_com_disp_log",
                          "breakthroughs": "breakthroughs", "alerts": "al", "explain-level": "barrier", "SPX": "SPX", "": "ES"}
                self.assertIn(next(text for word, text in wanted.items() if word in command), done.stdout)

    def test_tile_ends_with_order_text(self):
        command = next(c for c in readme_commands() if " query tile " in c)
        # A leg may be without a two-sided quote for a moment, as in a real market.
        done = eventually(lambda: (d := self.run_command(command)) and "valid                   yes" in d.stdout and d, 60, "valid tile")
        self.assertRegex(done.stdout, r"BUY \+1 BUTTERFLY SPX 100 \(Weeklys\) 19 DEC 25 6870/6900/6930 CALL @\d+\.\d\d LMT")

    def test_python_client(self):
        command = next(c for c in readme_commands() if "surface_client.py" in c)
        done = self.run_command(command)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(re.findall(r"^revision \d+ epoch \d+: \d+ tiles changed, [1-9]\d* valid$", done.stdout, re.M)), 3, done.stdout)

    def test_python_radar_client(self):
        command = next(c for c in readme_commands() if "radar_client.py" in c)
        # The simulated session opens with an auction: for its first seconds there is no mid.
        wanted = re.compile(r"^revision \d+ mid \d+\.\d{3} [0-5]{15}\[[0-5]\][0-5]{15} up \d\.\d\d valid$", re.M)
        done = eventually(lambda: (d := self.run_command(command)) and (d.returncode != 0 or len(wanted.findall(d.stdout)) == 3) and d,
                          60, "three valid columns")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_python_gex_client(self):
        command = next(c for c in readme_commands() if "gex_client.py" in c)
        done = eventually(lambda: (d := self.run_command(command)) and d.returncode == 0 and d, 60, "a landscape and signals")
        self.assertRegex(done.stdout, re.compile(r"^ES revision \d+ price", re.M))
        self.assertRegex(done.stdout, r"score \d+ (NEUTRAL|BREAK|BOUNCE|CONTESTED)")

    def test_grpcurl(self):
        tool = grpcurl()
        if tool is None:
            self.skipTest("neither grpcurl nor go is installed")
        command = next(c for c in readme_commands() if c.startswith("grpcurl "))
        done = eventually(lambda: (d := self.run_command(tool + command.removeprefix("grpcurl"))) and (
            "BUY +1 BUTTERFLY SPX" in d.stdout or d.returncode != 0) and d, 60, "valid tile")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_metrics_and_health(self):
        self.assertEqual(http(self.http, "/healthz")[0], 200)
        self.assertIn("isobar_heatmap_builder_", http(self.http, "/metrics")[1])

    def test_hostile_queries_get_canonical_answers(self):
        cases = {"tile SPX SPXW-20251219 butterfly call 6900 31": "NOT_FOUND",
                 "tile NOPE SPXW-20251219 butterfly call 6900 30": "NOT_FOUND",
                 "tile SPX nonsense butterfly call 6900 30": "INVALID_ARGUMENT",
                 "surface SPX --as-of 1970-01-01T00:00:01Z": "NOT_FOUND",
                 "surface SPX --epoch 999": "FAILED_PRECONDITION",
                 "surface SPX --strike-from 9000 --strike-to 1": "INVALID_ARGUMENT",
                 "epoch SPX --id 424242": "NOT_FOUND",
                 "stream NOPE": "NOT_FOUND"}
        for words, code in cases.items():
            with self.subTest(words):
                done = self.run_command(f"build/release/bin/isobar query {words}")
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(code, done.stderr)


class StartUp(unittest.TestCase):
    def refused(self, code, text, *options):
        with scratch() as folder:
            process = Process([BIN / "isobar", "up", "--http=off", f"--data-dir={folder / 'data'}", *options], folder, "up")
            self.assertEqual(process.wait(30), code, process.output())
            self.assertIn(text, process.output())

    def test_port_in_use_is_named(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            port = s.getsockname()[1]
            self.refused(3, str(port), f"--grpc=127.0.0.1:{port}")

    def test_unwritable_directory_is_named(self):
        self.refused(3, "/proc/isobar", "--grpc=127.0.0.1:0", "--data-dir=/proc/isobar")

    def test_unknown_option_is_named(self):
        self.refused(2, "heatmap-builder.widht", "--grpc=127.0.0.1:0", "--heatmap-builder.widht=3")

    def test_print_config_reads_back(self):
        with scratch() as folder:
            printed = subprocess.run([BIN / "isobar", "up", "--print-config", "--sim.seed=99"], capture_output=True, text=True, timeout=30)
            self.assertEqual(printed.returncode, 0, printed.stderr)
            file = pathlib.Path(folder) / "isobar.toml"
            file.write_text(printed.stdout)
            again = subprocess.run([BIN / "isobar", "up", "--print-config", f"--config={file}"], capture_output=True, text=True, timeout=30)
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertRegex(again.stdout, r"(?m)^seed *= *\"?99")

    def test_interrupt_ends_cleanly(self):
        with scratch() as folder:
            port = free_port()
            process = Process([BIN / "isobar", "up", "--grpc=127.0.0.1:0", f"--http=127.0.0.1:{port}", f"--data-dir={folder / 'd'}"], folder, "up")
            eventually(lambda: http(port, "/readyz")[0] == 200, 60, "ready")
            process.child.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(5), 0, process.output()[-2000:])


class Simulate(unittest.TestCase):
    def test_a_simulated_session_replays(self):
        with scratch() as folder:
            session = folder / "session"
            made = subprocess.run([BIN / "isobar", "simulate", f"--out={session}", "--sim.duration-ms=3000",
                                   "--sim.quotes-per-second=1000"], capture_output=True, text=True, timeout=60)
            self.assertEqual(made.returncode, 0, made.stderr)
            command = made.stdout.splitlines()[-1].removeprefix("replay: isobar ").split()
            again = Process([BIN / "isobar", *command, f"--data-dir={folder / 'data'}"], folder, "replay")
            self.assertEqual(again.wait(60), 0, again.output())
            self.assertRegex(again.output(), r"(?m)^digest [0-9a-f]{16} over \d{2,} frames$")

    def test_a_futures_session_is_a_dbn_file(self):
        with scratch() as folder:
            made = subprocess.run([BIN / "isobar", "simulate", f"--dbn={folder / 'es.dbn.zst'}", "--symbols=ES,NQ",
                                   "--minutes=0.1"], capture_output=True, text=True, timeout=60)
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertRegex(made.stdout, r"^\d{5,} records \(\d{5,} of orders\) in \d{5,} bytes, 2025-12-19T14:30:00")
            self.assertEqual((folder / "es.dbn.zst").read_bytes()[:4], bytes.fromhex("28b52ffd"))
            refused = subprocess.run([BIN / "isobar", "simulate", "--dbn=x.dbn", "--symbols=SPX"], capture_output=True,
                                     text=True, timeout=60)
            self.assertEqual(refused.returncode, 2)
            self.assertIn("SPX has no futures contract", refused.stderr)


if __name__ == "__main__":
    unittest.main()
