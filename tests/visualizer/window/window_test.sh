#!/usr/bin/env bash
# gdn2-viewer in a real window: OpenGL by Mesa's software renderer under Xvfb, keys as X sends them, by xdotool.
#   window_test.sh GDN2_VIEWER COMPARE_PICTURES
set -euo pipefail
viewer=$1 compare=$2
for program in xvfb-run xdotool; do
    command -v "$program" >/dev/null || { echo "gdn2 skipped: $program is not installed"; exit 0; }
done
if [[ -z ${GDN2_IN_XVFB:-} ]]; then
    GDN2_IN_XVFB=1 exec xvfb-run -a -s "-screen 0 1400x900x24 -noreset" "$0" "$@"
fi

work=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
export XDG_CONFIG_HOME=$work/config MESA_DEBUG=1 LIBGL_ALWAYS_SOFTWARE=1
unset GDN2_UI_SCALE WAYLAND_DISPLAY

fail() { echo "window test: $*" >&2; cat "$work"/*.error >&2 2>/dev/null || true; exit 1; }
now() { date +%s%N; }
milliseconds_since() { echo $((($(now) - $1) / 1000000)); }

# Opens a window of 1200 x 760 and waits until it is there, the mouse on its toolbar.
start() {  # NAME ARGUMENT...
    local name=$1 begun i
    shift
    begun=$(now)
    "$viewer" --size 1200x760 --print-state "$@" >"$name.state" 2>"$name.error" &
    pid=$!
    for ((i = 0; i < 600; ++i)); do
        window=$(xdotool search --onlyvisible --pid "$pid" 2>/dev/null | head -1) && [[ -n $window ]] && break
        kill -0 "$pid" 2>/dev/null || fail "$name ended before there was a window"
        sleep 0.05
    done
    opened=$(milliseconds_since "$begun")
    [[ -n ${window:-} ]] || fail "$name: no window after 30 s"
    xdotool mousemove --window "$window" 1195 755
    xdotool windowfocus "$window" 2>/dev/null || true
    sleep 0.5
}

keys() { local key; for key in "$@"; do xdotool key "$key"; sleep 0.2; done; }

# Closes the window by Ctrl+Q; what was on the screen is in NAME.state then.
finish() {  # NAME
    local i
    xdotool key ctrl+q
    for ((i = 0; i < 200; ++i)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
    kill -0 "$pid" 2>/dev/null && fail "$1 did not quit"
    wait "$pid" || fail "$1 ended with $?"
    pid=
    [[ ! -s $1.error ]] || fail "$1 complained:"
}

shows() { [[ $(cat "$1.state") == *"$2"* ]] || fail "$1: expected $2 in $(cat "$1.state")"; }
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }

# -- Keys reach the session.
start keys --state 'gdn2:task=shared_context_keys;guide=off'
keys Right Right Right
keys F1
finish keys
shows keys ';t=2;ph=5'
shows keys 'help=on'

# -- Space plays, and Space again stops before the end.
start play --state 'gdn2:task=chunk_equals_recurrent;guide=off'
keys space
sleep 1
keys space
finish play
grep -q 'ph=' play.state || fail "Space did not play: $(cat play.state)"

# -- The first Space of a lesson, while its hint pulses, plays to the next step though no other event comes.
start hint
sleep 2
xdotool key --delay 0 space
sleep 4
finish hint
shows hint ';ph=3'
[[ $(cat hint.state) != *';fr='* ]] || fail "Space did not play to the next step: $(cat hint.state)"

# -- What GL draws is what the CPU draws; F12 saves it.
start picture --state 'gdn2:task=shared_context_keys;guide=off;t=4;ph=4'
keys F12
sleep 0.5
finish picture
[[ $(ls gdn2-*.png | wc -l) == 1 ]] || fail "F12 saved no picture"
"$viewer" --state "$(cat picture.state)" --size 1200x760 --screenshot cpu.png
"$compare" gdn2-*.png cpu.png 0.005 || fail "OpenGL's picture is not the CPU's"
"$viewer" --state 'gdn2:task=overwrite' --size 1200x760 --screenshot other.png
! "$compare" gdn2-*.png other.png 0.005 >/dev/null || fail "the comparison takes any picture for another"

# -- Paused and untouched it costs nothing, a lesson that waits for Space too.
start idle
sleep 8  # the hint comes to rest
before=$(ticks)
sleep 3
idle=$(($(ticks) - before)) hertz=$(getconf CLK_TCK)
finish idle
echo "idle for 3 s: $idle of $((3 * hertz)) ticks of CPU time"
((idle <= hertz / 5)) || fail "an idle viewer used $idle ticks of CPU time in 3 s"

# -- It opens quickly: beside a picture by the CPU, which needs no window.
begun=$(now)
"$viewer" --size 1200x760 --screenshot first.png
drawn=$(milliseconds_since "$begun")
start opening
finish opening
echo "the window is there after $opened ms; a picture without one takes $drawn ms"
((opened <= 5000 + 10 * drawn)) || fail "the window took $opened ms"
