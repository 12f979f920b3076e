# shellcheck shell=bash disable=SC2154 # root is ./dev's
# The suite by Compose. Sourced by ./dev.

compose_secrets=deploy/secrets

# compose_make_secrets: NATS users and Grafana's password, once. Compose mounts files as they are, so seeds belong to the
# uid of the containers.
compose_make_secrets() {
  setup runtime build
  /usr/bin/python3 scripts/nats_auth.py --out "$compose_secrets"
  [ -f "$compose_secrets/grafana-admin" ] || (umask 077 && openssl rand -base64 18 >"$compose_secrets/grafana-admin")
  as_root chown 65532:65532 "$compose_secrets"/*.nk
  as_root chown 472:0 "$compose_secrets/grafana-admin" # uid of Grafana's image
}

# compose_program: sets `program` to what runs Compose files here; installs Debian's podman-compose where nothing does.
compose_program() {
  if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then
    program=(docker compose)
    return
  fi
  if ! command -v podman-compose >/dev/null 2>&1; then
    command -v apt-get >/dev/null 2>&1 || die "there is no Compose here: install the Docker Compose plugin, or podman-compose"
    setup podman compose
  fi
  program=(podman-compose)
  image_podman_conf
}

# command_compose [--observability] [COMMAND...]: Compose's own command over the files of deploy/.
command_compose() {
  local -a files=(--file deploy/compose.yaml) program=()
  if [ "${1:-}" = --observability ]; then
    files+=(--file deploy/compose.observability.yaml)
    shift
  fi
  compose_program
  compose_make_secrets
  export SIM_ANCHOR=${SIM_ANCHOR:-$(date -u +%Y-%m-%dT%H:%M:%SZ)}
  if [ $# -gt 0 ]; then
    "${program[@]}" "${files[@]}" "$@"
    return
  fi
  /usr/bin/python3 tests/deploy/compose_test.py
  # Debian's podman-compose knows no such command.
  [ "${program[0]}" != docker ] || "${program[@]}" "${files[@]}" config --quiet
}
