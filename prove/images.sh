#!/usr/bin/env bash
# Makes repositories with fingerpost and proves the image of each with image.sh. It takes minutes, so CI runs it when
# the Docker layer or an image's content changes, and weekly.
#
#   images.sh                  one of each framework and package manager; every ORM and database occurs in them
#   images.sh "FLAGS"...       `fingerpost new` with these flags, as "--framework fastify --orm none"
#
# `fingerpost verify --all --image prove/image.sh` proves the same ones, with everything else, for the ledger.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ $# -eq 0 ]; then
  mapfile -t each < <(cd "$here" && go run . -menu)
  [ ${#each[@]} -gt 0 ] || exit 1
  set -- "${each[@]}"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here/.." && go build -o "$work/fingerpost" ./cmd/fingerpost)

failed=0
for flags; do
  echo "== $flags"
  rm -rf "$work/shop"
  # shellcheck disable=SC2086 # flags are words
  if ! "$work/fingerpost" new "$work/shop" --yes --no-git $flags >"$work/log" 2>&1; then
    tail -n 20 "$work/log" >&2
    failed=1
    continue
  fi
  FINGERPOST=$work/fingerpost "$here/image.sh" "$work/shop" || failed=1
done
exit $failed
