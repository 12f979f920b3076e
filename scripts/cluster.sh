# shellcheck shell=bash disable=SC2154 # root and release are ./dev's
# A local nats-server with JetStream and one process per service, all on loopback, all under run/cluster. Sourced by ./dev.

cluster_services=(chain-ingest epoch-manager ws-hydrator decomposer heatmap-builder colorizer feed-ingest radar-physics gamma-fuel)
cluster_sharded=(heatmap-builder radar-physics) # with --shards=N
shards_max=30                                   # of a service; each has a port
cluster_dir=run/cluster
cluster_wait_seconds=60

# running NAME PROGRAM: the process that NAME.pid names, when it is still that program.
running() {
  local pid
  pid=$(cat "$cluster_dir/$1.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$(printf %.15s "$2")" ] && echo "$pid"
}

# launch NAME COMMAND...: in the background, detached from the terminal, output to NAME.log.
launch() {
  local name=$1
  shift
  setsid "$@" >"$cluster_dir/$name.log" 2>&1 </dev/null &
  echo $! >"$cluster_dir/$name.pid"
}

# wait_for NAME PROGRAM URL: until URL answers 200. The process ended, or the deadline passed: says so and returns 1.
wait_for() {
  local deadline=$((SECONDS + cluster_wait_seconds))
  until curl --silent --fail --max-time 2 --output /dev/null "$3"; do
    if ! running "$1" "$2" >/dev/null; then
      tail -n 20 "$cluster_dir/$1.log" >&2
      warn "$1 ended; its log is $cluster_dir/$1.log"
      return 1
    fi
    if [ $SECONDS -ge $deadline ]; then
      curl --silent --max-time 2 "$3" >&2 || true
      tail -n 20 "$cluster_dir/$1.log" >&2
      warn "$1 was not ready after $cluster_wait_seconds s; its log is $cluster_dir/$1.log"
      return 1
    fi
    sleep 0.2
  done
}

# or_end NAME PROGRAM URL: as wait_for, and without it there is no cluster.
or_end() {
  wait_for "$@" && return
  cluster_down
  die "the cluster did not start"
}

# The simulated market begins anew, so what the store holds of the run before would be of its future. Services can rebuild
# everything that is kept there; the same goes for checkpoints.
start_nats() {
  local keys=''
  if [ "$cluster_secure" = yes ]; then
    python3 scripts/nats_auth.py --out "$cluster_dir/keys" --tls localhost,127.0.0.1 --tokens
    keys=$'include "keys/auth.conf"\ninclude "keys/tls.conf"'
  fi
  rm -rf "${cluster_dir:?}/jetstream" "${cluster_dir:?}/data"
  cat >"$cluster_dir/nats.conf" <<CONF
server_name: isobar
listen: 127.0.0.1:$nats_port
http: 127.0.0.1:$nats_http_port
max_payload: 8MB
jetstream { store_dir: "$root/$cluster_dir/jetstream", max_memory_store: 256MB, max_file_store: 8GB }
$keys
CONF
  launch nats-server nats-server --config "$cluster_dir/nats.conf"
  or_end nats-server nats-server "http://127.0.0.1:$nats_http_port/healthz"
}

# options_of SERVICE OPTION...: fills `own` with the options that the service knows, written --name=value. An option that no
# service knows is refused by all of them when it has no dot, and by name below when it has.
options_of() {
  local service=$1 option known
  shift
  own=()
  known=$("$release/bin/$service" --help)
  for option in "$@"; do
    case $option in
      --*.*=*) if grep -q -e "${option%%=*}\b" <<<"$known"; then own+=("$option") && claimed[$option]=1; fi ;;
      --*.*) die "write $option with its value as one word: $option=VALUE" ;;
      *) own+=("$option") ;;
    esac
  done
}

# secure_options SERVICE: fills `secure` with what a service needs in a cluster started with --secure.
secure_options() {
  local keys=$cluster_dir/keys
  secure=()
  [ "$cluster_secure" = yes ] || return 0
  secure=(--nats-nkey-seed "$keys/$1.nk" --nats-tls-ca "$keys/ca.pem" --grpc-tls-cert "$keys/server.pem"
    --grpc-tls-key "$keys/server.key" --grpc-tokens "$keys/tokens" --grpc-rate-max 200 --reflection=false)
}

# shard_line SERVICE ORDINAL N: of `processes`, with ports by service and ordinal; isobar query --cluster knows them too.
shard_line() {
  local base=0 service
  for service in "${cluster_sharded[@]}"; do
    [ "$service" != "$1" ] || break
    base=$((base + shards_max))
  done
  echo "$1-$2 $1 $((7500 + base + $2)) $((7600 + base + $2)) $2/$3"
}

# plan_processes N: fills `processes` with "NAME SERVICE GRPC_PORT HTTP_PORT SHARD" lines; N 0: one process per service.
plan_processes() {
  local service port=1 i
  processes=()
  for service in "${cluster_services[@]}"; do
    if [ "$1" -gt 0 ] && [[ " ${cluster_sharded[*]} " == *" $service "* ]]; then
      for ((i = 0; i < $1; i++)); do processes+=("$(shard_line "$service" "$i" "$1")"); done
    else
      processes+=("$service $service 740$port 748$port -")
    fi
    port=$((port + 1))
  done
}

# program_of NAME: shards are called SERVICE-ORDINAL.
program_of() { if [[ $1 =~ ^(.*)-[0-9]+$ ]]; then echo "${BASH_REMATCH[1]}"; else echo "$1"; fi; }

# value_of OPTION DEFAULT WORD...: the last value given to it.
value_of() {
  local option=$1 value=$2 word next=''
  shift 2
  for word in "$@"; do
    [ -z "$next" ] || { value=$word next='' && continue; }
    case $word in "$option="*) value=${word#*=} ;; "$option") next=1 ;; esac
  done
  echo "$value"
}

# list_symbols SYMBOLS FUTURES: into the registry, which shards share out.
list_symbols() {
  local -a words
  local -a how=(--bus "$scheme://127.0.0.1:$nats_port")
  [ "$cluster_secure" = no ] || how+=(--nats-nkey-seed "$cluster_dir/keys/isobar.nk" --nats-tls-ca "$cluster_dir/keys/ca.pem")
  IFS=, read -ra words <<<"$1"
  [ ${#words[@]} -eq 0 ] || "$release/bin/isobar" symbols add "${how[@]}" --kind options "${words[@]}"
  IFS=, read -ra words <<<"$2"
  [ ${#words[@]} -eq 0 ] || "$release/bin/isobar" symbols add "${how[@]}" --kind futures "${words[@]}"
}

# cluster_up SHARDS [--secure] [OPTION...]: every service gets the options it knows; they work on SPX and ES unless
# --symbols and --futures say otherwise, and the simulated market is pinned to one instant so that all of them pace alike.
# With --secure NATS and gRPC ask for keys and speak TLS.
cluster_up() {
  nats_port=${NATS_PORT:-7422} nats_http_port=${NATS_HTTP_PORT:-7423}
  local shards=$1 service name grpc http shard line scheme=nats
  local -a secure=()
  shift
  cluster_secure=no
  if [ "${1:-}" = --secure ]; then
    cluster_secure=yes scheme=tls
    shift
  fi
  mkdir -p "$cluster_dir"
  for name in $(cluster_names); do
    ! running "$name" "$(program_of "$name")" >/dev/null || die "the cluster is up already; ./dev down stops it"
  done
  rm -f "$cluster_dir"/*.pid
  local -A claimed=()
  local -a own=() processes=()
  local option anchor
  for service in "${cluster_services[@]}"; do options_of "$service" "$@"; done
  for option in "$@"; do
    case $option in --*.*=*) [ -n "${claimed[$option]:-}" ] || die "no service knows ${option%%=*}" ;; esac
  done
  plan_processes "$shards"
  step "starting nats-server and ${#processes[@]} processes of ${#cluster_services[@]} services"
  start_nats
  [ "$shards" -eq 0 ] || list_symbols "$(value_of --symbols SPX "$@")" "$(value_of --futures ES "$@")"
  anchor=--sim.anchor=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  cluster_words=("$anchor" "$@")
  declare -p cluster_secure scheme nats_port shards cluster_words | sed 's/^declare /declare -g /' >"$cluster_dir/started"
  for line in "${processes[@]}"; do
    # shellcheck disable=SC2086
    launch_service $line
  done
  for line in "${processes[@]}"; do
    read -r name service grpc http shard <<<"$line"
    or_end "$name" "$service" "http://127.0.0.1:$http/readyz"
  done
  cluster_status
}

# launch_service NAME SERVICE GRPC_PORT HTTP_PORT SHARD, with `cluster_words`.
launch_service() {
  local name=$1 service=$2 grpc=$3 http=$4 shard=$5 data=$cluster_dir/data
  local -a own=() secure=() place=(--symbols SPX --futures ES)
  options_of "$service" "${cluster_words[@]}"
  secure_options "$service"
  if [ "$shard" != - ]; then
    without_symbols "${own[@]}"
    place=(--shard "$shard")
    # Shards keep nothing on the disk that another one would want, so each has a folder of its own.
    data=$data/$name
  fi
  launch "$name" "$release/bin/$service" --bus "$scheme://127.0.0.1:$nats_port" "${secure[@]}" --data-dir "$data" \
    --grpc "127.0.0.1:$grpc" --http "127.0.0.1:$http" "${place[@]}" "${own[@]}"
}

# cluster_shard SERVICE: one more shard of it, in the cluster that runs.
cluster_shard() {
  [[ " ${cluster_sharded[*]} " == *" $1 "* ]] || die "shards are for ${cluster_sharded[*]}, not '$1'"
  running nats-server nats-server >/dev/null || die "no cluster runs; ./dev cluster --shards=N starts one"
  # shellcheck disable=SC1091
  . "$cluster_dir/started"
  [ "$shards" -gt 0 ] || die "the cluster runs without shards; ./dev cluster --shards=N starts one with"
  local ordinal=0 name service grpc http shard
  local -A claimed=()
  # The lowest that is free: a shard that was killed comes back under its own number.
  while running "$1-$ordinal" "$1" >/dev/null; do ordinal=$((ordinal + 1)); done
  [ "$ordinal" -lt "$shards_max" ] || die "there are $shards_max shards of $1 already"
  local -a processes=("$(shard_line "$1" "$ordinal" "$shards")")
  read -r name service grpc http shard <<<"${processes[0]}"
  launch_service "$name" "$service" "$grpc" "$http" "$shard"
  wait_for "$name" "$service" "http://127.0.0.1:$http/readyz" || die "$name runs, but is not ready; ./dev down stops it too"
  echo "$name $shard: gRPC 127.0.0.1:$grpc, metrics http://127.0.0.1:$http/metrics, log $cluster_dir/$name.log, pid $(running "$name" "$service")"
}

# without_symbols OPTION...: fills `own` with all but --symbols and --futures, which shards take from the registry.
without_symbols() {
  local word skip=''
  own=()
  for word in "$@"; do
    [ -z "$skip" ] || { skip='' && continue; }
    case $word in --symbols=* | --futures=*) ;; --symbols | --futures) skip=1 ;; *) own+=("$word") ;; esac
  done
}

cluster_status() {
  local name service grpc http shard line
  printf '\n%-18s %-22s %-40s %s\n' service gRPC metrics log
  for line in "${processes[@]}"; do
    read -r name service grpc http shard <<<"$line"
    printf '%-18s %-22s %-40s %s\n' "$name" "127.0.0.1:$grpc" "http://127.0.0.1:$http/metrics" "$cluster_dir/$name.log"
  done
  printf '%-18s %-22s %-40s %s\n' nats-server "127.0.0.1:$nats_port" "http://127.0.0.1:$nats_http_port/varz" \
    "$cluster_dir/nats-server.log"
  [ "$cluster_secure" = no ] || printf '\nAsk it with isobar query --cluster --tls-ca %s --token-file %s ...
and the registry with isobar symbols --bus %s --nats-nkey-seed %s --nats-tls-ca %s ...\n' \
    "$cluster_dir/keys/ca.pem" "$cluster_dir/keys/read.token" \
    "tls://127.0.0.1:$nats_port" "$cluster_dir/keys/isobar.nk" "$cluster_dir/keys/ca.pem"
  printf '\nStop it with ./dev down.\n'
}

# cluster_names: what was started, the bus last.
cluster_names() {
  local file
  for file in "$cluster_dir"/*.pid; do
    [ -e "$file" ] && [ "$file" != "$cluster_dir/nats-server.pid" ] && basename "$file" .pid
  done
  [ -e "$cluster_dir/nats-server.pid" ] && echo nats-server
  return 0
}

# cluster_down: services first, then the bus; SIGKILL for what is still there after six seconds.
cluster_down() {
  local name pid stopped=0
  local -a names
  mapfile -t names < <(cluster_names)
  for name in "${names[@]}"; do
    [ "$name" != nats-server ] || await_end $((SECONDS + 6)) "${names[@]:0:${#names[@]}-1}"
    pid=$(running "$name" "$(program_of "$name")") || continue
    stopped=$((stopped + 1))
    kill -TERM "$pid" 2>/dev/null || true
  done
  await_end $((SECONDS + 6)) "${names[@]}"
  rm -f "$cluster_dir"/*.pid
  echo "stopped $stopped processes"
}

# await_end DEADLINE NAME...
await_end() {
  local deadline=$1 name pid
  shift
  for name in "$@"; do
    while pid=$(running "$name" "$(program_of "$name")"); do
      if [ $SECONDS -ge "$deadline" ]; then
        warn "$name did not stop in time and was killed"
        kill -KILL "$pid" 2>/dev/null || true
        break
      fi
      sleep 0.1
    done
  done
}
