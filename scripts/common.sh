# shellcheck shell=bash
# Sourced by the scripts beside it: where things are, and how the scripts speak.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Outside the checkout, so that a clean clone does not build everything anew. All of this is settled
# before a session changes HOME.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/fabrik/target}"
export CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}"
export RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}"
export npm_config_cache="${npm_config_cache:-$HOME/.npm}"
export PATH="$PATH:$CARGO_HOME/bin"

# Most of a whole-product test is waiting, for vendors or a window: more of them at a time than there are cores.
export RUST_TEST_THREADS="${RUST_TEST_THREADS:-$((3 * $(getconf _NPROCESSORS_ONLN)))}"

# One set of features everywhere: with two, half of the tree would be compiled twice. `fabrik serve` is in none of what
# people install: `scripts/bundle` builds without it.
# shellcheck disable=SC2034
features=(--features fabrik-desktop/custom-protocol,fabrik-cli/serve)

say() { printf '\n\033[1m%s\033[0m\n' "$*" >&2; }
note() { printf '  %s\n' "$*" >&2; }
fail() {
  printf '\n\033[1;31m%s\033[0m\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# A snap starts in no home but its user's, and the tests have their own.
is_snap() { [[ $(readlink -f "$1") == /usr/bin/snap ]] || grep -qsI /snap/bin/ "$1"; }

# The browser that the UI's tests use. None is ever downloaded by a test tool.
browser() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [[ -n $name ]] && has "$name" && ! is_snap "$(command -v "$name")"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

has_display() {
  [[ $(uname -s) == Darwin || -n ${DISPLAY:-} || -n ${WAYLAND_DISPLAY:-} ]]
}

# Tauri's own command line, of the same line as the `tauri` crate; the registry's newest would be another.
tauri() { npx --yes @tauri-apps/cli@2.12 "$@"; }

# The UI, built where anything it is made of has changed.
build_ui() {
  local built=ui/dist/index.html
  if [[ ! -f $built || -n $(find ui/src ui/index.html ui/*.json ui/*.ts -newer "$built" -print -quit) ]]; then
    say "Building the UI"
    npm --prefix ui run --silent build -- --logLevel warn
  fi
}

# Programs and tests in one build: apart, the tests' own features would compile half of the tree twice.
build_all() {
  cargo build --workspace --bins --examples --tests "${features[@]}"
}

# The command line (which is also the app's sidecar) and the window.
build_programs() {
  cargo build -p fabrik-cli -p fabrik-desktop "${features[@]}"
}
