# shellcheck shell=bash disable=SC2154 # root and jobs are ./dev's
# Checks of the sources. Sourced by ./dev; every function prints what it found and fails when that is anything.

# The commit that changes are measured against: where this branch left main, or the commit before on main itself.
# Prints nothing in a repository with one commit.
base_commit() {
  local ref base
  for ref in origin/main main; do
    base=$(git merge-base HEAD "$ref" 2>/dev/null) || continue
    [ "$base" = "$(git rev-parse HEAD)" ] || { echo "$base"; return; }
  done
  git rev-parse --verify --quiet HEAD~1 || true
}

tracked_cpp() { git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp'; }

lint_format() {
  step "format: every C++ file"
  tracked_cpp | xargs -r -d '\n' -n 40 clang-format-19 --dry-run -Werror || die "run ./dev fmt"
}

lint_layers() {
  step "layers: libraries, services, pure cores, mains"
  /usr/bin/python3 scripts/check_layers.py .
}

buf() { "$root/scripts/buf/node_modules/.bin/buf" "$@"; }

# Node trusts its own list of authorities; behind a company's proxy the system's list is the one that works.
install_buf() {
  local stamp=scripts/buf/node_modules/.package-lock.json
  [ -x scripts/buf/node_modules/.bin/buf ] && [ ! scripts/buf/package-lock.json -nt "$stamp" ] && return
  step "installing buf from npm, as pinned in scripts/buf"
  NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
    npm ci --prefix scripts/buf --ignore-scripts --no-audit --no-fund
}

# Without the registry everything else is still checked, and the warning stands: the network is not the change's fault.
lint_proto() {
  if ! install_buf; then
    warn "proto NOT CHECKED: npm could not install buf (see above)"
    return
  fi
  step "proto: lint"
  buf lint proto || die "proto lint found the above"
  local base before
  base=$(base_commit)
  if [ -z "$base" ] || [ -z "$(git ls-tree "$base" proto/)" ]; then
    step "proto: breaking changes not checked, no earlier commit holds proto/"
    return
  fi
  step "proto: breaking changes against $(git log -1 --format='%h %s' "$base")"
  before=$(mktemp -d)
  git archive "$base" proto | tar -x -C "$before"
  local status=0
  buf breaking proto --against "$before/proto" || status=$?
  rm -rf "$before"
  [ "$status" = 0 ] || die "proto changed in a way that breaks its readers"
}

# lint_tidy BUILD_DIR changed|all: clang-tidy, in parallel. "changed" leaves tests out and takes at most 40 files and at
# most 8 minutes.
lint_tidy() {
  local build=$1 scope=$2 base files='' count limit=40 seconds=480
  base=$(base_commit)
  if [ "$scope" = all ]; then
    files=$(git ls-files -- 'libs/*.cpp' 'services/*.cpp' 'apps/*.cpp' 'tests/*.cpp')
    limit=100000 seconds=100000
  elif [ -n "$base" ]; then
    files=$({ git diff --name-only --diff-filter=d "$base" -- '*.cpp' ':!*_test.cpp'
              git ls-files --others --exclude-standard -- '*.cpp' ':!*_test.cpp'; } | sort -u)
  fi
  count=$(echo "$files" | grep -c . || true)
  if [ "$count" = 0 ]; then
    step "clang-tidy: no changed file"
    return
  fi
  step "clang-tidy: $((count < limit ? count : limit)) of $count $scope files"
  local status=0
  echo "$files" | head -n "$limit" | timeout "$seconds" xargs -r -d '\n' -P "$jobs" -n 2 \
    clang-tidy-19 -p "$build" --quiet --warnings-as-errors='*' 2>/dev/null || status=$?
  case $status in
    0) ;;
    124) warn "clang-tidy: stopped after $seconds s; ./dev check --tidy=all looks at everything" ;;
    *) die "clang-tidy found the above" ;;
  esac
}

lint_scripts() {
  step "scripts: shellcheck and their own tests"
  shellcheck --external-sources dev .ci/run || die "shellcheck found the above"
  local test
  for test in scripts/*_test.py; do
    /usr/bin/python3 "$test" 2>&1 | tail -n 40 || die "$test failed"
  done
}
