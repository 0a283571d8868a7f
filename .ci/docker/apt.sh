# Debian packages: those of the host's own release, and single ones of a newer suite.
# Sourced by docker-engine, which sets $cache and $suite.

install_packages() {
    local missing=()
    # /usr/local/bin/docker may be a lone client, so the daemon is what to look for.
    command -v dockerd >/dev/null || missing+=(docker.io)
    command -v debootstrap >/dev/null || missing+=(debootstrap)
    command -v iptables >/dev/null || missing+=(iptables)
    command -v ip >/dev/null || missing+=(iproute2)
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "installing ${missing[*]}"
    {
        apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
    } </dev/null >"$logs/apt.log" 2>&1 || { tail -20 "$logs/apt.log" >&2; die "apt-get failed"; }
}

# The mirror this machine already uses for Debian. Nothing is printed when apt has
# no lists yet or a foreign origin; the caller then updates or falls back.
debian_mirror() {
    apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | sed -n '1s,/*$,,p' || true
}

require_mirror() {
    mirror="$(debian_mirror)"
    if [ -z "$mirror" ]; then
        apt-get update </dev/null >"$logs/apt.log" 2>&1 || true
        mirror="$(debian_mirror)"
    fi
    [ -n "$mirror" ] || die "apt knows no Debian mirror: check /etc/apt/sources.list*"
}

# Downloads packages of $suite into a directory and unpacks them under it. apt works
# on sources and state of its own, so the host never learns of the newer suite.
unpack_from_suite() {
    local into="$1" private="$cache/apt" package
    shift
    require_mirror
    mkdir -p "$private/lists/partial" "$private/cache/archives/partial" "$into"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
        >"$private/sources.list"
    cat >"$private/apt.conf" <<EOF
Dir::Etc::SourceList "$private/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State::Lists "$private/lists";
Dir::Cache "$private/cache";
APT::Sandbox::User "root";
EOF
    (
        export APT_CONFIG="$private/apt.conf"
        cd "$into"
        apt-get update && apt-get download "$@"
    ) </dev/null >"$logs/apt-$suite.log" 2>&1 || { tail -20 "$logs/apt-$suite.log" >&2; die "no $* from $suite"; }
    for package in "$into"/*.deb; do
        dpkg -x "$package" "$into"
    done
}
