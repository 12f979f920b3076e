# shellcheck shell=bash disable=SC2154 # release is ./dev's
# Rules, alerts and dashboards under Debian's real Prometheus. Sourced by ./dev.

# command_observability [--live]: promtool's checks and the alerts' unit tests; --live adds a running suite.
command_observability() {
  local live=no
  case ${1:-} in
    '') ;;
    --live) live=yes ;;
    *) die "observability takes --live, not $1" ;;
  esac
  setup runtime build monitor
  step "rules, dashboards and runbooks against each other"
  /usr/bin/python3 scripts/observability_check.py .
  step "promtool: configuration and rules"
  promtool check config --lint=all deploy/observability/prometheus.yaml
  step "promtool: every alert firing and quiet (about a minute)"
  promtool test rules deploy/observability/tests/*.yaml
  [ "$live" = yes ] || return 0
  build release isobar "${cluster_services[@]}"
  step "a real Prometheus over the running suite (about four minutes)"
  ISOBAR_BIN=$root/$release/bin /usr/bin/python3 tests/deploy/observability_live.py -v
}
