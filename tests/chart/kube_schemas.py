#!/usr/bin/python3
"""JSON schemas for kubeconform, made offline from what Go modules carry: Kubernetes' own OpenAPI document and the definitions
of the custom resources that the chart can render. Unknown fields are errors.

usage: kube_schemas.py OUT SWAGGER.json [CRD.yaml...]
"""
import json
import pathlib
import sys

import yaml


def strict(node):
    """The node with unknown fields refused, as the API server does with fieldValidation=Strict; null means "not given"."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: strict(value) for key, value in node.items()}
    if isinstance(out.get("$ref"), str):
        return {"$ref": "_definitions.json" + out["$ref"]}
    if out.get("format") == "int-or-string" or out.pop("x-kubernetes-int-or-string", False):
        out.pop("type", None)
        out.pop("format", None)
        out.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    if out.get("type") == "object" and "properties" in out and "additionalProperties" not in out:
        if not out.get("x-kubernetes-preserve-unknown-fields"):
            out["additionalProperties"] = False
    return out


def file_name(kind, group, version):
    """kubeconform's {{.ResourceKind}}{{.KindSuffix}}: the group's first word only."""
    return "-".join(filter(None, [kind.lower(), group.split(".")[0], version])) + ".json"


def write_kubernetes(swagger, out):
    definitions = {name: strict(body) for name, body in json.loads(swagger.read_text())["definitions"].items()}
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = {"type": ["string", "number"]}
    definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = {"type": ["string", "integer"]}
    (out / "_definitions.json").write_text(json.dumps({"definitions": definitions}))
    for name, body in definitions.items():
        for gvk in body.get("x-kubernetes-group-version-kind", []):
            path = out / file_name(gvk["kind"], gvk["group"], gvk["version"])
            path.write_text(json.dumps({"$ref": f"_definitions.json#/definitions/{name}"}))


def write_custom(crd, out):
    spec = yaml.safe_load(crd.read_text())["spec"]
    for version in spec["versions"]:
        schema = strict(version["schema"]["openAPIV3Schema"])
        schema["properties"].update({"metadata": {"type": "object"}})
        path = out / file_name(spec["names"]["kind"], spec["group"], version["name"])
        path.write_text(json.dumps(schema))


def main(out, swagger, *crds):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    write_kubernetes(pathlib.Path(swagger), out)
    for crd in crds:
        write_custom(pathlib.Path(crd), out)


if __name__ == "__main__":
    main(*sys.argv[1:])
