#!/usr/bin/python3
"""The chart on a real Kubernetes API server (kube-apiserver built from its sources, etcd from Debian; no kubelet, no controllers, so
nothing runs): helm installs, upgrades and rolls back, and every pod passes the `restricted` standard. `./dev chart --server`."""

import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

import yaml
from chart import CHART, GOLDEN, PROFILES, SOURCE, TOOLS, documents, of_kind, pod_spec, pods, run

sys.path.insert(0, str(SOURCE / "tests" / "e2e"))
# pylint: disable=wrong-import-position
from suite import eventually, free_port, scratch

TOKEN = "only-for-this-test"


class ApiServer:
    """etcd and kube-apiserver on loopback, their data in `folder`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        etcd, self.port = free_port(), free_port()
        (self.folder / "tokens.csv").write_text(f"{TOKEN},tester,1,system:masters\n")
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "sa.key", "2048"], check=True, capture_output=True)
        peer = free_port()
        self.processes = [self.launch(
            "etcd", "etcd", f"--data-dir={self.folder}/etcd", f"--listen-client-urls=http://127.0.0.1:{etcd}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd}", f"--listen-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}", f"--initial-cluster=default=http://127.0.0.1:{peer}",
            "--unsafe-no-fsync")]
        self.processes.append(self.launch(
            "apiserver", TOOLS / "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{etcd}", f"--secure-port={self.port}",
            "--bind-address=127.0.0.1", f"--cert-dir={self.folder}/certs", "--authorization-mode=AlwaysAllow",
            f"--token-auth-file={self.folder}/tokens.csv", "--service-account-issuer=https://isobar.test",
            f"--service-account-key-file={self.folder}/sa.key", f"--service-account-signing-key-file={self.folder}/sa.key",
            "--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount",
            "--endpoint-reconciler-type=none"))
        self.config = self.folder / "kubeconfig"
        self.config.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": f"https://127.0.0.1:{self.port}", "insecure-skip-tls-verify": True}}],
            "users": [{"name": "test", "user": {"token": TOKEN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}]}))
        self.environment = {**os.environ, "KUBECONFIG": str(self.config), "HOME": str(self.folder)}
        try:
            eventually(lambda: self.kubectl("get", "--raw=/readyz")[0] == 0, 120, "kube-apiserver is ready")
        except AssertionError as error:
            tail = (self.folder / "apiserver.log").read_text()[-3000:]
            self.close()
            raise AssertionError(f"{error}\n{tail}") from None

    def launch(self, name, *command):
        with (self.folder / f"{name}.log").open("w") as log:
            return subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)

    def kubectl(self, *words, **more):
        return run(TOOLS / "kubectl", *words, env=self.environment, **more)

    def helm(self, *words):
        return run(TOOLS / "helm", *words, env=self.environment)

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


class Server(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.api = ApiServer(cls.folder.__enter__())
        cls.addClassCleanup(cls.folder.__exit__, None, None, None)
        cls.addClassCleanup(cls.api.close)
        for crd in os.environ["CHART_CRDS"].split():
            cls.ok(*cls.api.kubectl("apply", "--server-side", "-f", crd))
        cls.ok(*cls.api.kubectl("create", "priorityclass", "market-data", "--value=1000"))
        eventually(lambda: cls.api.kubectl("get", "scaledobjects,servicemonitors,prometheusrules", "-A")[0] == 0, 60, "custom resources")

    @staticmethod
    def ok(code, text):
        if code != 0:
            raise AssertionError(text)
        return text

    def namespace(self, name):
        """A namespace in which only pods of the restricted standard may be."""
        document = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {
            "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}}}
        self.ok(*self.api.kubectl("apply", "-f", "-", input=json.dumps(document)))
        return name

    def helm(self, *words):
        return self.ok(*self.api.helm(*words))

    def test_kubectl_takes_the_recorded_manifests(self):
        for name in PROFILES:
            self.ok(*self.api.kubectl("create", "--dry-run=client", "--validate=strict", "-f", GOLDEN / f"{name}.yaml"))

    def test_profiles_install_and_their_pods_are_restricted(self):
        for name in PROFILES:
            space = self.namespace(f"profile-{name}")
            with self.subTest(name):
                said = self.helm("install", "isobar", CHART, "--namespace", space, "-f", CHART / "ci" / f"{name}.yaml")
                self.assertNotIn("would violate PodSecurity", said)
                self.assertIn("isobar query", said)
                for workload in pods(documents("-f", CHART / "ci" / f"{name}.yaml")):
                    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": workload["metadata"]["name"]},
                           "spec": pod_spec(workload)}
                    said = self.ok(*self.api.kubectl("create", "--namespace", space, "-f", "-", input=json.dumps(self.bound(pod))))
                    self.assertIn("created", said)

    def bound(self, pod):
        """The pod with its claims as volumes, which a StatefulSet's controller would add."""
        mounted = {m["name"] for c in pod["spec"]["containers"] for m in c.get("volumeMounts", [])}
        volumes = pod["spec"].setdefault("volumes", [])
        for name in mounted - {v["name"] for v in volumes}:
            volumes.append({"name": name, "persistentVolumeClaim": {"claimName": name}})
        return pod

    def test_a_pod_that_is_not_restricted_is_refused_here(self):
        space = self.namespace("refusing")
        pod = pod_spec(of_kind(documents(), "Deployment")[0])
        pod["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
        code, text = self.api.kubectl("create", "--namespace", space, "-f", "-", input=json.dumps(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": pod}))
        self.assertNotEqual(code, 0)
        self.assertIn("allowPrivilegeEscalation != false", text)

    def anchor(self, space):
        return self.ok(*self.api.kubectl("get", "configmap", "isobar-simulation", "--namespace", space, "-o", "jsonpath={.data.anchor}"))

    def generations(self, space):
        listed = json.loads(self.ok(*self.api.kubectl("get", "statefulsets,deployments", "--namespace", space, "-o", "json")))
        return {item["metadata"]["name"]: item["metadata"]["generation"] for item in listed["items"]}

    def test_upgrades_change_what_was_asked_and_roll_back(self):
        space = self.namespace("upgrades")
        self.helm("install", "isobar", CHART, "--namespace", space)
        first, before = self.anchor(space), self.generations(space)
        time.sleep(1.1)  # the anchor has seconds
        self.helm("upgrade", "isobar", CHART, "--namespace", space)
        self.assertEqual((self.anchor(space), self.generations(space)), (first, before), "an upgrade without a change changed something")
        self.helm("upgrade", "isobar", CHART, "--namespace", space, "--set", "futures={ES,NQ}", "--set",
                  "symbolOverrides.SPX.decomposer.priorityClassName=market-data")
        after = self.generations(space)
        # SPX went from the shared decomposer to its own; only services that take futures restart beside it.
        self.assertEqual(set(before) - set(after), {"isobar-decomposer"})
        self.assertEqual(set(after) - set(before), {"isobar-decomposer-spx"})
        self.assertEqual({n for n in set(before) & set(after) if after[n] != before[n]},
                         {"isobar-feed-ingest", "isobar-radar-physics", "isobar-gamma-fuel"})
        self.helm("rollback", "isobar", "1", "--namespace", space)
        self.assertEqual(set(self.generations(space)), set(before))
        self.assertEqual(self.anchor(space), first)
        self.helm("uninstall", "isobar", "--namespace", space)
        self.assertEqual(self.generations(space), {})


if __name__ == "__main__":
    unittest.main(verbosity=2)
