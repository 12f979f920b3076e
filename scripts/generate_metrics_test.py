#!/usr/bin/python3
"""Tests of generate_metrics.py: each naming rule refuses what it is there for."""
import unittest

from generate_metrics import broken_rules, expand, render

GOOD = {"name": "isobar_x_total", "kind": "counter", "labels": ["symbol"], "help": "X"}


class Rules(unittest.TestCase):
    def refused(self, **changes):
        return " ".join(broken_rules({**GOOD, **changes}))

    def test_accepts_a_good_declaration(self):
        self.assertEqual(self.refused(), "")
        self.assertEqual(self.refused(name="isobar_x_seconds", kind="histogram", buckets="seconds"), "")
        self.assertEqual(self.refused(name="isobar_actors_count", kind="gauge"), "")

    def test_refuses_what_breaks_a_rule(self):
        for changes, word in [
                ({"name": "x_total"}, "isobar_"), ({"name": "isobar_X_total"}, "snake"),
                ({"name": "isobar_x"}, "_total"), ({"kind": "gauge"}, "only a counter"),
                ({"name": "isobar_wait_ms", "kind": "gauge"}, "base units"),
                ({"name": "isobar_wait_ms_total"}, "base units"),
                ({"kind": "summary"}, "none of"), ({"help": " "}, "help"), ({"labels": ["le"]}, "le"),
                ({"labels": ["a", "a"]}, "twice"), ({"labels": list("abcde")}, "more than"),
                ({"labels": ["Sym"]}, "snake"), ({"buckets": "seconds"}, "buckets"),
                ({"name": "isobar_x", "kind": "histogram", "buckets": "seconds"}, "_seconds"),
                ({"name": "isobar_x", "kind": "histogram"}, "buckets"),
                ({"name": "isobar_x_sum", "kind": "histogram", "buckets": "count"}, "suffix"),
                ({"unit": "s"}, "unknown keys")]:
            with self.subTest(changes):
                self.assertIn(word, self.refused(**changes))

    def test_expands_services_and_refuses_twins(self):
        template = {**GOOD, "name": "isobar_{service}_x_total"}
        metrics = expand({"services": ["b", "a"], "metrics": [template]})
        self.assertEqual([m["name"] for m in metrics], ["isobar_a_x_total", "isobar_b_x_total"])
        with self.assertRaisesRegex(ValueError, "isobar_a_x_total: declared twice"):
            expand({"services": ["a"], "metrics": [template, {**GOOD, "name": "isobar_a_x_total"}]})

    def test_renders_quotes_safely(self):
        self.assertIn(r'"say \"x\""', render([{**GOOD, "help": 'say "x"'}]))


if __name__ == "__main__":
    unittest.main()
