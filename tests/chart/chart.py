"""The chart as its tests see it: the real helm renders it, the documents come back parsed."""

import os
import pathlib
import re
import subprocess

import yaml

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CHART = SOURCE / "helm" / "isobar"
GOLDEN = SOURCE / "tests" / "chart" / "golden"
TOOLS = pathlib.Path(os.environ.get("CHART_TOOLS") or SOURCE / "build" / "chart" / "bin")
# Not inherited by binaries: they refuse ISOBAR_* names that they do not know.
BIN = pathlib.Path(os.environ.pop("ISOBAR_BIN", SOURCE / "build" / "release" / "bin"))
PROFILES = sorted(path.stem for path in (CHART / "ci").glob("*.yaml"))
# What the tests render for; helm built by `go install` does not know a version of its own.
KUBERNETES = "1.34.1"
ANCHOR = "2026-01-05T14:30:00Z"


def run(*command, **more):
    """(exit code, output and errors together)"""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **more)
    return done.returncode, done.stdout


def helm(*arguments):
    return run(TOOLS / "helm", *arguments)


def render(*arguments, release="isobar", namespace="isobar"):
    """(exit code, text): `arguments` as of `helm template`; errors without helm's own frame around them."""
    done = subprocess.run(
        [str(TOOLS / "helm"), "template", release, str(CHART), "--namespace", namespace, "--kube-version", KUBERNETES,
         "--set", f"simulation.anchor={ANCHOR}", *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr


def documents(*arguments):
    code, text = render(*arguments)
    assert code == 0, text
    return [document for document in yaml.safe_load_all(text) if document]


def recorded(text):
    """What the record of a rendering holds: all but rules and dashboards, which other tests hold against their originals."""
    return "".join(part for part in re.split("(?m)^(?=---$)", text)
                   if "kind: PrometheusRule\n" not in part and not re.search(r"\n  name: .*-dashboard-", part))


def profile(name):
    return documents("-f", CHART / "ci" / f"{name}.yaml")


def of_kind(docs, *kinds):
    return [document for document in docs if document["kind"] in kinds]


def named(docs, kind, name):
    found = [d for d in of_kind(docs, kind) if d["metadata"]["name"] == name]
    assert len(found) == 1, f"{len(found)} {kind} named {name}"
    return found[0]


def pod_spec(document):
    """The pod that a workload makes."""
    return document["spec"] if document["kind"] == "Pod" else document["spec"]["template"]["spec"]


def pods(docs):
    return of_kind(docs, "StatefulSet", "Deployment", "Pod", "Job")


def containers(document):
    spec = pod_spec(document)
    return spec.get("initContainers", []) + spec["containers"]


def services():
    """Folders of services/ that make a binary: what the chart must know."""
    return sorted(path.parent.name for path in (SOURCE / "services").glob("*/main.cpp"))
