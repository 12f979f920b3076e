#!/usr/bin/python3
"""Tests of helm/isobar with the real helm, kubeconform, nats-server and binaries; `./dev chart` installs them and runs this.
CHART_UPDATE=1 writes the golden manifests and the table of values anew."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest

import values_table
import yaml
from chart import BIN, CHART, GOLDEN, PROFILES, SOURCE, TOOLS, containers, documents, helm, named, of_kind, pod_spec, pods, profile, \
    recorded, render, run

UPDATE = os.environ.get("CHART_UPDATE") == "1"


def setUpModule():
    if not UPDATE:
        return
    values_table.write()
    for name in PROFILES:
        code, text = render("-f", CHART / "ci" / f"{name}.yaml")
        assert code == 0, text
        (GOLDEN / f"{name}.yaml").write_text(recorded(text))


class Rendering(unittest.TestCase):
    def test_lint_is_clean_for_every_profile(self):
        for name in PROFILES:
            code, text = helm("lint", CHART, "--strict", "--kube-version", "1.34.1", "-f", CHART / "ci" / f"{name}.yaml")
            self.assertEqual(code, 0, text)
            self.assertNotIn("[WARNING]", text)

    def test_profiles_render_as_recorded(self):
        for name in PROFILES:
            code, text = render("-f", CHART / "ci" / f"{name}.yaml")
            self.assertEqual(code, 0, text)
            golden = GOLDEN / f"{name}.yaml"
            self.assertTrue(golden.is_file(), f"no {golden}; ./dev chart --update writes it")
            self.assertEqual(golden.read_text(), recorded(text), f"{name} differs from its record; ./dev chart --update if that is meant")

    def test_the_package_holds_what_the_folder_renders(self):
        with tempfile.TemporaryDirectory() as folder:
            code, text = helm("package", CHART, "--destination", folder)
            self.assertEqual(code, 0, text)
            packed = next(pathlib.Path(folder).glob("isobar-*.tgz"))
            code, text = run(TOOLS / "helm", "template", "isobar", packed, "--namespace", "isobar", "--kube-version", "1.34.1",
                             "-f", CHART / "ci" / "default.yaml")
            self.assertEqual(code, 0, text)
            self.assertEqual(text, (GOLDEN / "default.yaml").read_text())

    def test_two_releases_share_no_name(self):
        def names(release):
            code, text = render(release=release)
            self.assertEqual(code, 0, text)
            return {(d["kind"], d["metadata"]["name"]) for d in yaml.safe_load_all(text) if d}
        self.assertFalse(names("east") & names("west"))

    def test_readme_lists_every_value(self):
        self.assertEqual(values_table.in_readme(), values_table.table(), "./dev chart --update writes the table")

    def test_notes_name_a_query_and_warn_of_the_inner_nats(self):
        inner, own = notes(), notes("--set", "nats.url=nats://nats:4222")
        self.assertIn("isobar-heatmap-builder", inner)
        self.assertIn("isobar query surface SPX", inner)
        self.assertIn("That is for evaluation", inner)
        self.assertNotIn("That is for evaluation", own)


def notes(*arguments):
    """What an installation prints. `helm template` leaves it out: a copy of the chart carries it as a document."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "isobar"
        shutil.copytree(CHART, copy)
        text = (copy / "templates" / "NOTES.txt").read_text()
        (copy / "templates" / "notes.yaml").write_text(
            '{{- define "notes" }}' + text + '{{ end -}}\nkind: Notes\ntext: {{ include "notes" . | quote }}\n')
        code, text = run(TOOLS / "helm", "template", "isobar", copy, "--kube-version", "1.34.1", "--show-only",
                         "templates/notes.yaml", *arguments)
        assert code == 0, text
        return yaml.safe_load(text)["text"]


class Refusals(unittest.TestCase):
    """Values that are wrong: each is refused, and the message says what and where."""

    def refused(self, message, *arguments):
        code, text = render(*arguments)
        self.assertNotEqual(code, 0, f"accepted: {arguments}")
        self.assertIn(message, text)

    def test_by_the_schema(self):
        for message, *arguments in [
            ("at '/services': additional properties 'heatmap-bulider' not allowed", "--set", "services.heatmap-bulider.shards=2"),
            ("at '/services/heatmap-builder': additional properties 'shard' not allowed", "--set",
             "services.heatmap-builder.shard=2"),
            ("at '/services/heatmap-builder/shards': minimum: got 0, want 1", "--set", "services.heatmap-builder.shards=0"),
            ("at '/services/colorizer/workload': value must be one of 'StatefulSet', 'Deployment'", "--set",
             "services.colorizer.workload=DaemonSet"),
            ("at '': additional properties 'symbol' not allowed", "--set", "symbol=SPX"),
            ("at '/symbols': got string, want array", "--set", "symbols=SPX"),
            ("at '/symbols/0': 'S P' does not match pattern", "--set", "symbols={S P}"),
            ("at '/symbols': items at 0 and 1 are equal", "--set-json", 'symbols=["SPX","SPX"]'),
            ("at '/nats/server/replicas': value must be one of 1, 3", "--set", "nats.server.replicas=2"),
            ("at '/nats/url': 'http://nats' does not match pattern '^((nats|tls)://", "--set", "nats.url=http://nats"),
            ("at '/image/tag': got number, want string", "--set", "image.tag=1"),
            ("at '/image/digest': 'abc' does not match pattern '^(sha256:", "--set", "image.digest=abc"),
            ("at '/services/chain-ingest/resources/limits/cpu': '2cores' does not match pattern", "--set",
             "services.chain-ingest.resources.limits.cpu=2cores"),
            ("at '/options/venue': got object, want boolean or number or string", "--set-json",
             'options={"venue":null,"venue":{"a":1}}'),
            ("at '/simulation/anchor': 'noon' does not match pattern", "--set", "simulation.anchor=noon"),
            ("at '/symbolOverrides/SPX/heatmap-builder': additional properties 'shards' not allowed", "--set",
             "symbolOverrides.SPX.heatmap-builder.shards=2"),
            ("at '/services/chain-ingest/secrets/chain-ingest.api-key': missing property 'key'", "--set-json",
             'services.chain-ingest.secrets={"chain-ingest.api-key":{"secret":"vendor"}}'),
            ("at '/security/runAsUser': minimum: got 0, want 1", "--set", "security.runAsUser=0"),
            ("at '/networkPolicy/grpcFrom/0': additional properties 'podselector' not allowed", "--set-json",
             'networkPolicy.grpcFrom=[{"podselector":{}}]'),
            ("at '/ports/grpc': maximum: got 65,536, want 65,535", "--set", "ports.grpc=65536"),
        ]:
            with self.subTest(message):
                self.refused(message, *arguments)

    def test_by_what_they_mean_together(self):
        for message, *arguments in [
            ("nats.url: give the address of a NATS server, or set nats.server.enabled=true", "--set", "nats.server.enabled=false"),
            ("nats.url: holds a user or a password; name a secret in nats.auth.existingSecret instead", "--set",
             "nats.url=nats://user:word@nats:4222"),
            ("nats.tls.existingSecret: the chart's own server has no TLS; give nats.url", "--set", "nats.tls.existingSecret=x"),
            ("nats.tls.certKey and nats.tls.keyKey: give both or none", "--set", "nats.url=tls://nats:4222", "--set",
             "nats.tls.existingSecret=x", "--set", "nats.tls.certKey=tls.crt"),
            ("nats.auth.existingSecret: nats.server.authSecret makes the server ask for users, so the services need seeds", "--set",
             "nats.server.authSecret=x"),
            ("grpc.tokens.existingSecret: tokens need TLS; name its secret in grpc.tls.existingSecret", "--set",
             "grpc.tokens.existingSecret=x"),
            ("tests.client.existingSecret: gRPC has TLS, so helm test needs its authority; or set tests.enabled=false", "--set",
             "grpc.tls.existingSecret=x"),
            ("tests.client.certKey and tests.client.keyKey: clients must show a certificate (grpc.tls.clientCaKey)", "--set",
             "grpc.tls.existingSecret=x,grpc.tls.clientCaKey=ca.crt,tests.client.existingSecret=y"),
            ("tests.client.tokenKey: calls need a token (grpc.tokens)", "--set",
             "grpc.tls.existingSecret=x,grpc.tokens.existingSecret=y,tests.client.existingSecret=z"),
            ("symbols, futures: name at least one symbol", "--set-json", "symbols=[]", "--set-json", "futures=[]"),
            ("symbolOverrides.NDX: NDX is neither in symbols nor in futures", "--set",
             "symbolOverrides.NDX.heatmap-builder.priorityClassName=x"),
            ("symbolOverrides.SPX.radar-physics: radar-physics does not work on SPX", "--set",
             "symbolOverrides.SPX.radar-physics.priorityClassName=x"),
            ('symbolOverrides.a.b: its resources would be named "a-b", like those of a-b', "--set-json",
             'symbols=["a.b","a-b"]', "--set-json",
             'symbolOverrides={"a-b":{"decomposer":{"podLabels":{}}},"a.b":{"decomposer":{"podLabels":{}}}}'),
            ("services.gamma-fuel.shards: its processes take named symbols only; give a symbol a worker of its own by symbolOverrides",
             "--set", "services.gamma-fuel.shards=3"),
            ("services.decomposer.replicas: two processes would work on the same symbols; set shards", "--set",
             "services.decomposer.replicas=2"),
            ("symbolOverrides.SPX.heatmap-builder: shards take every symbol of the registry, so SPX cannot have a worker of its own",
             "--set", "services.heatmap-builder.shards=2,symbolOverrides.SPX.heatmap-builder.priorityClassName=x"),
            ("options.shard: set shards instead", "--set", "options.shard=0/2"),
            ("options.bus: set nats.url instead", "--set", "options.bus=local"),
            ("services.decomposer.options.threads: set resources.limits.cpu instead", "--set",
             "services.decomposer.options.threads=2"),
            ("options.Venue: not the name of an option; write it as --help has it", "--set", "options.Venue=x"),
            ("services.chain-ingest.options.chain-ingest.api-key: a secret; name an existing Kubernetes secret under secrets",
             "--set", r"services.chain-ingest.options.chain-ingest\.api-key=k"),
            ("services.radar-physics: it owns symbols, so it scales by shards and not by autoscaling or keda", "--set",
             "services.radar-physics.autoscaling.enabled=true"),
            ("services.colorizer: autoscaling and keda exclude each other", "--set",
             "services.colorizer.autoscaling.enabled=true,services.colorizer.keda.enabled=true"),
            ("services.colorizer.keda.prometheus: give the address of a Prometheus server", "--set",
             "services.colorizer.keda.enabled=true"),
            ("services.colorizer.autoscaling: minReplicas is above maxReplicas", "--set",
             "services.colorizer.autoscaling.enabled=true,services.colorizer.autoscaling.minReplicas=9"),
            ("services.colorizer.resources.requests.cpu: autoscaling is relative to it", "--set",
             "services.colorizer.autoscaling.enabled=true,defaults.resources.requests.cpu=null"),
            ("fullnameOverride: isobar-heatmap-builder-abcdefghijklmnopqrstuvwxyz012345 is longer than 50 characters", "--set",
             "symbols={ABCDEFGHIJKLMNOPQRSTUVWXYZ012345}", "--set",
             "symbolOverrides.ABCDEFGHIJKLMNOPQRSTUVWXYZ012345.heatmap-builder.priorityClassName=x"),
        ]:
            with self.subTest(message):
                self.refused(message, *arguments)

    def test_all_contradictions_are_named_at_once(self):
        code, text = render("--set", "nats.server.enabled=false", "--set", "options.bus=local")
        self.assertNotEqual(code, 0)
        self.assertIn("nats.url: give the address", text)
        self.assertIn("options.bus: set nats.url instead", text)


class Kubernetes(unittest.TestCase):
    def test_manifests_are_valid_and_hold_no_unknown_field(self):
        location = f"{TOOLS.parent}/schemas/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        for name in PROFILES:
            code, text = render("-f", CHART / "ci" / f"{name}.yaml")
            self.assertEqual(code, 0, text)
            code, text = run(TOOLS / "kubeconform", "-strict", "-summary", "-schema-location", location, "-", input=text)
            self.assertEqual(code, 0, text)
            self.assertRegex(text, r"Invalid: 0, Errors: 0, Skipped: 0")

    def test_kubeconform_sees_a_wrong_manifest(self):
        location = f"{TOOLS.parent}/schemas/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        wrong = (GOLDEN / "default.yaml").read_text().replace("terminationGracePeriodSeconds", "terminationGraceSeconds")
        code, text = run(TOOLS / "kubeconform", "-strict", "-schema-location", location, "-", input=wrong)
        self.assertNotEqual(code, 0)
        self.assertIn("additional properties 'terminationGraceSeconds' not allowed", text)

    def test_pods_are_restricted(self):
        for name in PROFILES:
            for workload in pods(profile(name)):
                spec = pod_spec(workload)
                with self.subTest(profile=name, workload=workload["metadata"]["name"]):
                    self.assertIs(spec["automountServiceAccountToken"], False)
                    # A service's address as ISOBAR_..._HOST would be refused as an unknown option.
                    self.assertIs(spec["enableServiceLinks"], False)
                    self.assertIs(spec["securityContext"]["runAsNonRoot"], True)
                    self.assertEqual(spec["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                    self.assertFalse({"hostNetwork", "hostPID", "hostIPC"} & set(spec))
                    for volume in spec.get("volumes", []):
                        self.assertTrue(set(volume) <= {"name", "configMap", "secret", "emptyDir", "projected"}, volume)
                    for container in containers(workload):
                        self.assertEqual(container["securityContext"], {
                            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                            "capabilities": {"drop": ["ALL"]}})
                        self.assertIn("memory", container["resources"]["limits"])

    def test_switches_do_what_they_say(self):
        spec = pod_spec(named(documents("--set", "security.runAsUser=null,security.fsGroup=null"), "Deployment", "isobar-colorizer"))
        self.assertFalse({"runAsUser", "fsGroup", "fsGroupChangePolicy"} & set(spec["securityContext"]))
        self.assertIs(spec["securityContext"]["runAsNonRoot"], True)
        docs = documents("--set", "serviceAccount.create=false,serviceAccount.name=mine,networkPolicy.enabled=false,tests.enabled=false")
        self.assertFalse(of_kind(docs, "ServiceAccount", "NetworkPolicy", "Pod"))
        self.assertEqual({pod_spec(w)["serviceAccountName"] for w in pods(docs)}, {"mine"})
        docs = documents("--set", "services.decomposer.ports.http=9000,commonLabels.team=desk", "--set", "listen=[::]")
        self.assertEqual(tomllib.loads(named(docs, "ConfigMap", "isobar-decomposer")["data"]["isobar.toml"])["http"], "[::]:9000")
        self.assertEqual([p["port"] for p in named(docs, "Service", "isobar-decomposer")["spec"]["ports"]], [7400, 9000])
        self.assertEqual({d["metadata"]["labels"].get("team") for d in docs}, {"desk"})
        spec = pod_spec(named(documents("--set", "defaults.drain.milliseconds=20500"), "Deployment", "isobar-colorizer"))
        self.assertEqual(spec["terminationGracePeriodSeconds"], 5 + 21 + 5)
        self.assertEqual(spec["containers"][0]["lifecycle"], {"preStop": {"sleep": {"seconds": 5}}})
        docs = documents("--set", "image.digest=sha256:" + "a" * 64, "--set", "defaults.disruption.enabled=false")
        self.assertEqual(pod_spec(pods(docs)[0])["containers"][0]["image"].split("@")[-1][:9], "sha256:aa")
        self.assertEqual(of_kind(docs, "PodDisruptionBudget"), [])

    def test_everything_is_denied_but_the_paths(self):
        docs = profile("production")
        deny = named(docs, "NetworkPolicy", "isobar-deny")["spec"]
        self.assertEqual(deny["policyTypes"], ["Ingress", "Egress"])
        self.assertNotIn("ingress", deny)
        self.assertNotIn("egress", deny)
        for workload in pods(docs):
            labels = workload["metadata"]["labels"] if workload["kind"] == "Pod" else workload["spec"]["template"]["metadata"]["labels"]
            self.assertLessEqual(deny["podSelector"]["matchLabels"].items(), labels.items())
        own = named(docs, "NetworkPolicy", "isobar-decomposer")["spec"]
        self.assertEqual([[port["port"] for port in rule["ports"]] for rule in own["egress"]], [[53, 53], [4222]])
        self.assertEqual(own["egress"][1]["to"][0]["podSelector"], {"matchLabels": {"app.kubernetes.io/name": "nats"}})
        self.assertEqual([[port["port"] for port in rule["ports"]] for rule in own["ingress"]], [[7400], [7480], [7400]])
        self.assertEqual(named(docs, "NetworkPolicy", "isobar-test")["spec"]["ingress"], [])

    def test_budgets_and_services_select_pods_of_one_workload(self):
        for name in PROFILES:
            docs = profile(name)
            labels = {w["metadata"]["name"]: w["spec"]["template"]["metadata"]["labels"]
                      for w in of_kind(docs, "StatefulSet", "Deployment")}
            for workload in of_kind(docs, "StatefulSet", "Deployment"):
                self.selects(workload["spec"]["selector"]["matchLabels"], workload["metadata"]["name"], labels)
            for budget in of_kind(docs, "PodDisruptionBudget"):
                self.selects(budget["spec"]["selector"]["matchLabels"], budget["metadata"]["name"], labels)
            for service in of_kind(docs, "Service"):
                self.selects(service["spec"]["selector"], re.sub("-(shards|servers)$", "", service["metadata"]["name"]), labels)

    def selects(self, selector, workload, labels):
        self.assertEqual([name for name, l in labels.items() if selector.items() <= l.items()], [workload])


def secret_files(workload, folder):
    """The container's mounts of secrets and configuration as files of `folder`: {path in the pod: file here}."""
    files = {}
    volumes = {volume["name"]: volume for volume in pod_spec(workload)["volumes"]}
    for container in containers(workload):
        for mount in container.get("volumeMounts", []):
            for item in volumes.get(mount["name"], {}).get("secret", {}).get("items", []):
                here = folder / f"{mount['name']}-{item['path']}"
                here.write_text("a secret\n")
                files[f"{mount['mountPath']}/{item['path']}"] = str(here)
    return files


class Options(unittest.TestCase):
    """Every rendered container starts a real binary with options that this binary knows."""

    def printed(self, docs, workload, folder):
        """(the configuration that the binary prints, its environment) for a container, its secrets being files of `folder`; fails
        where the binary refuses an option or takes another value."""
        container = pod_spec(workload)["containers"][0]
        binary = BIN / pathlib.Path(container["command"][0]).name
        self.assertEqual(container["args"], ["--config", "/etc/isobar/config/isobar.toml"])
        text = named(docs, "ConfigMap", workload["metadata"]["name"])["data"]["isobar.toml"]
        environment = {entry["name"]: entry["value"] for entry in container.get("env", [])}
        for there, here in secret_files(workload, folder).items():
            text = text.replace(there, here)
            environment = {name: value.replace(there, here) for name, value in environment.items()}
        file = folder / "isobar.toml"
        file.write_text(text)
        done = subprocess.run([binary, "--config", file, "--print-config"], env=environment, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, f"{workload['metadata']['name']}: {done.stderr}")
        self.assertEqual(self.different(tomllib.loads(text), tomllib.loads(done.stdout)), {})
        return done.stdout, environment

    def different(self, given, taken):
        """Options of which the binary took another value than it was given: {name: (given, taken)}."""
        given, taken = self.flat(given), self.flat(taken)
        return {name: (value, taken.get(name)) for name, value in given.items() if taken.get(name) != value}

    def flat(self, table, prefix=""):
        out = {}
        for key, value in table.items():
            out.update(self.flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value})
        return out

    def test_binaries_take_what_the_chart_gives(self):
        checked = 0
        for name in PROFILES:
            docs = profile(name)
            for workload in of_kind(docs, "StatefulSet", "Deployment"):
                if workload["metadata"]["name"] == "isobar-nats":
                    continue
                with self.subTest(profile=name, workload=workload["metadata"]["name"]), \
                        tempfile.TemporaryDirectory() as folder:
                    self.printed(docs, workload, pathlib.Path(folder))
                    checked += 1
        print(f"\n{checked} containers parsed by their binaries")

    def test_an_option_that_no_binary_knows_is_noticed(self):
        docs = documents("--set", "options.lateness=1")
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(AssertionError, "unknown key lateness"):
            self.printed(docs, named(docs, "StatefulSet", "isobar-decomposer"), pathlib.Path(folder))

    def test_secrets_reach_the_binary_and_are_not_printed(self):
        docs = profile("vendor")
        with tempfile.TemporaryDirectory() as folder:
            text, environment = self.printed(docs, named(docs, "StatefulSet", "isobar-chain-ingest"), pathlib.Path(folder))
            self.assertIn("file " + environment["ISOBAR_CHAIN_INGEST_API_KEY_FILE"], text)
            self.assertIn('# api-key = "<redacted>"', text)

    def test_all_simulators_play_the_same_market(self):
        docs = profile("default")
        anchors = {d["metadata"]["name"]: tomllib.loads(d["data"]["isobar.toml"]).get("sim", {}).get("anchor")
                   for d in of_kind(docs, "ConfigMap") if "isobar.toml" in d["data"]}
        self.assertEqual({name for name, anchor in anchors.items() if anchor},
                         {"isobar-chain-ingest", "isobar-ws-hydrator", "isobar-feed-ingest"})
        self.assertEqual(len(set(filter(None, anchors.values()))), 1)

    def test_helm_test_asks_questions_that_the_binary_knows(self):
        for name in PROFILES:
            pod = named(profile(name), "Pod", "isobar-test")
            for container in containers(pod):
                arguments = [re.sub(r"[\w.-]+:74\d\d", "127.0.0.1:1", a) for a in container["args"]]
                arguments = [re.sub("--wait-s=.*", "--wait-s=0", a) for a in arguments]
                arguments = [re.sub("=/etc/isobar/client/.*", f"={__file__}", a) for a in arguments]
                code, text = run(BIN / pathlib.Path(container["command"][0]).name, *arguments)
                # 2 is bad usage; nothing listens here, so the right answer is 1.
                self.assertEqual(code, 1, f"{arguments}: {text}")

    def test_a_symbol_belongs_to_one_worker_of_each_service(self):
        for name in PROFILES:
            docs = profile(name)
            seen = {}
            for config in of_kind(docs, "ConfigMap"):
                if "isobar.toml" not in config["data"]:
                    continue
                service = config["metadata"]["labels"]["app.kubernetes.io/component"]
                options = tomllib.loads(config["data"]["isobar.toml"])
                for symbol in options.get("symbols", []) + options.get("futures", []):
                    self.assertNotIn((service, symbol), seen, f"{name}: {seen.get((service, symbol))}")
                    seen[service, symbol] = config["metadata"]["name"]

    def test_threads_follow_the_cpu_limit(self):
        for limit, threads in [("500m", 1), ("1500m", 2), ("2", 2), ("2.5", 3)]:
            docs = documents("--set-string", f"defaults.resources.limits.cpu={limit}")
            text = named(docs, "ConfigMap", "isobar-decomposer")["data"]["isobar.toml"]
            self.assertEqual(tomllib.loads(text)["threads"], threads, limit)

    def test_a_changed_option_restarts_the_pods_it_concerns_and_no_others(self):
        def sums(*arguments):
            return {d["metadata"]["name"]: d["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
                    for d in of_kind(documents(*arguments), "StatefulSet", "Deployment")}
        before, after = sums(), sums("--set", r"services.ws-hydrator.options.ws-hydrator\.window-ms=500")
        self.assertEqual({name for name in before if before[name] != after[name]}, {"isobar-ws-hydrator"})


class Shards(unittest.TestCase):
    SHARDED = ["--set", "services.heatmap-builder.shards=2,services.radar-physics.shards=3", "--set", "symbols={SPX,NDX}"]

    def test_take_no_named_symbols_and_their_ordinal_from_the_pod(self):
        docs = documents(*self.SHARDED)
        for name, count in [("isobar-heatmap-builder", 2), ("isobar-radar-physics", 3)]:
            options = tomllib.loads(named(docs, "ConfigMap", name)["data"]["isobar.toml"])
            self.assertEqual(options["shard"], f"auto/{count}")
            self.assertFalse({"symbols", "futures"} & set(options))
            self.assertEqual(named(docs, "StatefulSet", name)["spec"]["replicas"], count)

    def test_find_their_symbols_in_the_registry(self):
        jobs = of_kind(documents(*self.SHARDED), "Job")
        words = [container["args"] for container in containers(jobs[0])]
        self.assertEqual([w[w.index("add"):] for w in words], [["add", "--kind=options", "SPX", "NDX"], ["add", "--kind=futures", "ES"]])
        for container in containers(jobs[0]):
            arguments = [re.sub("--bus=.*", "--bus=nats://127.0.0.1:1", word) for word in container["args"]]
            code, text = run(BIN / "isobar", *arguments)
            self.assertEqual(code, 3, f"2 is bad usage, and nobody listens: {text}")
        self.assertEqual(of_kind(documents(), "Job"), [])
        # A Job cannot be changed: what changes it must change its name.
        for change in ["symbols={SPX,RUT}", "commonLabels.team=desk", "image.tag=other"]:
            other = of_kind(documents(*self.SHARDED, "--set", change), "Job")
            self.assertNotEqual(other[0]["metadata"]["name"], jobs[0]["metadata"]["name"], change)

    def test_a_symbol_or_a_replica_more_restarts_no_shard(self):
        def template(*more):
            return named(documents(*self.SHARDED, *more), "StatefulSet", "isobar-heatmap-builder")["spec"]
        before, symbol = template(), template("--set", "symbols={SPX,NDX,RUT}")
        replica = template("--set", "services.heatmap-builder.replicas=4")
        self.assertEqual(before, symbol)
        self.assertEqual(before["template"], replica["template"])
        self.assertEqual(replica["replicas"], 4)

    def test_the_operators_seed_is_for_the_registry_alone(self):
        docs = documents(*self.SHARDED, "--set", "nats.url=tls://nats:4222,nats.auth.existingSecret=users,nats.tls.existingSecret=ca")
        seeds = {w["metadata"]["labels"]["app.kubernetes.io/component"]: v["secret"]["items"][0]["key"]
                 for w in pods(docs) for v in pod_spec(w).get("volumes", []) if v["name"] == "nats-auth"}
        self.assertEqual({component for component, key in seeds.items() if key == "isobar.nk"}, {"registry"})
        self.assertEqual(seeds["radar-physics"], "radar-physics.nk")


class Monitoring(unittest.TestCase):
    def test_rules_are_those_that_promtool_tested(self):
        docs = profile("production")
        for path in (SOURCE / "deploy" / "observability" / "rules").glob("*.yaml"):
            rule = named(docs, "PrometheusRule", f"isobar-{path.stem}")
            self.assertEqual(rule["spec"]["groups"], yaml.safe_load(path.read_text())["groups"])

    def test_dashboards_are_those_of_the_repository(self):
        docs = profile("production")
        for path in (SOURCE / "deploy" / "observability" / "grafana" / "dashboards").glob("*.json"):
            data = named(docs, "ConfigMap", f"isobar-dashboard-{path.stem}")["data"]
            self.assertEqual({name: json.loads(text) for name, text in data.items()}, {path.name: json.loads(path.read_text())})

    def test_targets_have_the_labels_that_rules_ask_for(self):
        monitor = named(profile("production"), "ServiceMonitor", "isobar")["spec"]
        service = named(profile("production"), "Service", "isobar-radar-physics")["metadata"]["labels"]
        self.assertEqual(service[monitor["jobLabel"]], "isobar")
        source = monitor["endpoints"][0]["relabelings"][0]
        self.assertEqual(source["targetLabel"], "service")
        meta = {re.sub(r"[^a-zA-Z0-9]", "_", f"__meta_kubernetes_service_label_{name}"): v for name, v in service.items()}
        self.assertEqual(meta[source["sourceLabels"][0]], "radar-physics")


class Nats(unittest.TestCase):
    def test_the_server_takes_its_configuration(self):
        for name, arguments in [("one", []), ("three", ["--set", "nats.server.replicas=3"])]:
            conf = named(documents(*arguments), "ConfigMap", "isobar-nats")["data"]["nats.conf"]
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "nats.conf"
                file.write_text(conf.replace("/data", folder))
                code, text = run(shutil.which("nats-server"), "-t", "--config", file, env={"POD_NAME": "isobar-nats-0"})
                self.assertEqual(code, 0, text)

    def test_seeds_and_tls_are_the_services_own(self):
        workload = named(profile("production"), "StatefulSet", "isobar-radar-physics")
        volumes = {v["name"]: v.get("secret") for v in pod_spec(workload)["volumes"]}
        self.assertEqual(volumes["nats-auth"]["items"], [{"key": "radar-physics.nk", "path": "seed"}])
        self.assertEqual(volumes["nats-tls"]["secretName"], "isobar-nats-tls")


if __name__ == "__main__":
    unittest.main(verbosity=2)
