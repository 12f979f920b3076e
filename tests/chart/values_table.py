#!/usr/bin/python3
"""The table of values in helm/isobar/README.md, made from values.yaml: a row for each comment that begins with "--".

usage: values_table.py [--write]   prints the table, or writes it into the README
"""
import json
import re
import sys

import yaml
from chart import CHART

BEGIN, END = "<!-- values: written by ./dev chart --update -->\n", "<!-- end of values -->\n"


def described():
    """(path, description) of every described value, in order of the file."""
    path, wanted = [], None
    for line in (CHART / "values.yaml").read_text().splitlines():
        comment = re.match(r"\s*# -- (.*)", line)
        key = re.match(r"( *)([\w.-]+):", line)
        if comment:
            wanted = comment[1]
        elif key:
            path = path[:len(key[1]) // 2] + [key[2]]
            if wanted:
                yield path[:], wanted
            wanted = None


def default_of(path):
    value = yaml.safe_load((CHART / "values.yaml").read_text())
    for word in path:
        value = value[word]
    text = json.dumps(value)
    return f"`{text}`" if len(text) <= 60 else "see values.yaml"


def table():
    rows = [f"| `{'.'.join(path)}` | {default_of(path)} | {text} |" for path, text in described()]
    return "| value | default | |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"


def in_readme():
    return (CHART / "README.md").read_text().split(BEGIN)[1].split(END)[0]


def write():
    readme = CHART / "README.md"
    before, rest = readme.read_text().split(BEGIN)
    readme.write_text(before + BEGIN + table() + END + rest.split(END)[1])


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        print(table(), end="")
