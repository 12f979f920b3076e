#!/usr/bin/python3
"""The production profile for real: its rendered pods run under `podman kube play` on a NATS server with TLS and a user per
service, become ready, are as confined as they say, and answer the questions of `helm test`. `./dev chart --play` runs this.

podman is no cluster. What it does not know is left out or stands in, and is printed: PARTS below.
"""

import contextlib
import copy
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import yaml
from chart import CHART, SOURCE, containers, documents, of_kind, pod_spec

sys.path.insert(0, str(SOURCE / "tests" / "e2e"))
sys.path.insert(0, str(SOURCE / "tests" / "deploy"))
# pylint: disable=wrong-import-position
from containers import IMAGE, engine
from suite import Nats, eventually, free_port, http, scratch

PARTS = {
    "StatefulSet": "its first pod, with its claim",
    "Deployment": "one pod",
    "Service, NetworkPolicy, PodDisruptionBudget, HorizontalPodAutoscaler, ServiceMonitor, ServiceAccount": "left out",
    "secrets": "folders of the host: podman 4.3 neither decodes secrets nor picks items",
    "annotations": "left out: podman 4.3 takes none longer than 63 characters, and a checksum has 64",
    "init container of the test": "a pod before it",
    "probes": "asked by this test, as a kubelet would",
    "ports, host names": "host network: every worker has ports of its own on loopback",
}


class SecureNats(Nats):
    """nats-server with TLS and the users of `./dev nats-auth`; its certificate serves gRPC, too."""

    def __init__(self, folder):
        super().__init__(folder)
        self.users = pathlib.Path(folder) / "users"
        subprocess.run([sys.executable, SOURCE / "scripts" / "nats_auth.py", "--out", self.users, "--tls", "127.0.0.1"],
                       check=True, stdout=subprocess.DEVNULL)
        self.url = f"tls://127.0.0.1:{self.port}"
        with self.conf.open("a") as conf:
            conf.write("".join(f'include "users/{name}"\n' for name in ("auth.conf", "tls.conf")))

    def secrets(self):
        """{secret: {key: bytes}}: what the production profile expects to exist."""
        files = {path.name: path.read_bytes() for path in self.users.iterdir()}
        token = "a-token-of-this-test-only"
        files |= {"tokens": f"helm-test read {token}\n".encode(), "token": f"{token}\n".encode()}
        wanted = {
            "isobar-nats-users": [name for name in files if name.endswith(".nk")],
            "isobar-nats-tls": ["ca.pem"],
            "isobar-grpc-tls": ["server.pem", "server.key"],
            "isobar-grpc-tokens": ["tokens"],
            "isobar-grpc-client": ["ca.pem", "token"],
        }
        return {name: {key: files[key] for key in keys} for name, keys in wanted.items()}


def overlay(nats):
    """The values that differ from production: where things are, and a calm market from now on."""
    now = datetime.datetime.now(datetime.timezone.utc)
    values = yaml.safe_load((CHART / "ci" / "production.yaml").read_text())
    values["nats"]["url"] = nats.url
    values["image"] = {"repository": IMAGE.rsplit(":", 1)[0], "tag": IMAGE.rsplit(":", 1)[1], "digest": "", "pullSecrets": []}
    values["listen"] = "127.0.0.1"
    values["simulation"] = {"anchor": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
    for name in yaml.safe_load((CHART / "values.yaml").read_text())["services"]:
        service = values["services"].setdefault(name, {})
        service["ports"] = {"grpc": free_port(), "http": free_port()}
        if name in ("chain-ingest", "ws-hydrator"):
            service["options"] = {"sim.quotes-per-second": 500}
    for services in values["symbolOverrides"].values():
        for service in services.values():
            service["ports"] = {"grpc": free_port(), "http": free_port()}
    return values


class Secrets:
    """Existing secrets as folders that a pod's user may read."""

    def __init__(self, folder, data):
        self.folder, self.data = pathlib.Path(folder) / "secrets", data

    def mount(self, spec, pod):
        for volume in spec.get("volumes", []):
            secret = volume.pop("secret", None)
            if secret is None:
                continue
            here = self.folder / pod / volume["name"]
            here.mkdir(parents=True)
            for item in secret["items"]:
                file = here / item["path"]
                file.write_bytes(self.data[secret["secretName"]][item["key"]])
                file.chmod(secret["defaultMode"])
                os.chown(file, 0, spec["securityContext"]["runAsGroup"])
            volume["hostPath"] = {"path": str(here), "type": "Directory"}


def as_pods(workload, secrets):
    """[claim, pod]: the first pod of a workload as podman can run it."""
    name = workload["metadata"]["name"] + "-0"
    template = copy.deepcopy(workload["spec"]["template"])
    spec = template["spec"]
    out = []
    for claim in workload["spec"].get("volumeClaimTemplates", []):
        out.append({**claim, "metadata": {"name": f"{claim['metadata']['name']}-{name}"}})
        spec["volumes"].append({"name": "data", "persistentVolumeClaim": {"claimName": out[-1]["metadata"]["name"]}})
    for volume in spec["volumes"]:
        if volume.pop("emptyDir", None) is not None:
            claim = f"{volume['name']}-{name}"
            out.append({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": claim}, "spec": {
                "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}})
            volume["persistentVolumeClaim"] = {"claimName": claim}
    secrets.mount(spec, name)
    out.append({"apiVersion": "v1", "kind": "Pod", "metadata": {
        "name": name, "labels": template["metadata"]["labels"]}, "spec": on_host(spec)})
    return out


def on_host(spec):
    spec["hostNetwork"] = True
    for container in spec.get("initContainers", []) + spec["containers"]:
        for name in ("ports", "startupProbe", "livenessProbe", "readinessProbe"):
            container.pop(name, None)
    return spec


class Play(contextlib.AbstractContextManager):
    """Documents under `podman kube play`, until closed."""

    def __init__(self, folder, docs, name):
        self.file = pathlib.Path(folder) / f"{name}.yaml"
        self.file.write_text(yaml.safe_dump_all(docs))
        self.claims = [d["metadata"]["name"] for d in of_kind(docs, "PersistentVolumeClaim")]
        self.volumes = [d["metadata"]["name"] for d in of_kind(docs, "ConfigMap")]

    def __enter__(self):
        self.clean()
        engine("kube", "play", self.file, limit=300)
        return self

    def __exit__(self, *_):
        self.clean()

    def clean(self):
        engine("kube", "down", self.file, check=False, limit=300)
        engine("volume", "rm", "--force", *self.claims, *self.volumes, "none", check=False)


def status_of(container):
    pid = json.loads(engine("inspect", container))[0]["State"]["Pid"]
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


class Production(unittest.TestCase):
    def test_runs_and_answers(self):
        print("\n" + "\n".join(f"  {kind}: {part}" for kind, part in PARTS.items()))
        with scratch() as folder:
            nats = SecureNats(folder).start()
            self.addCleanup(nats.kill)
            values = pathlib.Path(folder) / "values.yaml"
            values.write_text(yaml.safe_dump(overlay(nats)))
            docs = documents("-f", values, "--set", f"simulation.anchor={yaml.safe_load(values.read_text())['simulation']['anchor']}")
            workloads = of_kind(docs, "StatefulSet", "Deployment")
            secrets = Secrets(folder, nats.secrets())
            played = [d for d in of_kind(docs, "ConfigMap") if "isobar.toml" in d["data"]]
            played += [d for w in workloads for d in as_pods(w, secrets)]
            with Play(folder, played, "suite"):
                self.become_ready(workloads)
                self.confined(workloads)
                self.asked(folder, docs, secrets)

    def port(self, workload, name):
        return next(p["containerPort"] for p in pod_spec(workload)["containers"][0]["ports"] if p["name"] == name)

    def name(self, workload):
        return f"{workload['metadata']['name']}-0-{pod_spec(workload)['containers'][0]['name']}"

    def become_ready(self, workloads):
        for workload in workloads:
            web = self.port(workload, "http")
            try:
                eventually(lambda p=web: http(p, "/readyz")[0] == 200, 120, self.name(workload))
            except AssertionError:
                logs = subprocess.run(["podman", "logs", self.name(workload)], capture_output=True, text=True, check=False)
                raise AssertionError(f"{self.name(workload)}: {http(web, '/readyz')}\n{(logs.stdout + logs.stderr)[-3000:]}") from None
            self.assertEqual(http(web, "/healthz")[0], 200)
        print(f"  {len(workloads)} pods ready")

    def confined(self, workloads):
        for workload in workloads:
            status = status_of(self.name(workload))
            self.assertEqual(set(status["Uid"].split()), {"65532"})
            self.assertEqual((int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"].strip()), (0, 0, "1"))
            self.assertEqual(status["Seccomp"].strip(), "2", "seccomp filters")
            done = subprocess.run(["podman", "exec", self.name(workload), "touch", "/usr/x"], capture_output=True, text=True,
                                  check=False)
            self.assertIn("Read-only file system", done.stderr)

    def asked(self, folder, docs, secrets):
        """The pod of `helm test`, as it is but for the addresses; its init container in a pod of its own, whose words remain."""
        pod = copy.deepcopy(next(d for d in of_kind(docs, "Pod")))
        for container in containers(pod):
            container["args"] = [re.sub(r"isobar-[\w.-]+:(\d+)", r"127.0.0.1:\1", word) for word in container["args"]]
        del pod["metadata"]["annotations"]
        secrets.mount(on_host(pod["spec"]), "test")
        first = pod["spec"].pop("initContainers")
        health = self.said(folder, {**pod, "metadata": {"name": "isobar-health"}, "spec": {**pod["spec"], "containers": first}})
        self.assertNotIn("not serving", health)
        tiles = json.loads(self.said(folder, pod))["tiles"]
        self.assertGreater(len(tiles), 100)
        print(f"  {health.count('SERVING')} servers in health; helm test's query answered with {len(tiles)} tiles")

    def said(self, folder, pod):
        """What the one container of a pod says until it ends well."""
        name = f"{pod['metadata']['name']}-{pod['spec']['containers'][0]['name']}"
        with Play(folder, [pod], pod["metadata"]["name"]):
            code = engine("wait", name, limit=200).strip()
            done = subprocess.run(["podman", "logs", name], capture_output=True, text=True, check=False)
        self.assertEqual(code, "0", done.stdout + done.stderr)
        return done.stdout


if __name__ == "__main__":
    unittest.main(verbosity=2)
