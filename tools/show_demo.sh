#!/usr/bin/env bash
# The picture part of ./dev demo: the viewer where it was built and there is a display, else what it writes without one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

viewer=build/release/bin/gdn2-viewer to=build/demo
[[ -x $viewer ]] || exit 0
[[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] || exec "$viewer"
mkdir -p $to
"$viewer" shared_context_keys --size 1200x750 --fps 8 --export $to/memory.gif
"$viewer" --state 'gdn2:task=shared_context_keys;t=4;ph=4' --screenshot $to/state.png
"$viewer" --state 'gdn2:task=shared_context_keys;t=6;ph=5;compare=on' --screenshot $to/rules.png
echo "dev: no display, so the viewer wrote $to/memory.gif, state.png and rules.png"
