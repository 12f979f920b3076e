#!/usr/bin/python3
"""What holds chart and repository together, without tools or network: the chart's files are read, nothing is rendered."""

import json
import re
import unittest

import values_table
import yaml
from chart import CHART, GOLDEN, PROFILES, SOURCE, services


def values():
    return yaml.safe_load((CHART / "values.yaml").read_text())


def schema():
    return json.loads((CHART / "values.schema.json").read_text())


class ChartContract(unittest.TestCase):
    def test_every_service_is_in_values_and_schema(self):
        self.assertEqual(sorted(values()["services"]), services())
        self.assertEqual(sorted(schema()["properties"]["services"]["properties"]), services())
        self.assertEqual(sorted(schema()["properties"]["symbolOverrides"]["additionalProperties"]["properties"]), services())

    def test_the_schema_refuses_what_it_does_not_name(self):
        def objects(node, path):
            if isinstance(node, dict):
                if "properties" in node:
                    yield path, node
                for key, below in node.items():
                    yield from objects(below, f"{path}/{key}")
        for path, node in objects(schema(), ""):
            if path.endswith("properties"):
                continue
            self.assertIs(node.get("additionalProperties"), False, path)

    def test_every_value_is_in_the_schema_and_the_other_way_round(self):
        self.assertEqual(sorted(values()), sorted(set(schema()["properties"]) - {"global"}))
        defaults = schema()["definitions"]["defaults"]["properties"]
        self.assertEqual(sorted(values()["defaults"]), sorted(defaults))

    def test_services_answer_for_health_under_names_that_protos_declare(self):
        declared = set()
        for path in (SOURCE / "proto" / "isobar").rglob("*.proto"):
            text = path.read_text()
            package = re.search(r"^package ([\w.]+);", text, re.M)[1]
            declared |= {f"{package}.{name}" for name in re.findall(r"^service (\w+)", text, re.M)}
        for name, service in values()["services"].items():
            self.assertIn(service["health"], declared, name)

    def test_the_version_is_the_projects(self):
        version = re.search(r"project\(isobar VERSION ([\d.]+)", (SOURCE / "CMakeLists.txt").read_text())[1]
        self.assertEqual(yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"], version)

    def test_the_table_of_values_is_up_to_date(self):
        self.assertEqual(values_table.in_readme(), values_table.table(), "./dev chart --update writes it")

    def test_every_profile_has_its_record(self):
        self.assertEqual(sorted(path.stem for path in GOLDEN.glob("*.yaml")), PROFILES)

    def test_users_of_the_image_and_of_the_chart_are_one(self):
        user = re.search(r"^USER (\d+)", (SOURCE / "deploy" / "Dockerfile").read_text(), re.M)[1]
        self.assertEqual(values()["security"]["runAsUser"], int(user))


if __name__ == "__main__":
    unittest.main(verbosity=2)
