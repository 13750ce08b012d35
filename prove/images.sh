#!/usr/bin/env bash
# Makes repositories with fingerpost and proves the image of each with image.sh. It takes minutes, so CI runs it when
# the Docker layer or an image's content changes, and weekly.
#
#   images.sh                  a choice in which every framework, ORM, database and package manager occurs
#   images.sh "FLAGS"...       `fingerpost new` with these flags, as "--framework fastify --orm none"
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -gt 0 ] || set -- \
  "--framework fastify --orm typeorm --database sqlite --pm npm" \
  "--framework express --orm none --database postgres --pm npm" \
  "--framework fastapi --orm sqlalchemy --database postgres --pm uv" \
  "--framework fastapi --orm none --database sqlite --pm pip"

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
  "$here/image.sh" "$work/shop" || failed=1
done
exit $failed
