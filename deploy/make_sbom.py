#!/usr/bin/python3
"""Makes the image's bill of materials, an SPDX 2.3 document in JSON, from dpkg's list of installed packages.

usage: make_sbom.py --status /var/lib/dpkg/status --version 0.1.0 --revision COMMIT --created 2026-01-01T00:00:00Z
"""
import argparse
import hashlib
import json
import re
import sys
import urllib.parse


def installed(status):
    """Name, version, architecture, source and maintainer of every installed package of a dpkg status file, by name."""
    packages = []
    for paragraph in re.split(r"\n\n+", status.strip()):
        fields = dict(re.findall(r"^([A-Za-z-]+): *(.*)$", paragraph, re.M))
        if fields.get("Status", "").split()[-1:] == ["installed"]:
            packages.append(fields)
    return sorted(packages, key=lambda fields: (fields["Package"], fields["Architecture"]))


def debian_package(fields):
    """One installed package as SPDX knows it; its licences are in the package, not in dpkg's list, hence NOASSERTION."""
    name, version, architecture = fields["Package"], fields["Version"], fields["Architecture"]
    # "gcc-12 (12.2.0-14)": the version stands there only where it differs.
    source = re.fullmatch(r"(\S+)(?: \((\S+)\))?", fields.get("Source", name))
    locator = (f"pkg:deb/debian/{urllib.parse.quote(name)}@{urllib.parse.quote(version, safe='')}"
               f"?arch={architecture}&distro=debian-12")
    return {
        "SPDXID": "SPDXRef-deb-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{name.replace('+', 'p')}-{architecture}"),
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "sourceInfo": f"built from Debian source {source[1]} {source[2] or version}",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}],
    }


def document(status, version, revision, created):
    """The whole document; the same input gives the same text."""
    own = {
        "SPDXID": "SPDXRef-isobar",
        "name": "isobar",
        "versionInfo": version,
        "supplier": "Organization: Isobar",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "sourceInfo": f"built from commit {revision}",
    }
    packages = [own] + [debian_package(fields) for fields in installed(status)]
    digest = hashlib.sha256(json.dumps([packages, created]).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"isobar-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/isobar-{version}-{digest[:32]}",
        "creationInfo": {"created": created, "creators": ["Tool: isobar-make-sbom", "Organization: Isobar"]},
        "packages": packages,
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": own["SPDXID"]}]
        + [{"spdxElementId": own["SPDXID"], "relationshipType": "DEPENDS_ON", "relatedSpdxElement": package["SPDXID"]}
           for package in packages[1:]],
    }


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("status", "version", "revision", "created"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args(arguments)
    with open(options.status, encoding="utf-8") as file:
        made = document(file.read(), options.version, options.revision, options.created)
    json.dump(made, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
