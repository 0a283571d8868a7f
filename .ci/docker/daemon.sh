# dockerd without systemd. Sourced by docker-engine, which sets $logs.

daemon_answers() { docker info >/dev/null 2>&1; }

start_daemon() {
    local driver mtu
    daemon_answers && return 0
    # The bridge's usual 1500 makes frames that an uplink with a smaller MTU drops.
    mtu="$(uplink_mtu)"
    # Copying whole layers (vfs) is slow, but works on any file system.
    for driver in overlay2 vfs; do
        say "starting dockerd ($driver, mtu $mtu)"
        start_daemon_with "$driver" "$mtu" && return 0
    done
    tail -20 "$logs/dockerd.log" >&2
    die "dockerd does not come up: $logs/dockerd.log"
}

uplink_mtu() {
    local device
    device="$(ip -o route show default 2>/dev/null | sed -n '1s/.* dev \([^ ]*\).*/\1/p' || true)"
    cat "/sys/class/net/${device:-none}/mtu" 2>/dev/null || echo 1500
}

# Runs dockerd in a session of its own, so that it outlives the calling terminal or job.
start_daemon_with() {
    local pid tries
    # A daemon killed hard leaves its pid file behind, which a new one refuses.
    if [ -e /var/run/docker.pid ] && ! grep -qs dockerd "/proc/$(cat /var/run/docker.pid)/cmdline"; then
        rm -f /var/run/docker.pid
    fi
    setsid dockerd --storage-driver "$1" --mtu "$2" </dev/null >>"$logs/dockerd.log" 2>&1 9>&- &
    pid=$!
    for ((tries = 0; tries < 120; tries++)); do
        daemon_answers && return 0
        kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.5
    done
    kill "$pid"
    wait "$pid" || true
    return 1
}
