#!/usr/bin/python3
"""Makes the C++ catalogue of metrics from metrics.yaml, refusing declarations that break the naming rules.

usage: generate_metrics.py metrics.yaml catalogue.cpp
"""
import json
import pathlib
import re
import sys

import yaml

KINDS = ("counter", "gauge", "histogram")
BUCKETS = ("seconds", "bytes", "count")
KEYS = {"name", "kind", "labels", "help", "buckets"}
NOT_BASE_UNITS = ("ms", "us", "ns", "milliseconds", "microseconds", "nanoseconds", "minutes", "hours",
                  "kb", "mb", "kib", "mib", "kilobytes", "megabytes", "percent")
LABELS_MAX = 4


def broken_rules(metric):
    """What is wrong with one expanded declaration, as sentences."""
    name, kind = str(metric.get("name", "")), metric.get("kind")
    labels, buckets = metric.get("labels", []), metric.get("buckets")
    stem = name.removesuffix("_total")
    rules = [
        (set(metric) <= KEYS, f"unknown keys {sorted(set(metric) - KEYS)}"),
        (re.fullmatch(r"isobar_[a-z][a-z0-9_]*", name), "the name must be isobar_ and snake case"),
        (kind in KINDS, f"kind {kind} is none of {', '.join(KINDS)}"),
        (kind != "counter" or name.endswith("_total"), "a counter's name must end in _total"),
        (kind == "counter" or not name.endswith("_total"), "only a counter's name may end in _total"),
        (not any(stem.endswith("_" + unit) for unit in NOT_BASE_UNITS), "use base units: seconds, bytes, ratio"),
        (not name.endswith(("_count", "_sum", "_bucket")) or kind == "gauge", "the suffix belongs to histograms"),
        (str(metric.get("help", "")).strip(), "help is missing"),
        (isinstance(labels, list) and all(re.fullmatch(r"[a-z][a-z0-9_]*", str(l)) for l in labels),
         "labels must be a list of snake case words"),
        ("le" not in labels and len(set(labels)) == len(labels), "label le or a label given twice"),
        (len(labels) <= LABELS_MAX, f"more than {LABELS_MAX} labels"),
        ((kind == "histogram") == (buckets is not None), "buckets belong to histograms, and only to them"),
        (buckets is None or buckets in BUCKETS, f"buckets {buckets} is none of {', '.join(BUCKETS)}"),
        (buckets not in ("seconds", "bytes") or name.endswith("_" + buckets), f"the name must end in _{buckets}"),
    ]
    return [sentence for holds, sentence in rules if not holds]


def expand(document):
    """Every metric with {service} replaced; raises ValueError naming all that is wrong."""
    metrics, errors = {}, []
    for declared in document["metrics"]:
        names = [declared.get("name", "")]
        if "{service}" in str(names[0]):
            names = [names[0].replace("{service}", service) for service in document["services"]]
        for name in names:
            metric = {**declared, "name": name}
            errors += [f"{name}: {sentence}" for sentence in broken_rules(metric)]
            if name in metrics:
                errors.append(f"{name}: declared twice")
            metrics[name] = metric
    if errors:
        raise ValueError("\n".join(errors))
    return [metrics[name] for name in sorted(metrics)]


def render(metrics):
    """The catalogue as a C++ source."""
    def row(metric):
        labels = ", ".join(json.dumps(label) for label in sorted(metric.get("labels", [])))
        return (f'      {{{json.dumps(metric["name"])}, kind::{metric["kind"]}, '
                f'bucket_unit::{metric.get("buckets", "none")}, {{{labels}}}, {json.dumps(metric["help"])}}},')

    return "\n".join([
        "// Generated from libs/telemetry/metrics.yaml.",
        '#include "telemetry/catalogue.hpp"',
        "",
        "namespace isobar::telemetry {",
        "",
        "const std::vector<declaration>& catalogue() {",
        "  static const std::vector<declaration> all{",
        *[row(metric) for metric in metrics],
        "  };",
        "  return all;",
        "}",
        "",
        "}  // namespace isobar::telemetry",
        ""])


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    try:
        text = render(expand(yaml.safe_load(source.read_text())))
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        sys.exit("\n".join(f"{source}: {line}" for line in str(error).splitlines()))
    target.write_text(text)


if __name__ == "__main__":
    main()
