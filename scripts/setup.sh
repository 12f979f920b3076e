# shellcheck shell=bash disable=SC2154 # root and jobs are ./dev's
# Set-up: installs the Debian packages that are missing. Sourced by ./dev; needs nothing but what Debian's base has.

# as_root COMMAND...: runs it as root, through sudo when needed.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "installing packages needs root: run this as root, or install sudo"
  fi
}

# listed_packages GROUP...: the packages of these groups, one a line.
listed_packages() {
  local package group _
  while read -r package group _; do
    case " $* " in *" $group "*) ;; *) continue ;; esac
    case "$package" in
      ''|'#'*) ;;
      # Node from elsewhere often brings npm along and conflicts with Debian's.
      nodejs) command -v node >/dev/null 2>&1 || echo "$package" ;;
      npm) command -v npm >/dev/null 2>&1 || echo "$package" ;;
      *) echo "$package" ;;
    esac
  done <"$root/scripts/packages.txt"
}

# missing_packages GROUP...: those that dpkg does not know as installed.
missing_packages() {
  local wanted installed package
  wanted=$(listed_packages "$@")
  # A virtual or multi-arch package answers with its own name; dpkg-query fails when any is unknown, which is expected.
  # shellcheck disable=SC2086
  installed=" $(dpkg-query -W -f '${db:Status-Status} ${binary:Package}\n' $wanted 2>/dev/null |
    sed -n 's/^installed \([^:]*\).*/\1/p' | tr '\n' ' ') "
  for package in $wanted; do
    case "$installed" in *" $package "*) ;; *) echo "$package" ;; esac
  done
}

require_debian() {
  local id='' version=''
  if [ -r /etc/os-release ]; then
    id=$(sed -n 's/^ID=//p' /etc/os-release | tr -d '"')
    version=$(sed -n 's/^VERSION_ID=//p' /etc/os-release | tr -d '"')
  fi
  if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    die "this system has no apt: use Debian 12, or a container of it (docker run -it debian:12)"
  fi
  if [ "$id" != debian ] || [ "$version" != 12 ]; then
    warn "this is $id $version; Isobar is built and tested on Debian 12 only"
  fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get \
    -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" </dev/null
}

# setup GROUP...: everything of these groups is installed afterwards. Takes a fraction of a second when it was before.
setup() {
  local missing
  require_debian
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "${missing// /}" ] || return 0
  step "installing $(echo "$missing" | wc -w) Debian packages: $missing"
  apt update || warn "apt update failed; trying with the lists that are here"
  # shellcheck disable=SC2086
  apt install -y --no-install-recommends $missing ||
    die "apt could not install the packages above; look at its message, then run this again"
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -z "${missing// /}" ] || die "still missing after apt: $missing"
}
