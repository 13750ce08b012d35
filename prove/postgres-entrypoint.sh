#!/bin/sh
# What the stand-in for postgres:17 does of the public image's entry point: make the cluster, the role and the
# database on the first start, then become the server.
set -e
: "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}" "${PGDATA:=/var/lib/postgresql/data}"
export PGDATA
mkdir -p "$PGDATA" /run/postgresql
chown -R postgres "$PGDATA" /run/postgresql
as="setpriv --reuid postgres --regid postgres --init-groups"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  [ -n "$POSTGRES_PASSWORD" ] || {
    echo "POSTGRES_PASSWORD is not set" >&2
    exit 1
  }
  words=$(mktemp)
  printf '%s' "$POSTGRES_PASSWORD" >"$words"
  chown postgres "$words"
  $as initdb -U "$POSTGRES_USER" --pwfile="$words" -A scram-sha-256 >/dev/null
  rm "$words"
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  if [ "$POSTGRES_DB" != postgres ]; then
    $as pg_ctl -w -o "-c listen_addresses=''" start >/dev/null
    PGPASSWORD=$POSTGRES_PASSWORD $as createdb -h /run/postgresql -U "$POSTGRES_USER" "$POSTGRES_DB"
    $as pg_ctl -m fast -w stop >/dev/null
  fi
fi
[ "$1" = postgres ] || exec "$@"
exec $as postgres -c listen_addresses='*' -c unix_socket_directories=/run/postgresql
