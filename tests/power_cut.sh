#!/usr/bin/env bash
# Cuts the power: imports into a loop-mounted file system, shuts it down hard in the middle (the shutdown ioctl without
# flushing the journal), mounts it again, and checks that every archive that was reported is there with the right text.
#
#   tests/power_cut.sh [PROGRAM] [CUTS]      needs root, loop devices, mkfs.ext4 (and mkfs.xfs for xfs)
set -euo pipefail
program=$(realpath "${1:-target/debug/sessionkeep}") cuts=${2:-20}
work=$(mktemp -d)
mounted=$work/mounted
cleanup() { umount -l "$mounted" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
# Where CI is set nobody reads what was skipped: it fails.
skip() { echo "skipped: $*"; [ -z "${CI:-}" ]; exit; }
[ "$(id -u)" = 0 ] || skip "only root can mount"
command -v python3 >/dev/null || skip "python3 is not installed"
mkdir "$mounted"

shut_down() { # EXT4_IOC_SHUTDOWN / XFS_IOC_GOINGDOWN, flag 2: no flush of the log
  python3 -c 'import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack("I", 2))' "$mounted"
}

home=$work/home projects=$work/home/.claude/projects/-home-me-p
mkdir -p "$projects"
session() { # number lines
  local id
  id=$(printf '%08x-0000-4000-8000-%012x' $(( $1 * 7919 % 4294967296 )) "$1")
  awk -v id="$id" -v n="$2" -v seed="$1" 'BEGIN { srand(seed); for (i = 0; i < n; i++) printf "{\"type\":\"user\",\"sessionId\":\"%s\",\"cwd\":\"/home/me/p\",\"message\":{\"role\":\"user\",\"content\":\"line %d %d\"},\"timestamp\":\"2026-06-05T14:30:%02d.000Z\"}\n", id, i, rand() * 1000000000, i % 60 }' >> "$projects/$id.jsonl"
}

done_cuts=0 reported_all=0
cut_one() { # file system, number
  local reported line
  rm -f "$projects"/*.jsonl
  for (( n = 0; n < 120; n++ )); do session $((RANDOM * 32768 + RANDOM)) $((RANDOM % 300 + 1)); done
  session $((RANDOM + 1)) 30000
  : > "$work/reported"
  HOME=$home "$program" import --threads 2 --out "$mounted/store" > "$work/reported" 2>/dev/null &
  local pid=$!
  # Anywhere between the first file and well after the last.
  sleep "0.$(printf '%03d' $((RANDOM % 900)))"
  # What stands in the file now was reported before the power went.
  reported=$(cat "$work/reported")
  shut_down
  wait "$pid" || true
  umount "$mounted"
  mount -o loop "$work/image" "$mounted"
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    gzip -t "$line" || { echo "lost or torn after cut $2 on $1: $line"; exit 1; }
    zcat "$line" | sha256sum
  done <<< "$reported" | sort > "$work/kept"
  reported_all=$((reported_all + $(wc -l < "$work/kept")))
  [ "$(wc -l < "$work/kept")" = "$(grep -c . <<< "$reported" || true)" ] || { echo "missing after cut $2 on $1"; exit 1; }
  sha256sum "$projects"/*.jsonl | awk '{ print $1 "  -" }' | sort > "$work/sources"
  [ -z "$(comm -23 "$work/kept" "$work/sources")" ] || { echo "another text after cut $2 on $1"; exit 1; }
  find "$mounted/store" -name '*.gz' -exec gzip -t {} + || { echo "a torn archive after cut $2 on $1"; exit 1; }
  HOME=$home "$program" import --out "$mounted/store" >/dev/null 2>"$work/said" || { cat "$work/said"; echo "not completed after cut $2 on $1"; exit 1; }
  find "$mounted/store" -name '*.gz' -print0 | xargs -0 -n1 sh -c 'zcat "$0" | sha256sum' | sort > "$work/all"
  cmp -s "$work/all" "$work/sources" || { echo "not all, or twice, after cut $2 on $1"; exit 1; }
  done_cuts=$((done_cuts + 1))
}

for kind in ext4 xfs; do
  command -v "mkfs.$kind" >/dev/null || { echo "skipped $kind: mkfs.$kind is not installed"; continue; }
  rm -f "$work/image"; truncate -s 400M "$work/image"
  case $kind in ext4) mkfs.ext4 -q "$work/image" ;; xfs) mkfs.xfs -q "$work/image" ;; esac
  mount -o loop "$work/image" "$mounted" 2>/dev/null || { echo "skipped $kind: cannot mount a loop device here"; continue; }
  before=$done_cuts
  for (( cut = 1; cut <= cuts; cut++ )); do
    rm -rf "$mounted/store"; sync -f "$mounted"
    cut_one "$kind" "$cut"
  done
  umount "$mounted"
  echo "$kind: $((done_cuts - before)) cuts"
done
echo "$done_cuts cuts, $reported_all reported archives, none lost"
