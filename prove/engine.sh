#!/usr/bin/env bash
# A Docker engine for proving generated images, on a machine that may have none.
#
#   engine.sh up            start the engine unless one answers already; prints the environment to eval
#   engine.sh images NAME.. make sure that node:24-slim, python:3.13-slim or postgres:17 can be used: pulled where
#                           that works, else a stand-in built from Debian, npm and PyPI
#   engine.sh in CMD...     run CMD where the published ports are: the engine's own network, or this machine's
#   engine.sh down          stop what `up` started, by process id
#
# Where no engine answers, Debian's packages are unpacked into a folder (nothing is installed) and dockerd runs in a
# mount and network namespace of its own, with slirp4netns for the way out: the machine's network, sysctls and cgroup
# mounts stay as they are. That needs Linux, root and apt; compose and buildx are built once from the Go module proxy.
# The folder is $FINGERPOST_ENGINE, by default ~/.cache/fingerpost/engine; deleting it undoes everything.
# A stand-in carries this machine's CA certificates, since it may sit behind a proxy; a generated Dockerfile never does.
set -euo pipefail

home=${FINGERPOST_ENGINE:-${XDG_CACHE_HOME:-$HOME/.cache}/fingerpost/engine}
root=$home/root
state=$home/state
socket=$state/docker.sock
arch=$(uname -m)

compose=v5.6.0
buildx=v0.38.2
node=24
npm=11

say() { echo "engine: $*" >&2; }
fail() { say "$*"; exit 1; }

# ours: the private engine was started and still answers.
ours() { [ -S "$socket" ] && DOCKER_HOST=unix://$socket timeout 5 "$root/usr/bin/docker" version >/dev/null 2>&1; }
# theirs: the machine has an engine with compose already, which is not ours.
theirs() { [ "${DOCKER_HOST:-}" != "unix://$socket" ] && command -v docker >/dev/null && timeout 10 docker version >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; }

use() {
  theirs && return
  ours || fail "no engine answers; run $0 up"
  export DOCKER_HOST=unix://$socket DOCKER_CONFIG=$home/config DOCKER_BUILDKIT=1 PATH=$root/usr/bin:$PATH
}

unpack() {
  [ -x "$root/usr/sbin/dockerd" ] && return
  [ "$(id -u)" = 0 ] || fail "a private engine needs root; install Docker, or run this as root"
  command -v apt-get >/dev/null || fail "a private engine is unpacked from Debian's packages, and there is no apt-get; install Docker"
  say "fetching Debian's docker.io into $home"
  mkdir -p "$home/deb" "$root"
  apt-get update -qq >/dev/null
  (
    cd "$home/deb"
    apt-get -o APT::Sandbox::User=root download -qq docker.io containerd runc slirp4netns tini iptables libip4tc2 \
      libip6tc2 libnetfilter-conntrack3 libnfnetlink0 libslirp0 libnftnl11 libxtables12 >/dev/null
  )
  for deb in "$home"/deb/*.deb; do dpkg -x "$deb" "$root"; done
  for tool in iptables ip6tables; do ln -sf "$tool-nft" "$root/usr/sbin/$tool"; done
}

# plugin NAME MODULE VERSION PACKAGE VARIABLE: a plugin of the docker command, from the module proxy.
plugin() {
  local out=$home/config/cli-plugins/$1 from work
  [ -x "$out" ] && return
  command -v go >/dev/null || fail "the $1 plugin is built with Go, and there is none"
  say "building $1 $3 (once, some minutes)"
  from=$(cd / && go mod download -json "$2@$3" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  work=$(mktemp -d)
  cp -r "$from/." "$work"
  chmod -R u+w "$work"
  mkdir -p "$(dirname "$out")"
  (cd "$work" && GOFLAGS=-mod=mod nice go build -trimpath -ldflags "-s -w -X $5=$3" -o "$out" "$4")
  rm -rf "$work"
}

start() {
  mkdir -p "$state"
  rm -f "$state"/{ns.pid,docker.pid,go}
  mkfifo "$state/go"
  local libs=$root/usr/lib/$arch-linux-gnu
  # The shell below waits for the network before it becomes dockerd: slirp4netns needs its namespace first, and has
  # to run in the machine's own to reach anything.
  PATH=$root/usr/sbin:$root/usr/bin:$root/sbin:$root/bin:$PATH LD_LIBRARY_PATH=$libs XTABLES_LIBDIR=$libs/xtables \
    STATE=$state DATA=$home/data SOCKET=$socket DNS=$(awk '/^nameserver/ { print $2; exit }' /etc/resolv.conf) \
    setsid unshare --mount --net --propagation private bash -c '
      echo $$ > "$STATE/ns.pid.new" && mv "$STATE/ns.pid.new" "$STATE/ns.pid"
      ip link set lo up
      umount -R /sys/fs/cgroup
      mount -t cgroup2 none /sys/fs/cgroup
      mount -t tmpfs tmpfs /run
      read -r _ < "$STATE/go"
      echo 1 > /proc/sys/net/ipv4/ip_forward
      exec dockerd --data-root "$DATA" --exec-root "$STATE/exec" --host "unix://$SOCKET" --pidfile "$STATE/docker.pid" \
        --storage-driver overlay2 --default-ulimit nofile=20000:20000 ${DNS:+--dns "$DNS"}
    ' >"$home/dockerd.log" 2>&1 </dev/null &
  wait_for 50 test -s "$state/ns.pid" || fail "no namespace; see $home/dockerd.log"
  LD_LIBRARY_PATH=$libs setsid "$root/usr/bin/slirp4netns" --configure --mtu=65520 --disable-host-loopback \
    "$(cat "$state/ns.pid")" tap0 >"$home/slirp.log" 2>&1 </dev/null &
  echo $! >"$state/slirp.pid"
  sleep 0.5
  echo go >"$state/go"
  wait_for 200 ours || { tail -n 5 "$home/dockerd.log" >&2; fail "dockerd did not answer; see $home/dockerd.log"; }
}

# wait_for TENTHS CMD...: until CMD succeeds.
wait_for() {
  local tenths=$1
  shift
  for ((i = 0; i < tenths; i++)); do
    "$@" && return
    sleep 0.1
  done
  return 1
}

up() {
  if theirs; then return; fi
  if ! ours; then
    unpack
    start
  fi
  plugin docker-compose github.com/docker/compose/v5 "$compose" ./cmd github.com/docker/compose/v5/internal.Version
  plugin docker-buildx github.com/docker/buildx "$buildx" ./cmd/buildx github.com/docker/buildx/version.Version
  echo "export DOCKER_HOST=unix://$socket DOCKER_CONFIG=$home/config DOCKER_BUILDKIT=1 PATH=$root/usr/bin:\$PATH"
}

down() {
  if [ -s "$state/docker.pid" ]; then kill "$(cat "$state/docker.pid")" 2>/dev/null || true; fi
  wait_for 150 test ! -e "$state/docker.pid" || say "dockerd is still there: $(cat "$state/docker.pid")"
  if [ -s "$state/slirp.pid" ]; then kill "$(cat "$state/slirp.pid")" 2>/dev/null || true; fi
  rm -f "$socket" "$state"/{ns.pid,slirp.pid}
}

inside() {
  if ! theirs && ours; then
    use
    exec nsenter --target "$(cat "$state/ns.pid")" --net -- "$@"
  fi
  exec "$@"
}

# debian NAME PACKAGES: the folder of a stand-in, with Debian trixie as rootfs.tar.
debian() {
  local to=$home/images/$1 key=/usr/share/keyrings/debian-archive-keyring.gpg
  mkdir -p "$to"
  echo "$to"
  [ -s "$to/rootfs.tar" ] && return
  command -v mmdebstrap >/dev/null || { apt-get update -qq >/dev/null && apt-get install -y -qq mmdebstrap >/dev/null; }
  mmdebstrap --quiet --variant=minbase --keyring="$key" --include="ca-certificates,tzdata${2:+,$2}" \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --customize-hook='cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/usr/share/doc/* "$1"/usr/share/man/*' \
    trixie "$to/rootfs.tar.new" >"$to/log" 2>&1 || { tail -n 5 "$to/log" >&2; fail "mmdebstrap failed; see $to/log"; }
  mv "$to/rootfs.tar.new" "$to/rootfs.tar"
}

trust='ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt'

image_node() {
  local to
  to=$(debian node '')
  if [ ! -x "$to/usr/local/bin/node" ]; then
    mkdir -p "$to/usr/local/bin" "$to/usr/local/lib/node_modules" "$to/usr/local/etc"
    local cpu
    case $arch in x86_64) cpu=x64 ;; aarch64) cpu=arm64 ;; *) fail "no Node.js package for $arch" ;; esac
    (
      cd "$to"
      npm pack --silent "npm@$npm" >/dev/null
      tar -xzf npm-*.tgz && rm -f npm-*.tgz && rm -rf usr/local/lib/node_modules/npm && mv package usr/local/lib/node_modules/npm
      npm pack --silent "node-linux-$cpu@$node" >/dev/null
      tar -xzf node-linux-*.tgz && rm -f node-linux-*.tgz && mv package/bin/node usr/local/bin/node && rm -rf package
      ln -sf ../lib/node_modules/npm/bin/npm-cli.js usr/local/bin/npm
      ln -sf ../lib/node_modules/npm/bin/npx-cli.js usr/local/bin/npx
      echo "registry=$(npm config get registry)" >usr/local/etc/npmrc
    )
  fi
  build "$to" node:24-slim <<END
FROM scratch
ADD rootfs.tar /
COPY usr /usr
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
$trust
LABEL fingerpost.stand-in="made here of Debian, and of Node.js and npm from their npm packages"
CMD ["node"]
END
}

image_python() {
  local to
  to=$(debian python python3,python3-venv,python3-pip)
  if [ -e /etc/pip.conf ]; then cp /etc/pip.conf "$to/pip.conf"; else : >"$to/pip.conf"; fi
  # The public image has pip and no other distribution; Debian's, without records, cannot be replaced by newer ones.
  # Poetry asks the index for more than other clients do. Where it is a mirror that lacks this, a plugin does without,
  # and waits in the image for Poetry to come.
  local plugin='' with=''
  if ! curl --silent --fail --output /dev/null --max-time 10 https://pypi.org/pypi/pip/26.3/json; then
    plugin='RUN pip install --quiet --no-cache-dir --no-deps poetry-plugin-pypi-mirror==0.6.5
ENV POETRY_PYPI_MIRROR_URL=https://pypi.org/simple/'
    with=', with a plugin for Poetry in place of what this index lacks'
  fi
  build "$to" python:3.13-slim <<END
FROM scratch
ADD rootfs.tar /
COPY pip.conf /etc/pip.conf
RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED && ln -sf /usr/bin/python3 /usr/local/bin/python && ln -sf /usr/bin/python3 /usr/local/bin/python3
$trust
RUN python3 -m pip install --quiet --no-cache-dir --ignore-installed pip && cd /usr/lib/python3/dist-packages && rm -rf pip pip-* packaging packaging-* wheel wheel-*
$plugin
LABEL fingerpost.stand-in="made here of Debian and its Python$with"
CMD ["python3"]
END
}

image_postgres() {
  local to
  to=$(debian postgres postgresql-17)
  cp "$(dirname "${BASH_SOURCE[0]}")/postgres-entrypoint.sh" "$to/entrypoint.sh"
  build "$to" postgres:17 <<'END'
FROM scratch
ADD rootfs.tar /
COPY --chmod=755 entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
VOLUME /var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
LABEL fingerpost.stand-in="made here of Debian and its PostgreSQL"
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
END
}

# build FOLDER TAG < Dockerfile
build() {
  cat >"$1/Dockerfile"
  say "building a stand-in for $2"
  docker build --quiet --tag "$2" "$1" >/dev/null
}

images() {
  use
  for name; do
    local tag
    case $name in
      node) tag=node:24-slim ;;
      python) tag=python:3.13-slim ;;
      postgres) tag=postgres:17 ;;
      *) fail "no image $name: node, python and postgres are known" ;;
    esac
    docker image inspect "$tag" >/dev/null 2>&1 && continue
    timeout 120 docker pull --quiet "$tag" >/dev/null 2>&1 && continue
    "image_$name"
  done
}

verb=${1:-}
[ $# -gt 0 ] && shift
case $verb in
  up) up ;;
  images) images "$@" ;;
  in) inside "$@" ;;
  down) down ;;
  *)
    echo "usage: $0 up | images NAME... | in CMD... | down" >&2
    exit 2
    ;;
esac
