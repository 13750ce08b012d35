#!/usr/bin/env bash
# Builds and runs the image of a generated repository for real: `docker compose up --build --wait` as its README says,
# then what can be seen from outside. Prints one line for each check and exits 1 at the first that fails.
#
#   image.sh DIR      a generated repository with its lock file; the engine is whatever engine.sh provides
#
# $FINGERPOST is the program that knows what stands in for things that cannot be fetched here; without it, it is built.
# It says how large the image is and which base images are stand-ins, for `fingerpost verify --image prove/image.sh`.
# Exit code 3: there is no engine here.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=$(cd "${1:?the folder of a generated repository}" && pwd)
export PORT=${PROVE_PORT:-18080} POSTGRES_PORT=${PROVE_POSTGRES_PORT:-15432}
export COMPOSE_PROJECT_NAME=prove-$$
log=$(mktemp)
work=$(mktemp -d)
plain='' base='' failed=''

engine=$("$here/engine.sh" up) || exit 3
eval "$engine"
cd "$dir"

compose() { docker compose --file "$dir/compose.yaml" "$@"; }
container() { compose ps --all --quiet app; }
outside() { "$here/engine.sh" in "$@"; }
finish() {
  local code=$?
  if [ $code -ne 0 ]; then
    tail -n 20 "$log" >&2
    compose logs --tail 20 >&2 || true
    # Last, for whoever reads the end alone.
    [ -z "$failed" ] || echo "FAILED: $failed" >&2
  fi
  compose down --volumes --rmi local --timeout 2 >/dev/null 2>&1 || true
  [ -z "$plain" ] || docker tag "$plain" "$base" || true
  rm -rf "$log" "$work"
  exit $code
}
trap finish EXIT

began=$(date +%s%N)
pass() {
  local now
  now=$(date +%s%N)
  printf '%-52s %6.1f s\n' "$1" "$(((now - began) / 10000000))e-2"
  began=$now
}
fail() {
  failed=$*
  exit 1
}

names=$(sed -n 's/^FROM \([^ ]*\).*/\1/p; s/^ *image: \(postgres:.*\)$/\1/p' Dockerfile compose.yaml | sort -u | sed -n 's/^\(node\|python\|postgres\):.*/\1/p')
# shellcheck disable=SC2086 # one word for each image
"$here/engine.sh" images $names
for base in $(sed -n 's/^FROM \([^ ]*:[^ ]*\).*/\1/p; s/^ *image: \(postgres:.*\)$/\1/p' Dockerfile compose.yaml | sort -u); do
  made=$(docker image inspect --format '{{index .Config.Labels "fingerpost.stand-in"}}' "$base")
  [ -z "$made" ] || echo "replaced: the image $base: $made"
done
# What stands in for something that the project's tools fetch has to be in a base image that is itself a stand-in: the
# Dockerfile knows nothing of either.
for key in $(sed -n 's/^env = {.* \([A-Z_]*\) = "{program}".*/\1/p' .fingerpost.toml); do
  base=$(sed -n 's/^FROM \([^ ]*:[^ ]*\).*/\1/p' Dockerfile | head -n 1)
  [ -n "$(docker image inspect --format '{{index .Config.Labels "fingerpost.stand-in"}}' "$base")" ] || break
  if [ -z "${FINGERPOST:-}" ]; then
    FINGERPOST=$work/fingerpost
    (cd "$here/.." && go build -o "$FINGERPOST" ./cmd/fingerpost)
  fi
  program=$("$FINGERPOST" exec --yes "$dir" -- printenv "$key") || continue
  plain=$(docker image inspect --format '{{.Id}}' "$base")
  cp -r "$(dirname "$program")" "$work/stand-in"
  printf 'FROM %s\nCOPY stand-in /opt/stand-in\nENV %s=/opt/stand-in/%s\n' "$base" "$key" "$(basename "$program")" >"$work/Dockerfile"
  docker build --quiet --tag "$base" "$work" >/dev/null
  echo "replaced: $(sed -n 's/^replaces = "\(.*\)"$/\1/p' .fingerpost.toml | head -n 1), in the image $base as well"
done
# So have the settings that stand in alone, without a program.
settings=$(awk '
  /^\[/ { on = $0 == "[[services.stand_ins]]"; made = 0 }
  !on { next }
  /^replaces = / { what = $0; gsub(/^replaces = "|"$/, "", what) }
  /^(program|tool) = / { made = 1 }
  /^env = / && !made { while (match($0, /[A-Z_]+ = "/)) { print substr($0, RSTART, RLENGTH - 4) "\t" what; $0 = substr($0, RSTART + RLENGTH) } }
' .fingerpost.toml)
while IFS=$'\t' read -r key what; do
  [ -n "$key" ] || break
  base=$(sed -n 's/^FROM \([^ ]*:[^ ]*\).*/\1/p' Dockerfile | head -n 1)
  [ -n "$(docker image inspect --format '{{index .Config.Labels "fingerpost.stand-in"}}' "$base")" ] || break
  if [ -z "${FINGERPOST:-}" ]; then
    FINGERPOST=$work/fingerpost
    (cd "$here/.." && go build -o "$FINGERPOST" ./cmd/fingerpost)
  fi
  value=$("$FINGERPOST" exec --yes "$dir" -- printenv "$key" </dev/null) || continue
  [ -n "$plain" ] || plain=$(docker image inspect --format '{{.Id}}' "$base")
  printf 'FROM %s\nENV %s="%s"\n' "$base" "$key" "$value" | docker build --quiet --tag "$base" - >/dev/null
  [ "$what" = "${told:-}" ] || echo "replaced: $what, in the image $base as well"
  told=$what
done <<<"$settings"
pass "base images are there"

compose up --build --wait --wait-timeout 120 >"$log" 2>&1 || fail "docker compose up --build --wait"
pass "compose up --build --wait"

url=http://127.0.0.1:$PORT
outside curl --silent --show-error --fail "$url/readyz" >/dev/null || fail "$url/readyz does not answer 200"
pass "/readyz answers on the published port"

migrate=$(compose ps --all --quiet migrate)
[ -z "$migrate" ] || [ "$(docker inspect --format '{{.State.ExitCode}}' "$migrate")" = 0 ] || fail "migrate did not end with 0"
compose run --rm --no-TTY migrate >"$log" 2>&1 || fail "migrate does not run twice"
pass "migrations run with production packages, and twice"

app=$(container)
[ "$(docker exec "$app" id -u)" != 0 ] || fail "the service runs as root"
[ "$(docker inspect --format '{{.Config.User}}' "$app")" = 1000:1000 ] || fail "the image does not name its user by number"
docker exec "$app" sh -c '! test -w /app && ! test -w /app/node_modules && ! test -w /app/.venv' || fail "the service may change its own code"
pass "not root, and its own code is read-only to it"

for left in node_modules/typescript node_modules/prettier node_modules/oxlint .venv/bin/ruff .venv/bin/mypy .venv/bin/pytest .env .git; do
  docker exec "$app" test ! -e "/app/$left" || fail "/app/$left is in the image"
done
size=$(docker image inspect --format '{{.Size}}' "$(docker inspect --format '{{.Image}}' "$app")")
awk -v bytes="$size" 'BEGIN { printf "image size: %.1f MiB\n", bytes / 1048576 }'
pass "no development dependency, no .env, no .git inside"

[ "$(docker inspect --format '{{.State.Health.Status}}' "$app")" = healthy ] || fail "not healthy"
if [ -e pyproject.toml ]; then
  [ -n "$(docker exec "$app" find /app/.venv -name '*.pyc' -print -quit)" ] || fail "no bytecode in .venv: slow starts"
fi

note=$(outside curl --silent --show-error -H "content-type: application/json" -d "{\"title\": \"kept\"}" "$url/api/notes" 2>&1) || true
case $note in *'"kept"'*) ;; *) fail "creating a note answered $note" ;; esac
pass "a note is created"

# By the engine's own clock, from the signal to the end: its command takes seconds by itself on a busy machine.
stopping=$(date +%s)
docker stop --time 10 "$app" >/dev/null
killed=$(docker events --since "$stopping" --until "$(date +%s.%N)" --filter "container=$app" --filter event=kill --format '{{.TimeNano}}' | head -n 1)
ended=$(date --date "$(docker inspect --format '{{.State.FinishedAt}}' "$app")" +%s%N)
[ -n "$killed" ] || fail "the engine does not say when it sent the signal"
took=$(((ended - killed) / 1000000))
[ "$took" -lt 2000 ] || fail "stopping took $took ms"
[ "$(docker inspect --format '{{.State.ExitCode}}' "$app")" = 0 ] || fail "stopped with $(docker inspect --format '{{.State.ExitCode}}' "$app")"
pass "SIGTERM ends it with 0 in $took ms"

compose down --timeout 5 >/dev/null 2>&1
compose up --wait --wait-timeout 120 >"$log" 2>&1 || fail "docker compose up after down"
outside curl --silent --show-error --fail "$url/api/notes" | grep -q '"kept"' || fail "the note is gone after down and up"
pass "the data outlives its containers"
