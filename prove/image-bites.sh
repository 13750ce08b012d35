#!/usr/bin/env bash
# Shows that image.sh bites: breaks a sound repository in one place after the other and wants the check that is for it
# to fail.
#
#   image-bites.sh DIR      a generated repository with its lock file, for which image.sh passes
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sound=$(cd "${1:?the folder of a generated repository}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# bite NAME FILE SED MESSAGE: after the edit, image.sh fails with MESSAGE.
bite() {
  rm -rf "$work/broken"
  mkdir "$work/broken"
  (cd "$sound" && tar --exclude node_modules --exclude .venv -cf - .) | tar -xf - -C "$work/broken"
  sed -i -E "$3" "$work/broken/$2"
  if cmp -s "$sound/$2" "$work/broken/$2"; then
    echo "$1: the edit changes nothing"
    failed=1
    return
  fi
  if "$here/image.sh" "$work/broken" >"$work/log" 2>&1; then
    echo "$1: not found"
    failed=1
  elif ! grep -qE "FAILED: .*($4)" "$work/log"; then
    echo "$1: found by another check: $(grep FAILED "$work/log")"
    failed=1
  else
    echo "$1: found"
  fi
}

bite "root" Dockerfile '/^USER /d' "runs as root"
name=$(sed -n 's/.*useradd .* //p' "$sound/Dockerfile") # the node image has a user of its own
bite "user by name" Dockerfile "s/^USER .*/USER ${name:-node}/" "by number"
bite "own code writable" Dockerfile 's/^USER /RUN chown -R 1000:1000 \/app\nUSER /' "change its own code"
bite "signal lost in a shell" Dockerfile 's/^CMD \["(.*)", "(.*)"\]/CMD ["sh", "-c", "\1 \2; true"]/; s/", "/ /3g' "stopp"
bite "listens where nobody is" Dockerfile 's/HOST=0\.0\.0\.0/HOST=127.0.0.1/' "/readyz"
bite "never healthy" Dockerfile 's/healthz/nowhere/' "compose up"
bite "migration that fails" compose.yaml 's/^    command: .*/    command: ["false"]/' "compose up"
bite "no migration" compose.yaml 's/^    command: .*/    command: ["true"]/' "creating a note"
bite "data in the container" compose.yaml 's/^      - (data|postgres):.*/      - \/unused/' "gone after down|creating a note"
exit $failed
