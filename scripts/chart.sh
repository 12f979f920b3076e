# shellcheck shell=bash disable=SC2154 # root, release and engine are ./dev's
# Tests of helm/isobar with the real tools, which are built from their sources by Go under build/chart. Sourced by ./dev.

chart_dir=build/chart
chart_helm=v3.19.5
chart_kubeconform=v0.7.0
# The Kubernetes that manifests are checked against; tests/chart/chart.py renders for the same.
chart_kubernetes=v1.34.1
chart_prometheus_operator=v0.85.0
chart_keda=v2.18.1

chart_go() {
  local version
  command -v go >/dev/null 2>&1 || die "chart needs Go 1.21 or newer in the path (https://go.dev/dl): it builds helm and kubeconform"
  version=$(go env GOVERSION)
  case $version in go1.[0-9] | go1.[0-9].* | go1.1[0-9]* | go1.20*) die "chart needs Go 1.21 or newer, this is $version" ;; esac
}

# chart_tool PACKAGE VERSION: into build/chart/bin, unless that version is there.
chart_tool() {
  local name=${1##*/}
  [ "$(cat "$chart_dir/bin/.$name" 2>/dev/null)" = "$2" ] && return
  step "building $name $2 (the first time takes some minutes)"
  GOBIN=$root/$chart_dir/bin GOFLAGS=-mod=mod go install "$1@$2" || die "$1 could not be built; is the Go module proxy reachable?"
  echo "$2" >"$chart_dir/bin/.$name"
}

# chart_module PATH VERSION: prints the folder of a Go module's sources.
chart_module() {
  (cd "$root/$chart_dir" && go mod download -json "$1@$2" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
}

# Kubernetes' OpenAPI and the definitions of custom resources come in Go modules, checksummed by Go: no other network.
chart_schemas() {
  local stamp="$chart_kubernetes $chart_prometheus_operator $chart_keda $(sha256sum tests/chart/kube_schemas.py)"
  [ "$(cat "$chart_dir/schemas/.stamp" 2>/dev/null)" = "$stamp" ] && return
  step "making schemas of Kubernetes ${chart_kubernetes#v}"
  local kubernetes operator keda
  kubernetes=$(chart_module k8s.io/kubernetes "$chart_kubernetes")
  operator=$(chart_module github.com/prometheus-operator/prometheus-operator "$chart_prometheus_operator")
  keda=$(chart_module github.com/kedacore/keda/v2 "$chart_keda")
  [ -n "$kubernetes" ] && [ -n "$operator" ] && [ -n "$keda" ] || die "the sources of the schemas could not be fetched (see above)"
  rm -rf "${chart_dir:?}/schemas"
  /usr/bin/python3 tests/chart/kube_schemas.py "$chart_dir/schemas" "$kubernetes/api/openapi-spec/swagger.json" \
    "$operator/example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml" \
    "$operator/example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml" \
    "$keda/config/crd/bases/keda.sh_scaledobjects.yaml"
  echo "$stamp" >"$chart_dir/schemas/.stamp"
}

command_chart() {
  local argument update=0 play=no server=no
  for argument in "$@"; do
    case $argument in
      --update) update=1 ;;
      --play) play=yes ;;
      --server) server=yes ;;
      *) die "chart takes --update, --server and --play, not $argument" ;;
    esac
  done
  chart_go
  setup runtime build
  mkdir -p "$chart_dir/bin"
  chart_tool helm.sh/helm/v3/cmd/helm "$chart_helm"
  chart_tool github.com/yannh/kubeconform/cmd/kubeconform "$chart_kubeconform"
  chart_schemas
  build release isobar "${cluster_services[@]}"
  step "testing the chart"
  CHART_UPDATE=$update CHART_TOOLS=$root/$chart_dir/bin ISOBAR_BIN=$root/$release/bin /usr/bin/python3 tests/chart/chart_test.py
  [ "$server" = no ] || chart_server
  [ "$play" = no ] || chart_play
}

# chart_kube PROGRAM: of Kubernetes' own, as pinned in tests/chart/kube; it knows its version by its linker alone.
chart_kube() {
  local version=k8s.io/component-base/version rest=${chart_kubernetes#v1.}
  [ "$(cat "$chart_dir/bin/.$1" 2>/dev/null)" = "$chart_kubernetes" ] && return
  step "building $1 $chart_kubernetes (the first time takes ten minutes)"
  (cd tests/chart/kube && go build -o "$root/$chart_dir/bin/$1" -ldflags \
    "-X $version.gitVersion=$chart_kubernetes -X $version.gitMajor=1 -X $version.gitMinor=${rest%%.*}" \
    "k8s.io/kubernetes/cmd/$1") || die "$1 could not be built; is the Go module proxy reachable?"
  echo "$chart_kubernetes" >"$chart_dir/bin/.$1"
}

# helm installs, upgrades and rolls back on a real API server; without kubelets nothing runs there.
chart_server() {
  local operator keda
  setup chart
  chart_kube kubectl
  chart_kube kube-apiserver
  operator=$(chart_module github.com/prometheus-operator/prometheus-operator "$chart_prometheus_operator")
  keda=$(chart_module github.com/kedacore/keda/v2 "$chart_keda")
  step "installing the chart on kube-apiserver ${chart_kubernetes#v}"
  CHART_TOOLS=$root/$chart_dir/bin CHART_CRDS="
    $operator/example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml
    $operator/example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml
    $keda/config/crd/bases/keda.sh_scaledobjects.yaml" /usr/bin/python3 tests/chart/server_test.py
}

# The production profile under podman, from the image that ./dev image made.
chart_play() {
  local engine
  image_engine
  [ "$engine" = podman ] || die "chart --play needs podman: Docker has nothing that runs manifests"
  podman image exists "$image_name:latest" || die "there is no $image_name:latest; ./dev image makes it"
  step "playing the production profile from $image_name:latest"
  CHART_TOOLS=$root/$chart_dir/bin ISOBAR_IMAGE_ENGINE=podman ISOBAR_IMAGE_NAME=$image_name:latest \
    /usr/bin/python3 tests/chart/play_test.py
}
