"""The Compose files, read as they are: nothing is missing, nothing is open. Needs no engine; ./dev compose asks a real one."""

import pathlib
import sys
import unittest

import yaml

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "scripts")]
import nats_auth  # noqa: E402


def load(name):
    return yaml.safe_load((SOURCE / "deploy" / name).read_text())


def services_of(compose):
    """The services of Isobar: all but the bus."""
    return {name: service for name, service in compose["services"].items() if name != "nats"}


class Compose(unittest.TestCase):
    def setUp(self):
        self.compose = load("compose.yaml")
        self.services = services_of(self.compose)
        self.everything = {**self.compose["services"], **load("compose.observability.yaml")["services"]}

    def test_every_service_is_there(self):
        declared = yaml.safe_load((SOURCE / "libs/telemetry/metrics.yaml").read_text())["services"]
        self.assertEqual(set(self.services), {word.replace("_", "-") for word in declared})

    def test_each_runs_its_own_binary_as_its_own_user(self):
        users = nats_auth.permissions(yaml.safe_load((SOURCE / "proto/subjects.yaml").read_text()))
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertEqual(service["command"], [name])
                self.assertEqual(service["secrets"], [{"source": name, "target": "nkey"}])
                self.assertEqual(self.compose["secrets"][name], {"file": f"./secrets/{name}.nk"})
                self.assertIn(name, users)

    def test_nothing_is_open(self):
        for name, service in self.everything.items():
            with self.subTest(name):
                self.assertTrue(service["read_only"])
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                self.assertEqual(service["restart"], "unless-stopped")
                self.assertNotIn("privileged", service)
                for port in service.get("ports", []):
                    self.assertTrue(port.startswith("127.0.0.1:"), port)
                self.assertRegex(service["image"], r"isobar}:|:v?\d+\.\d+\.\d+(-alpine)?}$")

    def test_no_port_is_given_twice(self):
        ports = [port.split(":")[1] for service in self.everything.values() for port in service.get("ports", [])]
        self.assertEqual(len(ports), len(set(ports)))

    def test_each_has_its_data_folder_and_no_other(self):
        for name, service in self.services.items():
            with self.subTest(name):
                mounted = service.get("volumes", []) + service.get("tmpfs", [])
                self.assertIn(mounted, ([f"{name}:/data"], ["/data"]))

    def test_no_secret_stands_in_a_file_of_the_repository(self):
        for name, service in self.everything.items():
            for key, value in (service.get("environment") or {}).items():
                if any(word in key for word in ("PASSWORD", "KEY", "SEED", "TOKEN")):
                    self.assertTrue(str(value).startswith("/run/secrets/"), f"{name}: {key}")
        self.assertIn("/deploy/secrets/", (SOURCE / ".gitignore").read_text().splitlines())

    def test_mounted_files_are_there(self):
        for name, service in self.everything.items():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("./") and not source.startswith("./secrets/"):
                    self.assertTrue((SOURCE / "deploy" / source).exists(), f"{name}: {source}")


if __name__ == "__main__":
    unittest.main()
