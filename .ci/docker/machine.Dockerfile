# Debian, able to reach the package servers from where this machine stands. The
# certificates come twice: as sources, for a later update-ca-certificates, and as the
# finished bundle. ENV lines are appended by images.sh.
FROM tocsin-ci/rootfs:trixie
COPY files/ /
RUN update-ca-certificates >/dev/null 2>&1
COPY files/etc/ssl/ /etc/ssl/
