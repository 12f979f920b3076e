"""The containers of deploy/compose.yaml for real, with the machine's network instead of Compose's own: the same image,
commands, environment, seeds and confinement, and a nats-server with the same configuration and users. ./dev image --smoke."""

import os
import pathlib
import shutil
import subprocess
import time
import unittest

from compose_test import load, services_of
from containers import SOURCE, Container, run
from suite import Process, eventually, free_port, http, metric, scratch

TERM_SECONDS = 6


def free_ports(names):
    return {name: (free_port(), free_port()) for name in names}


class Bus:
    """nats-server with deploy/nats/nats.conf, on loopback."""

    def __init__(self, folder, secrets):
        self.port, web = free_port(), free_port()
        text = (SOURCE / "deploy/nats/nats.conf").read_text()
        for old, new in (("0.0.0.0:4222", f"127.0.0.1:{self.port}"), ("0.0.0.0:8222", f"127.0.0.1:{web}"), ('"/data"', f'"{folder}/jetstream"')):
            assert old in text, old
            text = text.replace(old, new)
        (folder / "nats.conf").write_text(text)
        shutil.copy(secrets / "auth.conf", folder / "auth.conf")
        self.process = Process([shutil.which("nats-server") or "/usr/sbin/nats-server", "-c", folder / "nats.conf"], folder, "nats")
        eventually(lambda: http(web, "/healthz")[0] == 200, 20, f"nats-server: {self.process.output()}")


def container(name, service, bus, ports, secrets, anchor):
    environment = {key: str(value) for key, value in service["environment"].items()}
    environment |= {"ISOBAR_BUS": f"nats://127.0.0.1:{bus.port}", "ISOBAR_GRPC": f"127.0.0.1:{ports[0]}",
                    "ISOBAR_HTTP": f"127.0.0.1:{ports[1]}", "ISOBAR_SYMBOLS": "SPX", "ISOBAR_FUTURES": "ES"}
    if "ISOBAR_SIM_ANCHOR" in environment:
        environment["ISOBAR_SIM_ANCHOR"] = anchor
    options = [f"--env={key}={value}" for key, value in environment.items()]
    options.append(f"--volume={secrets / (name + '.nk')}:/run/secrets/nkey:ro")
    return Container(f"isobar-compose-{os.getpid()}-{name}", *service["command"], options=options)


class Suite(unittest.TestCase):
    def test_all_services_with_their_own_users(self):
        services = services_of(load("compose.yaml"))
        with scratch() as folder:
            secrets = pathlib.Path(folder) / "secrets"
            subprocess.run(["/usr/bin/python3", SOURCE / "scripts/nats_auth.py", "--out", secrets], check=True, capture_output=True)
            for seed in secrets.glob("*.nk"):
                os.chown(seed, 65532, 65532)
            os.chmod(folder, 0o755)
            os.chmod(secrets, 0o755)
            bus = Bus(folder, secrets)
            self.addCleanup(bus.process.kill)
            ports, containers = free_ports(services), {}
            anchor = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            for name, service in services.items():
                containers[name] = container(name, service, bus, ports[name], secrets, anchor)
                self.addCleanup(containers[name].close)
            for name in services:
                eventually(lambda n=name: http(ports[n][1], "/readyz")[0] == 200, 60,
                           f"{name} ready: {http(ports[name][1], '/readyz')} {containers[name].logs()[-800:]}")
            grpc = ports["heatmap-builder"][0]
            eventually(lambda: run("isobar", "query", f"--grpc=127.0.0.1:{grpc}", "surface", "SPX")[0] == 0, 60, "a surface")
            for name in services:
                self.assertEqual(metric(ports[name][1], "isobar_bus_permission_errors_total"), 0, name)
            for name in services:
                with self.subTest(name):
                    code, seconds = containers[name].terminate()
                    self.assertEqual(code, 0, containers[name].logs()[-2000:])
                    self.assertLess(seconds, TERM_SECONDS)


if __name__ == "__main__":
    unittest.main()
