# Compose v2 and buildx as plugins of the docker client. Debian packages them from
# $suite on; both run on the older C library of the host.
# Sourced by docker-engine, which sets $cache and $suite.

plugins=(docker-compose docker-buildx)

install_plugins() {
    local into="${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins" plugin missing=()
    for plugin in "${plugins[@]}"; do
        docker "${plugin#docker-}" version >/dev/null 2>&1 || missing+=("$plugin")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "installing ${missing[*]} from Debian $suite"
    unpack_from_suite "$cache/plugins" "${missing[@]}"
    mkdir -p "$into"
    for plugin in "${missing[@]}"; do
        install -m 755 "$cache/plugins/usr/libexec/docker/cli-plugins/$plugin" "$into/$plugin"
        docker "${plugin#docker-}" version >/dev/null || die "$plugin does not run here"
    done
}
