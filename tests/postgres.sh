# shellcheck shell=bash
# A private PostgreSQL for the parts that need one: made in a temporary folder, stopped and removed at
# the end. Read by ./tests/run, whose `has`, `complain` and `debian` it uses.

# Servers of the tests have up to 17 connections each, and there are many at once.
readonly POSTGRES_CONNECTIONS=500
# Below the ports that the system hands out by itself.
readonly POSTGRES_LOWEST_PORT=20000 POSTGRES_PORTS=12000

postgres_folder=

# need_postgres: VESTIBULE_TEST_POSTGRES names a PostgreSQL in which its user may make databases: the
# one that somebody named already, or a private one.
need_postgres() {
  if [[ -n ${VESTIBULE_TEST_POSTGRES:-} ]]; then
    has psql || debian 'psql' postgresql-client
    return
  fi
  postgres_programs || install_postgres || return 1
  start_postgres
}

# Finds the newest PostgreSQL and puts its programs in front; Debian has only some of them on the PATH.
postgres_programs() {
  local newest
  newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  [[ -x $newest ]] && export PATH=${newest%/*}:$PATH
  has initdb && has pg_ctl && has psql
}

# Debian's package makes and starts a database of the system's own, which nobody asked for.
install_postgres() {
  local none=/etc/postgresql-common/createcluster.d/vestibule-tests.conf made=
  if [[ -w /etc ]]; then
    mkdir -p "${none%/*}" && echo 'create_main_cluster = false' >"$none" && made=yes
  fi
  local status=0
  debian 'PostgreSQL' postgresql || status=$?
  [[ -z $made ]] || rm -f "$none"
  ((status == 0)) || return "$status"
  postgres_programs || complain 'PostgreSQL' 'its package has no initdb, pg_ctl and psql'
}

# as_postgres COMMAND...: PostgreSQL refuses to run as root, so it runs as the package's own user.
as_postgres() {
  if (($(id -u) == 0)); then
    (cd / && runuser -u postgres -- env PATH="$PATH" "$@")
  else
    "$@"
  fi
}

start_postgres() {
  if (($(id -u) == 0)) && ! id postgres >/dev/null 2>&1; then
    complain 'PostgreSQL' 'it does not run as root, and there is no user postgres; run this as another user'
    return 1
  fi
  # Not in TMPDIR, into which its user may not look.
  postgres_folder=$(as_postgres mktemp -d /tmp/vestibule-postgres.XXXXXXXX) ||
    { complain 'PostgreSQL' 'no folder in /tmp could be made'; return 1; }
  local data=$postgres_folder/data log=$postgres_folder/log
  as_postgres initdb --pgdata="$data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync >/dev/null || { complain 'PostgreSQL' 'initdb failed'; return 1; }
  postgres_certificate || return 1
  # Other users than the one who makes databases have passwords.
  printf '%s\n' 'host all postgres 127.0.0.1/32 trust' 'host all all 127.0.0.1/32 scram-sha-256' |
    as_postgres tee "$data/pg_hba.conf" >/dev/null
  local port
  for _ in 1 2 3 4 5; do
    port=$((POSTGRES_LOWEST_PORT + (RANDOM * 32768 + RANDOM) % POSTGRES_PORTS))
    if as_postgres pg_ctl start --silent --wait --pgdata="$data" --log="$log" --options="\
      -c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories= \
      -c max_connections=$POSTGRES_CONNECTIONS -c fsync=off -c full_page_writes=off \
      -c ssl=on -c ssl_cert_file=$postgres_folder/certificate.pem -c ssl_key_file=$postgres_folder/key.pem"
    then
      export VESTIBULE_TEST_POSTGRES=postgres://postgres@127.0.0.1:$port
      export VESTIBULE_TEST_POSTGRES_CA=$postgres_folder/certificate.pem
      return 0
    fi
  done
  complain 'PostgreSQL' "it does not start: $(tail -n 3 "$log")"
}

# A certificate that only whoever is told of it believes.
postgres_certificate() {
  has openssl || debian 'openssl' openssl || return 1
  printf '%s\n' '[req]' 'distinguished_name = name' 'x509_extensions = extensions' 'prompt = no' \
    '[name]' 'CN = vestibule tests' \
    '[extensions]' 'basicConstraints = critical, CA:FALSE' 'subjectAltName = IP:127.0.0.1, DNS:localhost' |
    as_postgres tee "$postgres_folder/certificate.conf" >/dev/null
  as_postgres openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -config "$postgres_folder/certificate.conf" -keyout "$postgres_folder/key.pem" \
    -out "$postgres_folder/certificate.pem" 2>/dev/null ||
    { complain 'PostgreSQL' 'openssl made no certificate'; return 1; }
  # The programs that believe it may run as somebody else.
  as_postgres chmod 711 "$postgres_folder"
}

# Stops the private one and removes all of it; nobody will miss the data.
stop_postgres() {
  [[ -n $postgres_folder ]] || return 0
  as_postgres pg_ctl stop --silent --mode=immediate --pgdata="$postgres_folder/data" >/dev/null 2>&1 || true
  rm -rf "$postgres_folder"
  postgres_folder=
}
