# shellcheck shell=bash disable=SC2154 # root, release and jobs are ./dev's
# The container image: by Docker where its engine answers, by podman otherwise. Sourced by ./dev.

image_name=${IMAGE:-localhost/isobar} # not ISOBAR_*: the binaries refuse such variables that they do not know
image_base=debian:bookworm-slim
image_dir=build/image
image_containers_conf=$image_dir/containers.conf

# Where nothing may be raised or delegated (a machine in a machine), podman's defaults fail: limits above the caller's own,
# and cgroups. These lines work there and on a plain Debian 12.
image_podman_conf() {
  mkdir -p "$image_dir"
  cat >"$image_containers_conf" <<'CONF'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
  export CONTAINERS_CONF=$root/$image_containers_conf
}

# image_engine: sets `engine` to docker or podman; installs podman where neither is there.
image_engine() {
  if command -v docker >/dev/null 2>&1 && docker info >/dev/null 2>&1; then
    engine=docker
    return
  fi
  if ! command -v apt-get >/dev/null 2>&1; then
    command -v podman >/dev/null 2>&1 || die "building the image needs a Docker engine that answers 'docker info', or podman"
  else
    [ "$(id -u)" = 0 ] || die "no Docker engine answers 'docker info'; building by podman needs root here: sudo ./dev image"
    setup podman
  fi
  engine=podman
  image_podman_conf
}

# image_make_base: Debian's base image, from a registry when one answers, else made from Debian's own packages.
image_make_base() {
  [ "$engine" = podman ] || return 0
  ! podman image exists "$image_base" || return 0
  step "fetching $image_base"
  ! timeout 60 podman pull --quiet "docker.io/library/$image_base" >/dev/null 2>&1 || return 0
  step "no registry answers: making $image_base with debootstrap"
  local tree
  tree=$(mktemp -d)
  debootstrap --variant=minbase bookworm "$tree" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$image_dir/debootstrap.log" 2>&1 ||
    die "debootstrap failed; see $image_dir/debootstrap.log"
  rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/usr/share/{doc,man,locale,info}/* "$tree"/var/log/*
  printf 'deb %s bookworm-updates main\ndeb http://deb.debian.org/debian-security bookworm-security main\n' \
    "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >>"$tree/etc/apt/sources.list"
  tar -C "$tree" --numeric-owner -c . | podman import --change 'CMD ["bash"]' - "$image_base" >/dev/null
  rm -rf "${tree:?}"
}

# image_prebuilt: release binaries of this machine, for the image to take as they are. They must be of the image's Debian.
image_prebuilt() {
  grep -q '^VERSION_ID="12"' /etc/os-release || die "--prebuilt takes binaries compiled on Debian 12; this is something else"
  setup runtime build
  build release isobar "${cluster_services[@]}"
  rm -rf "$image_dir/prebuilt"
  mkdir -p "$image_dir/prebuilt/bin"
  local name
  for name in isobar "${cluster_services[@]}"; do
    strip -o "$image_dir/prebuilt/bin/$name" "$release/bin/$name"
  done
}

# image_build source|prebuilt
image_build() {
  local binaries=$1 version revision created started=$SECONDS
  mkdir -p "$image_dir/prebuilt"
  [ "$binaries" = source ] || image_prebuilt
  version=$(sed -n 's/^project(isobar VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
  revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
  created=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null || date -u +%Y-%m-%dT%H:%M:%SZ)
  image_make_base
  local -a own=()
  # Without a network of its own the build shares the machine's; without user namespaces it runs in a chroot.
  [ "$engine" = docker ] || own=(--isolation chroot --network host --format docker)
  step "building $image_name:$version with $engine, binaries: $binaries"
  "$engine" build "${own[@]}" --file deploy/Dockerfile --build-arg "BINARIES=$binaries" --build-arg "JOBS=$jobs" \
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "CREATED=$created" \
    --tag "$image_name:$version" --tag "$image_name:latest" . || die "the image was not built; its last step is above"
  step "built $image_name:$version in $((SECONDS - started)) s, $(image_bytes) bytes"
}

image_bytes() { "$engine" image inspect --format '{{.Size}}' "$image_name:latest"; }

command_image() {
  local binaries=source smoke=no build=yes argument
  for argument in "$@"; do
    case $argument in
      --prebuilt) binaries=prebuilt ;;
      --smoke) smoke=yes ;;
      --no-build) build=no ;;
      *) die "image takes --prebuilt, --smoke and --no-build, not $argument" ;;
    esac
  done
  local engine
  image_engine
  [ "$build" = no ] || image_build "$binaries"
  [ "$smoke" = yes ] || return 0
  setup runtime build
  step "the suite from the image: not root, read-only, no capability"
  ISOBAR_IMAGE_ENGINE=$engine ISOBAR_IMAGE_NAME=$image_name:latest /usr/bin/python3 tests/deploy/image_smoke.py -v
  step "the containers of deploy/compose.yaml, each with its own NATS user"
  ISOBAR_IMAGE_ENGINE=$engine ISOBAR_IMAGE_NAME=$image_name:latest /usr/bin/python3 tests/deploy/compose_smoke.py -v
}
