"""Resident memory of every service while it holds a full SPX chain: ten expiries, wide ladders, busy quotes."""

import os
import unittest

from suite import SERVICES, Cluster, Nats, eventually, http, metric, scratch

LIMIT_MIB = 200
SECONDS = float(os.environ.pop("ISOBAR_MEMORY_S", "25"))
# More than 12,000 contracts and 150,000 tiles; 50,000 quotes a second fill the histories (32 MiB of windows in ws-hydrator,
# 64 MiB of surfaces in heatmap-builder).
MARKET = ["--sim.seed=3", "--sim.expirations=10", "--sim.strike-range-scale=3", "--sim.quotes-per-second=50000",
          "--chain-ingest.interval-ms=5000"]


def resident_mib(pid):
    """(now, peak) in MiB, from the kernel."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        values = {line.split(":")[0]: line.split()[1] for line in status if line.startswith(("VmRSS", "VmHWM"))}
    return int(values["VmRSS"]) / 1024, int(values["VmHWM"]) / 1024


class Memory(unittest.TestCase):
    def test_each_service_holds_a_full_chain_under_200_mib(self):
        with scratch() as folder:
            nats = Nats(folder).start()
            cluster = Cluster(folder, nats.url, ["--symbols=SPX", "--venue=e2e", *MARKET]).start_all()
            try:
                builder = cluster.http["heatmap-builder"]
                cluster.ready(60)
                began = eventually(lambda: metric(builder, "isobar_heatmap_builder_revision"), 30, "a surface")
                eventually(lambda: metric(builder, "isobar_heatmap_builder_revision") >= began + 1000 * SECONDS,
                           3 * SECONDS + 30, f"{SECONDS} s of surfaces")
                contracts = metric(cluster.http["chain-ingest"], "isobar_chain_ingest_contracts")
                tiles = metric(builder, "isobar_heatmap_builder_listed_tiles")
                history = metric(builder, "isobar_heatmap_builder_history_bytes") / 2**20
                print(f"\nfull chain: {contracts:.0f} contracts, {tiles:.0f} tiles, {SECONDS:.0f} s of windows, "
                      f"{history:.1f} MiB of surface history")
                self.assertGreaterEqual(contracts, 12_000)
                self.assertGreaterEqual(tiles, 150_000)
                for service in SERVICES:
                    with self.subTest(service):
                        now, peak = resident_mib(cluster.processes[service].child.pid)
                        said = metric(cluster.http[service], "isobar_process_resident_bytes") / 2**20
                        print(f"{service:16} {now:7.1f} MiB resident, peak {peak:7.1f}, metric says {said:7.1f}")
                        self.assertLess(now, LIMIT_MIB)
                        self.assertLess(abs(said - now), 32)
                        self.assertEqual(http(cluster.http[service], "/readyz")[0], 200)
            finally:
                cluster.kill()
                nats.kill()


if __name__ == "__main__":
    unittest.main()
