# Stand-ins for the base images, made of Debian packages and tagged with the names
# that the project's Dockerfile and compose file use, so that neither knows of them.
# Sourced by docker-engine, which sets $here, $cache and $suite.

make_images() {
    local context="$cache/context"
    import_rootfs
    write_machine_settings "$context"
    # Debian's older client builds the old way unless told.
    export DOCKER_BUILDKIT=1
    # The build cache decides what is out of date, so that a run with nothing to do
    # takes a second or two, and new certificates reach the images.
    build_image "debian:$suite-slim" machine "$context"
    build_image "python:3.13-slim-$suite" python "$context"
    build_image "eclipse-mosquitto:2.0.22" mosquitto "$context"
    build_image "postgres:17.6-trixie" postgres "$context"
}

# The bare system as an image of its own. The archive outlives the daemon's store.
import_rootfs() {
    local archive="$cache/$suite.tar" tree
    docker image inspect "tocsin-ci/rootfs:$suite" >/dev/null 2>&1 && return 0
    if [ ! -e "$archive" ]; then
        require_mirror
        say "debootstrap $suite"
        tree="$(mktemp -d "$cache/rootfs.XXXXXX")"
        debootstrap --variant=minbase --include=ca-certificates "$suite" "$tree" "$mirror" \
            </dev/null >"$logs/debootstrap.log" 2>&1 \
            || { tail -20 "$logs/debootstrap.log" >&2; rm -rf "$tree"; die "debootstrap failed"; }
        rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/* \
            "$tree"/usr/share/{doc,man,info}/*
        # The host's names and resolvers do not belong in an image.
        rm -f "$tree"/etc/hostname "$tree"/etc/resolv.conf
        tar --numeric-owner --one-file-system -C "$tree" -cf "$archive.new" .
        mv "$archive.new" "$archive"
        rm -rf "$tree"
    fi
    say "importing $suite"
    docker import --change 'CMD ["bash"]' \
        --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        "$archive" "tocsin-ci/rootfs:$suite" >/dev/null
}

# build_image TAG NAME CONTEXT: builds docker/NAME.Dockerfile.
build_image() {
    local log="$logs/build-$2.log"
    docker build -q -t "$1" -f "$3/$2.Dockerfile" "$3" </dev/null >"$log" 2>&1 \
        || { tail -30 "$log" >&2; die "building $1 failed: $log"; }
    say "$1"
}

# Fills a build context with what a container must know of this machine to reach the
# package servers: certificates, proxies and the settings of apt and pip.
write_machine_settings() {
    local context="$1"
    rm -rf "$context"
    mkdir -p "$context/files/usr/local/share/ca-certificates" "$context/files/etc/apt/apt.conf.d"
    cp "$here"/docker/*.Dockerfile "$context/"
    find /usr/local/share/ca-certificates -name '*.crt' \
        -exec cp {} "$context/files/usr/local/share/ca-certificates/" \;
    cp_to_image /etc/ssl/certs/ca-certificates.crt "$context"
    apt_settings >"$context/files/etc/apt/apt.conf.d/90machine"
    pip_settings >"$context/files/etc/pip.conf"
    network_environment "$context" >>"$context/machine.Dockerfile"
}

cp_to_image() {
    [ -f "$1" ] || return 0
    mkdir -p "$2/files$(dirname "$1")"
    cp -L "$1" "$2/files$1"
}

# Only what concerns the way out; the rest of apt's configuration is the image's own.
apt_settings() {
    apt-config dump | grep -E '^Acquire::(https?|ftp|Retries|Check-)[^ ]* "[^"]+' \
        | grep -v 'Acquire::https\?::User-Agent' || true
}

# pip's settings less those that name places on this machine's disk. A value may be a
# list, which pip prints with \n between its parts.
pip_settings() {
    local line key value word kept
    echo '[global]'
    { python3 -m pip config list 2>/dev/null || true; } | while IFS= read -r line; do
        case "$line" in global.*) ;; *) continue ;; esac
        key="${line%%=*}"
        value="${line#*=}"
        value="${value#\'}"
        value="${value%\'}"
        kept=()
        for word in ${value//\\n/ }; do
            is_local "$word" || kept+=("$word")
        done
        [ "${#kept[@]}" -eq 0 ] || printf '%s = %s\n' "${key#global.}" "${kept[*]}"
    done
}

# True for a file: address or a path, except below the directory of the certificates,
# which the image holds, too.
is_local() {
    case "$1" in
        /etc/ssl/*) return 1 ;;
        file:* | /*) return 0 ;;
        *) return 1 ;;
    esac
}

# ENV lines for variables that tell clients which certificates, proxies and indexes
# to use. A variable that names a file brings this file along.
network_environment() {
    local context="$1" name value
    while IFS= read -r name; do
        value="${!name}"
        if [ -f "$value" ]; then
            cp_to_image "$value" "$context"
        elif [ -d "$value" ] && [[ "$value" != /etc/ssl/* ]]; then
            continue
        elif [[ "$value" == file:* ]]; then
            continue
        fi
        printf 'ENV %s="%s"\n' "$name" "$(printf '%s' "$value" | sed 's/[\\"$]/\\&/g')"
    done < <(compgen -e | grep -E '^(PIP_|UV_|SSL_CERT_|NODE_EXTRA_CA_CERTS|(REQUESTS|CURL)_CA_BUNDLE)|^(https?|ftp|no|all)_proxy$|^(HTTPS?|FTP|NO|ALL)_PROXY$' | sort)
}
