#!/usr/bin/env bash
# Builds the packages and installs each from its file where there is nothing else, to see that it works there.
#
#   tests/packages.sh [DIRECTORY]      where the packages are left [default: target/packages]
#
# One static program (musl) is built, and it is what all of them carry: a tar archive, a Debian package, a Python wheel;
# `cargo install` installs the same. Then, for each: it is installed, archives a session that holds a secret, finds the
# session again, and the secret is nowhere in the store. The tar archive and the Debian package are tried in a root
# directory that holds nothing but what they brought; the wheel in a new virtual environment, without a network.
#
# Needs Rust's target for musl and `musl-gcc`, `cargo-deb`, Python 3 with `venv` and `maturin`: each part whose tools are
# missing is skipped, with a word; where $CI is set that is a failure. $PACKAGES_PROFILE chooses Cargo's profile
# [default: release].
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "${1:-target/packages}"
out=$(cd "${1:-target/packages}" && pwd)
profile=${PACKAGES_PROFILE:-release}
target=$(uname -m)-unknown-linux-musl
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
skipped=0

say() { printf '%s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
skip() { say "skipped: $*"; skipped=1; }
have() { command -v "$1" >/dev/null 2>&1; }

# ---- What is in a package, and what must work wherever it is installed.

# A session of Claude Code's that holds a token of GitHub's shape, which never was one.
secret=gh''p_$(printf %s x7Qk2mR9tLw4 Zs8VbN1cYd5H fJ3gPaE6uT0i)
lay_home() { # home
  local directory=$1/.claude/projects/-home-me-shop id=a1b2c3d4-0000-4000-8000-000000000001
  mkdir -p "$directory"
  printf '{"type":"user","sessionId":"%s","cwd":"/home/me/shop","timestamp":"2026-06-05T14:30:00.000Z","uuid":"00000000-0000-4000-8000-000000000001","message":{"role":"user","content":"look for zebras, token %s"}}\n' \
    "$id" "$secret" >"$directory/$id.jsonl"
  touch -d '2 hours ago' "$directory/$id.jsonl"
}

# Archives and finds the session. RUN is a command that runs the installed program in the home, which lies at HOME here.
try() { # home run...
  local home=$1 found
  shift
  [ "$("$@" --version)" = "sessionkeep $version" ] || fail "$* --version"
  "$@" import -q >/dev/null || fail "$* import"
  found=$("$@" search zebras) || fail "$* search"
  [[ $found == *zebras* && $found != *"$secret"* ]] || fail "$* search printed: $found"
  "$@" verify >/dev/null 2>&1 || fail "$* verify"
  if grep -rqF "$secret" "$home/.sessionkeep"; then fail 'the secret is in the store'; fi
  if find "$home/.sessionkeep" -name '*.gz' -exec zcat {} + | grep -qF "$secret"; then fail 'the secret is in an archive'; fi
}

# Tries a program in a root directory of its own.
try_root() { # root program
  local root=$1
  mkdir -p "$root/home/me" "$root/tmp" "$root/dev"
  lay_home "$root/home/me"
  if chroot "$root" "$2" --version >/dev/null 2>&1; then
    try "$root/home/me" env -i HOME=/home/me PATH="$PATH" chroot "$root" "$2"
  elif unshare -r true 2>/dev/null; then
    try "$root/home/me" env -i HOME=/home/me PATH="$PATH" unshare -r chroot "$root" "$2"
  else
    try "$root/home/me" env -i HOME="$root/home/me" "$root$2"
  fi
}

# ---- The program and what goes with it.

have musl-gcc || { skip 'musl-gcc is not here'; [ -z "${CI:-}" ]; exit; }
cargo build --locked --profile "$profile" --target "$target" --bin sessionkeep
# Where Cargo leaves what is built with a profile.
directory=$([ "$profile" = dev ] && echo debug || echo "$profile")
program=$PWD/${CARGO_TARGET_DIR:-target}/$target/$directory/sessionkeep
if have ldd && ldd "$program" 2>&1 | grep -q '=>'; then fail 'the program is not static'; fi
# Cargo.toml names these as parts of the Debian package.
assets=target/assets
mkdir -p "$assets"
"$program" man >"$assets/sessionkeep.1"
for shell in bash zsh fish; do "$program" completions "$shell" >"$assets/sessionkeep.$shell"; done

# ---- tar archive

name=sessionkeep-$version-$target
mkdir -p "$work/$name"
cp "$program" README.md LICENSE "$assets"/sessionkeep.* "$work/$name/"
tar -C "$work" --owner=0 --group=0 -czf "$out/$name.tar.gz" "$name"
mkdir "$work/tar" && tar -C "$work/tar" -xzf "$out/$name.tar.gz"
try_root "$work/tar" "/$name/sessionkeep"
say "tar archive: $out/$name.tar.gz"

# ---- Debian package

if have cargo-deb && have dpkg; then
  cargo deb --locked --no-build --no-strip --profile "$profile" --target "$target" --output "$out" >/dev/null
  package=$(echo "$out"/sessionkeep_"$version"*.deb)
  root=$work/deb
  mkdir -p "$root/var/lib/dpkg/"{info,updates,triggers} && touch "$root/var/lib/dpkg/"{status,available}
  # The package needs none of what another root directory would have to offer.
  dpkg --root="$root" --force-not-root --force-script-chrootless --log=/dev/null --install "$package" >/dev/null
  for file in bin/sessionkeep share/man/man1/sessionkeep.1.gz share/bash-completion/completions/sessionkeep \
    share/zsh/vendor-completions/_sessionkeep share/fish/vendor_completions.d/sessionkeep.fish \
    share/doc/sessionkeep/copyright; do
    [ -s "$root/usr/$file" ] || fail "the Debian package has no /usr/$file"
  done
  try_root "$root" /usr/bin/sessionkeep
  dpkg --root="$root" --force-not-root --force-script-chrootless --log=/dev/null --remove sessionkeep >/dev/null
  [ ! -e "$root/usr/bin/sessionkeep" ] || fail 'the Debian package leaves the program when it is removed'
  say "Debian package: $package"
else
  skip 'Debian package: cargo-deb or dpkg is not here'
fi

# ---- Python wheel

if have maturin && python3 -c 'import venv' 2>/dev/null; then
  maturin build --quiet --locked --profile "$profile" --target "$target" --bindings bin \
    --compatibility manylinux2014 musllinux_1_2 --out "$out" >/dev/null
  wheel=$(echo "$out"/sessionkeep-"$version"-*.whl)
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-index "$wheel"
  lay_home "$work/wheel-home"
  try "$work/wheel-home" env -i HOME="$work/wheel-home" "$work/venv/bin/sessionkeep"
  "$work/venv/bin/pip" uninstall --quiet --yes sessionkeep
  [ ! -e "$work/venv/bin/sessionkeep" ] || fail 'pip leaves the program when it uninstalls'
  say "Python wheel: $wheel"
else
  skip 'Python wheel: maturin or venv is not here'
fi

# ---- cargo install

cargo install --quiet --locked --path . --root "$work/cargo" --profile "$profile" --target "$target" \
  --target-dir "${CARGO_TARGET_DIR:-target}"
lay_home "$work/cargo-home"
try "$work/cargo-home" env -i HOME="$work/cargo-home" "$work/cargo/bin/sessionkeep"
say 'cargo install: well'

[ -z "${CI:-}" ] || [ "$skipped" = 0 ] || fail 'some packages were not tried'
