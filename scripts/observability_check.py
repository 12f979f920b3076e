#!/usr/bin/python3
"""Holds metrics, rules, dashboards, alert tests and runbooks together; ./dev check runs it, promtool does not have to be there.

usage: observability_check.py [SOURCE_ROOT]
"""
import json
import pathlib
import re
import sys

import yaml

import generate_metrics
import generate_observability

OF_PROMETHEUS = {"up", "ALERTS"}
WORDS = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def declared_series(root):
    """Every series name that Isobar's processes expose."""
    names = set()
    for metric in generate_metrics.expand(yaml.safe_load((root / "libs/telemetry/metrics.yaml").read_text())):
        if metric["kind"] == "histogram":
            names |= {metric["name"] + suffix for suffix in ("_bucket", "_sum", "_count")}
        else:
            names.add(metric["name"])
    return names


def series_used(expression):
    """The series that a PromQL expression reads, of Isobar and of its recordings."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    return {word for word in WORDS.findall(bare) if word.startswith(("isobar_", "isobar:"))}


def all_rules(folder):
    return [rule for file in sorted((folder / "rules").glob("*.yaml"))
            for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


def dashboard_queries(folder):
    """(dashboard, panel title, PromQL) of every query."""
    return [(file.stem, panel["title"], target["expr"])
            for file in sorted((folder / "grafana/dashboards").glob("*.json"))
            for panel in json.loads(file.read_text())["panels"] for target in panel["targets"]]


def unknown_series(root, folder):
    rules = all_rules(folder)
    known = declared_series(root) | {rule["record"] for rule in rules if "record" in rule}
    users = [(rule.get("record") or rule["alert"], rule["expr"]) for rule in rules]
    users += [(f"{board}: {title}", query) for board, title, query in dashboard_queries(folder)]
    return [f"{user}: nothing exposes or records {name}"
            for user, expression in users for name in sorted(series_used(expression) - known)]


def runbook_differences(root, alerts):
    folder = root / "docs/runbooks"
    pages = {file.stem for file in folder.glob("*.md") if file.stem != "README"}
    names = {rule["alert"] for rule in alerts}
    wrong = [f"{name}: has no page docs/runbooks/{name}.md" for name in sorted(names - pages)]
    wrong += [f"docs/runbooks/{page}.md: there is no such alert" for page in sorted(pages - names)]
    for rule in alerts:
        if rule["annotations"].get("runbook_url") != f"docs/runbooks/{rule['alert']}.md":
            wrong.append(f"{rule['alert']}: runbook_url does not name its page")
        if rule["labels"].get("severity") not in ("page", "ticket"):
            wrong.append(f"{rule['alert']}: severity is page or ticket")
    for page in sorted(pages & names):
        text = (folder / f"{page}.md").read_text()
        wrong += [f"docs/runbooks/{page}.md: lacks '{head}'" for head in (f"# {page}", "## What it means", "## Look", "## Mend")
                  if head not in text]
    return wrong


def untested_alerts(folder, alerts):
    """Alerts, by severity, that no test sees fire; and those that none sees quiet."""
    fired, quiet = set(), set()
    for file in (folder / "tests").glob("*.yaml"):
        for test in yaml.safe_load(file.read_text())["tests"]:
            for case in test.get("alert_rule_test", []):
                expected = case.get("exp_alerts") or []
                fired |= {(case["alertname"], alert["exp_labels"]["severity"]) for alert in expected}
                if not expected:
                    quiet.add(case["alertname"])
    return ([f"{name} ({severity}): no test sees it fire" for name, severity in
             sorted({(rule["alert"], rule["labels"]["severity"]) for rule in alerts} - fired)]
            + [f"{name}: no test sees it quiet" for name in sorted({rule["alert"] for rule in alerts} - quiet)])


def unscraped_services(root, folder):
    services = {s.replace("_", "-") for s in yaml.safe_load((root / "libs/telemetry/metrics.yaml").read_text())["services"]}
    targets = {target["labels"]["service"] for target in yaml.safe_load((folder / "targets/compose.yaml").read_text())}
    return [f"targets/compose.yaml: {service} is in it or in metrics.yaml, not in both" for service in sorted(services ^ targets)]


def problems(root):
    folder = root / "deploy/observability"
    alerts = [rule for rule in all_rules(folder) if "alert" in rule]
    stale = [f"{path}: differs; run scripts/generate_observability.py" for path, text in generate_observability.outputs(root).items()
             if not (root / path).exists() or (root / path).read_text() != text]
    return [*stale, *unknown_series(root, folder), *runbook_differences(root, alerts), *untested_alerts(folder, alerts),
            *unscraped_services(root, folder)]


def main(arguments):
    found = problems(pathlib.Path(arguments[0] if arguments else "."))
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
