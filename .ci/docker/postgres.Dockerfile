# Stands in for the official PostgreSQL image, as far as the compose file uses it: any user, a database made at the first
# start, its password from a file.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-17 libnss-wrapper \
    && rm -rf /var/lib/apt/lists/* /var/lib/postgresql /etc/postgresql \
    && install -d -m 1777 /var/lib/postgresql /var/lib/postgresql/data \
    && ln -s "$(find /usr/lib -name libnss_wrapper.so | head -n 1)" /usr/lib/libnss_wrapper.so
RUN printf '%s\n' '#!/bin/sh' 'set -eu' \
        '# PostgreSQL wants its user to have a name.' \
        'if ! getent passwd "$(id -u)" >/dev/null; then' \
        '    echo "postgres:x:$(id -u):$(id -g)::/tmp:/bin/false" >/tmp/passwd' \
        '    echo "postgres:x:$(id -g):" >/tmp/group' \
        '    export LD_PRELOAD=/usr/lib/libnss_wrapper.so NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group' \
        'fi' \
        'if [ ! -s "$PGDATA/PG_VERSION" ]; then' \
        '    initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth=scram-sha-256 \' \
        '        --encoding=UTF8 --locale=C.UTF-8' \
        '    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"' \
        '    pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=" start' \
        '    PGPASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")" createdb --username="$POSTGRES_USER" "$POSTGRES_DB"' \
        '    pg_ctl -D "$PGDATA" -w stop' \
        'fi' \
        'exec "$@"' >/docker-entrypoint.sh \
    && chmod 755 /docker-entrypoint.sh
ENV PATH=/usr/lib/postgresql/17/bin:$PATH PGDATA=/var/lib/postgresql/data
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["postgres", "-c", "listen_addresses=*"]
