#!/usr/bin/python3
"""Tests of observability_check.py: the tree passes, and each thing that could drift apart is found."""
import pathlib
import shutil
import tempfile
import unittest

import observability_check as check

ROOT = pathlib.Path(__file__).resolve().parents[1]


class ObservabilityCheck(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.root = pathlib.Path(self.temporary.name)
        for part in ("deploy/observability", "docs/runbooks"):
            shutil.copytree(ROOT / part, self.root / part)
        (self.root / "libs/telemetry").mkdir(parents=True)
        shutil.copy(ROOT / "libs/telemetry/metrics.yaml", self.root / "libs/telemetry")

    def edit(self, path, old, new):
        file = self.root / path
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new))

    def found(self, part):
        problems = check.problems(self.root)
        self.assertTrue(any(part in problem for problem in problems), problems)

    def test_the_tree_holds_together(self):
        self.assertEqual(check.problems(ROOT), [])

    def test_an_alert_on_a_metric_that_is_not_declared(self):
        self.edit("deploy/observability/rules/alerts.yaml", "isobar_epoch_manager_switch_pending", "isobar_epoch_manager_switch_waiting")
        self.found("IsobarEpochSwitchStuck: nothing exposes or records isobar_epoch_manager_switch_waiting")

    def test_a_dashboard_on_a_metric_that_went_away(self):
        self.edit("libs/telemetry/metrics.yaml", "isobar_radar_physics_live_orders,", "isobar_radar_physics_orders,")
        self.found("symbols: Live orders of the book: nothing exposes or records isobar_radar_physics_live_orders")

    def test_a_histogram_has_no_series_of_its_bare_name(self):
        self.assertNotIn("isobar_gamma_fuel_window_seconds", check.declared_series(ROOT))
        self.assertIn("isobar_gamma_fuel_window_seconds_bucket", check.declared_series(ROOT))

    def test_an_alert_without_a_page(self):
        (self.root / "docs/runbooks/IsobarGapLost.md").unlink()
        self.found("IsobarGapLost: has no page")

    def test_a_page_without_an_alert(self):
        (self.root / "docs/runbooks/IsobarGone.md").write_text("# IsobarGone\n")
        self.found("docs/runbooks/IsobarGone.md: there is no such alert")

    def test_an_alert_that_no_test_sees_fire(self):
        self.edit("deploy/observability/tests/alerts_test.yaml", "alertname: IsobarGapLost", "alertname: IsobarNotReady")
        self.found("IsobarGapLost (page): no test sees it fire")
        self.found("IsobarGapLost: no test sees it quiet")

    def test_a_service_without_a_target(self):
        self.edit("deploy/observability/targets/compose.yaml", "service: decomposer", "service: recomposer")
        self.found("targets/compose.yaml: decomposer")

    def test_a_new_service_asks_for_generation(self):
        self.edit("libs/telemetry/metrics.yaml", "services: [chain_ingest,", "services: [chain_ingest, level_watcher,")
        self.found("recording.yaml: differs")

    def test_a_dashboard_changed_by_hand(self):
        self.edit("deploy/observability/grafana/dashboards/bus.json", '"Connected"', '"Linked"')
        self.found("bus.json: differs")

    def test_strings_are_no_series(self):
        self.assertEqual(check.series_used('sum(isobar:gaps:rate5m{service="isobar_x"}) / up{job="isobar"}'), {"isobar:gaps:rate5m"})


if __name__ == "__main__":
    unittest.main()
