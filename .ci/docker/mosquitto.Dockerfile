# Stands in for the official Mosquitto image: the same user, places and command.
FROM debian:trixie-slim
RUN groupadd -g 1883 mosquitto \
    && useradd -u 1883 -g 1883 -d /var/empty -s /usr/sbin/nologin -M mosquitto \
    && apt-get update \
    && apt-get install -y --no-install-recommends mosquitto mosquitto-clients \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /mosquitto/config /mosquitto/data /mosquitto/log \
    && cp /etc/mosquitto/mosquitto.conf /mosquitto/config/ \
    && sed -i '/^[^#]/d' /mosquitto/config/mosquitto.conf \
    && chown -R mosquitto:mosquitto /mosquitto \
    && printf '%s\n' '#!/bin/sh' 'set -e' \
        '[ "$(id -u)" != 0 ] || chown -R mosquitto:mosquitto /mosquitto || true' \
        'exec "$@"' >/docker-entrypoint.sh \
    && chmod 755 /docker-entrypoint.sh
VOLUME ["/mosquitto/data", "/mosquitto/log"]
EXPOSE 1883
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["/usr/sbin/mosquitto", "-c", "/mosquitto/config/mosquitto.conf"]
