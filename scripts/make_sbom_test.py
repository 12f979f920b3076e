#!/usr/bin/python3
"""Tests of deploy/make_sbom.py."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "deploy"))
import make_sbom  # noqa: E402

STATUS = """Package: libstdc++6
Status: install ok installed
Architecture: amd64
Source: gcc-12
Version: 12.2.0-14+deb12u1
Description: GNU Standard C++ Library v3
 Status: this line belongs to the description

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: base-files
Status: install ok installed
Architecture: amd64
Source: base (12.4)
Version: 1:12.4+deb12u12
"""


class MakeSbom(unittest.TestCase):
    def setUp(self):
        self.made = make_sbom.document(STATUS, "0.1.0", "abc", "2026-01-02T03:04:05Z")
        self.packages = {package["name"]: package for package in self.made["packages"]}

    def test_lists_what_is_installed_and_isobar(self):
        self.assertEqual(set(self.packages), {"isobar", "base-files", "libstdc++6"})

    def test_names_the_package_as_purl_with_its_version_escaped(self):
        self.assertEqual(self.packages["libstdc++6"]["externalRefs"][0]["referenceLocator"],
                         "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12")

    def test_says_the_source_and_its_version(self):
        self.assertEqual(self.packages["base-files"]["sourceInfo"], "built from Debian source base 12.4")
        self.assertEqual(self.packages["libstdc++6"]["sourceInfo"], "built from Debian source gcc-12 12.2.0-14+deb12u1")

    def test_identifiers_are_spdx_and_unique(self):
        identifiers = [package["SPDXID"] for package in self.made["packages"]]
        self.assertEqual(len(set(identifiers)), len(identifiers))
        for identifier in identifiers:
            self.assertRegex(identifier, r"^SPDXRef-[A-Za-z0-9.-]+$")

    def test_every_package_is_related(self):
        related = {r["relatedSpdxElement"] for r in self.made["relationships"]}
        self.assertEqual(related, {package["SPDXID"] for package in self.made["packages"]})

    def test_the_same_list_gives_the_same_document(self):
        self.assertEqual(self.made, make_sbom.document(STATUS, "0.1.0", "abc", "2026-01-02T03:04:05Z"))
        self.assertNotEqual(self.made["documentNamespace"],
                            make_sbom.document(STATUS, "0.1.0", "abd", "2026-01-02T03:04:05Z")["documentNamespace"])


if __name__ == "__main__":
    unittest.main()
