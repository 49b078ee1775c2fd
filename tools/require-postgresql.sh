#!/bin/sh
# The catalog's tests run on PostgreSQL too: finds its programs, installs them where that needs no question, else says what to install.
found() {
    command -v initdb >/dev/null 2>&1 && return 0
    for program in /usr/lib/postgresql/*/bin/initdb; do [ -x "$program" ] && return 0; done
    return 1
}
found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing PostgreSQL for the catalog's tests; no cluster of the system's is made or started"
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql; } >/dev/null 2>&1 && found && exit 0
fi
echo "The catalog's tests need PostgreSQL >= 13. Install it (Debian: apt-get install postgresql)." >&2
exit 1
