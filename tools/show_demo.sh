#!/usr/bin/env bash
# The picture part of ./dev demo: the viewer where it was built and there is a display, else what it writes without one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

viewer=build/release/bin/gdn2-viewer to=build/demo
[[ -x $viewer ]] || exit 0
[[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] || exec "$viewer"
mkdir -p $to
"$viewer" shared_context_keys --size 1280x720 --fps 8 --export $to/memory.gif
"$viewer" --state 'gdn2:task=shared_context_keys;t=4;ph=4' --screenshot $to/state.png
"$viewer" --state 'gdn2:task=shared_context_keys;t=6;ph=5;compare=on' --screenshot $to/rules.png
"$viewer" --state 'gdn2:task=erase_and_write_alone;t=3;ph=4;step=6;rule=kda' --screenshot $to/gates.png
cat <<TEXT
dev: no display, so the viewer wrote into $to
  memory.gif  seven tokens stored, overwritten and deleted, phase by phase; beside them what each key answers
  state.png   one of them, while it writes: what erases stands along the rows, what is written along the columns
  rules.png   the same seven tokens under nine rules
  gates.png   why b and w are two gates: what one gate for both does to a deletion and to an addition
TEXT
