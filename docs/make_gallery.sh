#!/usr/bin/env bash
# Makes the pictures of docs/viewer.md and of the README from the viewer itself, and the kernel's result that one of them
# shows.     docs/make_gallery.sh      after ./dev build
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=build/release/bin out=docs/images
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

shot() {  # NAME STATE [FILE...]: a picture of 1440 x 900
    "$bin/gdn2-viewer" "${@:3}" --state "gdn2:$2" --size 1440x900 --screenshot "$out/$1.png"
    echo "$out/$1.png"
}

shot state 'task=shared_context_keys;t=4;ph=4'
shot light 'task=erase_and_write_alone;t=2;ph=3;theme=light'
shot compare 'task=shared_context_keys;t=6;ph=5;compare=on'
shot chunk 'task=chunk_equals_recurrent;t=20;ph=5;tab=chunk'
shot gradient 'task=killer;t=100;ph=5;tab=gradient'
shot spectrum 'task=expansive_pair;t=24;ph=5;tab=spectrum'

# A kernel in bf16, held to what is allowed in f32: it differs everywhere, by rounding.
golden=tests/golden
"$bin/gdn2" run "$golden/g02_killer.in.npz" --device emulator --precision bf16 -o "$work/bf16.npz"
shot difference 't=140;ph=5;tab=difference' "$golden/g02_killer.in.npz" "$work/bf16.npz"

"$bin/gdn2-viewer" shared_context_keys --size 1280x720 --export "$out/overview.gif" --from 4 --to 6 --fps 10
echo "$out/overview.gif"
