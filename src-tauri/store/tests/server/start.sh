#!/usr/bin/env bash
# A PostgreSQL server and a PgBouncer before it, in a new temporary folder, whose path is printed when both are
# ready. They end, and the folder goes, when standard input ends.
#
# usage: start.sh PORT POOLER_PORT

set -euo pipefail

# Debian's, and Homebrew's on both kinds of Mac, are in no PATH by themselves.
binaries=
for binary in {/usr/lib/postgresql/*,/{opt/homebrew,usr/local}/opt/postgresql@*}/bin/initdb; do
  [[ ! -x $binary ]] || binaries+=${binary%/*}$'\n'
done
binaries=$(sort -V <<<"$binaries" | tail -n 1)
PATH=${binaries:+$binaries:}$PATH:/usr/sbin:/usr/local/sbin
folder=$(mktemp -d "${TMPDIR:-/tmp}/fabrik-postgres-XXXXXX")
pooler=

end() {
  [[ -z $pooler ]] || kill -INT "$pooler" 2>/dev/null || true
  pg_ctl -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap end EXIT

# macOS has no C.UTF-8; this is the same order, and the same letters.
locale=(--locale=C.UTF-8)
[[ $(uname -s) != Darwin ]] || locale=(--locale=C --lc-ctype=en_US.UTF-8)
initdb -D "$folder/data" -U postgres -E UTF8 "${locale[@]}" --no-sync \
  --auth-local=trust --auth-host=scram-sha-256 >"$folder/log"
# An authority and the server's certificate by it, for the name localhost alone; and an authority that made none.
certify() { openssl req -newkey rsa:2048 -nodes -days 2 "$@" 2>>"$folder/log"; }
for authority in authority other; do
  certify -x509 -subj "/CN=$authority" -keyout "$folder/$authority.key" -out "$folder/$authority.pem"
done
certify -subj /CN=localhost -keyout "$folder/server.key" -out "$folder/server.csr"
openssl x509 -req -in "$folder/server.csr" -days 2 -CA "$folder/authority.pem" -CAkey "$folder/authority.key" \
  -CAcreateserial -extfile <(printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n') \
  -out "$folder/server.pem" 2>>"$folder/log"
chmod 600 "$folder/server.key"
# The tests may run as another user, who reads the authorities' certificates.
chmod 711 "$folder"
chmod 644 "$folder"/{authority,other}.pem

pg_ctl -D "$folder/data" -w -l "$folder/log" \
  -o "-F -p $1 -c listen_addresses=127.0.0.1 -c unix_socket_directories='$folder' -c max_connections=300 \
    -c ssl=on -c ssl_cert_file='$folder/server.pem' -c ssl_key_file='$folder/server.key'" \
  start >/dev/null

# Every database's user is the server's owner.
cat >"$folder/pooler.ini" <<INI
[databases]
* = host=$folder port=$1 user=postgres
[pgbouncer]
unix_socket_dir = $folder
listen_port = $2
auth_type = any
pool_mode = transaction
default_pool_size = 5
max_client_conn = 400
server_idle_timeout = 5
INI
pgbouncer -q "$folder/pooler.ini" >>"$folder/log" 2>&1 &
pooler=$!
until [[ -S $folder/.s.PGSQL.$2 ]]; do
  kill -0 "$pooler"
  sleep 0.05
done

echo "$folder"
# Nothing is ever written there: it ends with the tests.
read -r _ || true
