#!/usr/bin/env bash
# Copies what the page is served with from the locked npm packages: `make vendor`. Another folder may be named for a check.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

to="${1:-static/vendor}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json "$work/"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --silent

mkdir -p "$to/uplot"
cp "$work"/node_modules/uplot/{LICENSE,dist/uPlot.esm.js,dist/uPlot.min.css} "$to/uplot/"
