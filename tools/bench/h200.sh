#!/usr/bin/env bash
# Everything that only a card can tell, on a machine with CUDA 13, CMake, PyTorch, Triton and no network: builds the
# CUDA part, runs its tests on the card, the sanitizers, the benchmark, FLA's kernels beside ours, the profiler.
set -uo pipefail

usage() {
    cat <<'TEXT'
tools/bench/h200.sh pack KIT               with a network and apt-get: puts into KIT what a bare machine lacks,
                                           Debian packages and FLA's wheels (about 20 MB)
tools/bench/h200.sh run [OPTION] [STEP...] on the machine with the card
    --kit KIT     what `pack` made; without it all packages must be installed
    --out DIR     results: a log of each step, JSON, the tables (default: build/card)
    --build DIR   a build (default: build/card, which the step `build` makes)
    --seconds N   for each of `peers` and `bench` (default 400)
    -- ARG...     for side_by_side.py
steps, all of them where none is named: build tests sanitizers bench peers profile
TEXT
}

readonly root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly packages=(libeigen3-dev libzip-dev libzip4 libbz2-1.0 liblzma5 libzstd1 libssl3 zlib1g zlib1g-dev
    nlohmann-json3-dev libcli11-dev libfmt-dev libfmt9 libboost1.74-dev libboost-context1.74-dev
    libboost-context1.74.0 doctest-dev libbenchmark-dev libbenchmark1debian pkgconf pkgconf-bin libpkgconf3)
readonly wheels=(flash-linear-attention==0.6.0 fla-core==0.6.0 einops==0.8.2)
# A test of every kernel and option, small enough for tools that watch every access.
readonly watched="*on wide heads*,*through both gates*,*through their norms*,*every sequence of a pack*,\
*empty sequences in their stride*,decoding agrees*,*integer problems give*every gradient*,*for any number of rows*,\
*keeps the sequences of a pack apart*,*products of small integers*,gradients of packed sequences*,*segments*"
with_kit=() extra=() steps=() kit= out=$root/build/card build=$root/build/card seconds=400

pack() {  # KIT
    mkdir -p "$1/debs" "$1/wheels"
    (cd "$1/debs" && apt-get -qq download "${packages[@]}") &&
        python3 -m pip -q download --no-deps -d "$1/wheels" "${wheels[@]}" && du -sh "$1"
}

unpack() {  # the kit, into a prefix beside it
    local prefix=$kit/prefix each
    if [[ ! -d $prefix ]]; then
        mkdir -p "$prefix/site"
        for each in "$kit"/debs/*.deb; do dpkg -x "$each" "$prefix"; done
        cp -a "$prefix"/lib/. "$prefix"/usr/lib/ 2>/dev/null
        for each in "$kit"/wheels/*.whl; do python3 -m zipfile -e "$each" "$prefix/site"; done
    fi
    local libraries=$prefix/usr/lib/x86_64-linux-gnu
    export PYTHONPATH=$prefix/site
    # Not for Python, which has libraries of its own.
    with_kit=(env CMAKE_PREFIX_PATH="$prefix/usr" LD_LIBRARY_PATH="$libraries:${LD_LIBRARY_PATH:-}"
        PKG_CONFIG_SYSROOT_DIR="$prefix" PKG_CONFIG_PATH="$libraries/pkgconfig" PATH="$PATH:$prefix/usr/bin")
}

step() {  # NAME COMMAND...: its output into a log, its end and time into steps.tsv
    local name=$1 started=$SECONDS code
    shift
    "$@" >"$out/$name.log" 2>&1
    code=$?
    printf '%s\t%s\t%s\n' "$name" "$code" $((SECONDS - started)) >>"$out/steps.tsv"
    echo "h200.sh: $name: exit code $code, $((SECONDS - started)) s"
    ((code == 0)) || tail -n 15 "$out/$name.log"
}

do_build() {
    "${with_kit[@]}" cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CUDA_ARCHITECTURES=90a \
        -DGDN2_BUILD_DOCS=OFF &&
        "${with_kit[@]}" cmake --build "$build" --target gdn2 gdn2-bench gdn2_flat test_kernels test_cuda test_card &&
        "$root/cmake/instruction_mix.sh" "$build/lib/libgdn2_flat.so" >"$out/instructions.txt"
}

on_card() {  # COMMAND...
    "${with_kit[@]}" env GDN2_TEST_DEVICE=cuda "$@"
}

do_tests() {  # the three programs beside each other
    for program in test_kernels test_cuda test_card; do step "$program" on_card env GDN2_LONG_TESTS=1 "$build/tests/$program" & done
    wait
}

do_sanitizers() {
    local tool
    for tool in memcheck racecheck initcheck synccheck; do
        step "$tool" on_card compute-sanitizer --tool $tool --error-exitcode 9 \
            "$build/tests/test_kernels" "-tc=$watched" &
    done
    wait
}

side_by_side() { python3 "$root/tools/bench/side_by_side/$1" "${@:2}"; }

do_profile() {
    ncu --clock-control none --csv --page raw -k 'regex:prepare|scan|chunk_grad|decode' --launch-skip 9 \
        --metrics "$(side_by_side ncu_table.py --metrics)" \
        python3 "$root/tools/bench/side_by_side/side_by_side.py" "$build/lib/libgdn2_flat.so" --profile \
        >"$out/profile.csv" && side_by_side ncu_table.py "$out/profile.csv"
}

run_step() {
    case $1 in
        build) step build do_build ;;
        tests) do_tests ;;
        sanitizers) do_sanitizers ;;
        bench) step bench timeout "$seconds" "${with_kit[@]}" "$build/bin/gdn2-bench" --card ;;
        peers) step peers side_by_side side_by_side.py "$build/lib/libgdn2_flat.so" --out "$out/side_by_side.json" \
            --seconds "$seconds" "${extra[@]}" ;;
        profile) step profile do_profile ;;
        *) usage >&2; exit 2 ;;
    esac
}

report() {
    {
        echo "$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>&1 | head -n 1), $(date -I)"
        printf '%-14s %9s %7s\n' step 'exit code' s
        awk -F '\t' '{printf "%-14s %9s %7s\n", $1, $2, $3}' "$out/steps.tsv"
        grep -hE 'assertions:|ERROR SUMMARY|RACECHECK SUMMARY' "$out"/*.log 2>/dev/null
        [[ ! -f $out/profile.log ]] || cat "$out/profile.log"
        [[ ! -f $out/side_by_side.json ]] || side_by_side table.py "$out/side_by_side.json"
    } | tee "$out/table.txt"
    awk -F '\t' 'BEGIN { printf "[" } { printf "%s{\"step\": \"%s\", \"exit_code\": %s, \"seconds\": %s}", \
        (NR > 1 ? ",\n " : ""), $1, $2, $3 } END { print "]" }' "$out/steps.tsv" >"$out/steps.json"
}

case ${1:-help} in
    pack) [[ $# -eq 2 ]] || { usage >&2; exit 2; }; pack "$2" ;;
    run)
        shift
        while (($#)); do
            case $1 in
                --kit) kit=$(realpath "$2"); shift ;;
                --out) out=$2; shift ;;
                --build) build=$2; shift ;;
                --seconds) seconds=$2; shift ;;
                --) extra=("${@:2}"); break ;;
                -*) usage >&2; exit 2 ;;
                *) steps+=("$1") ;;
            esac
            shift
        done
        mkdir -p "$out"
        : >"$out/steps.tsv"
        [[ -z $kit ]] || unpack
        for each in "${steps[@]:-build tests sanitizers bench peers profile}"; do
            for one in $each; do run_step "$one"; done
        done
        report
        ! awk -F '\t' '$2 != 0' "$out/steps.tsv" | grep -q . ;;
    help | --help | -h) usage ;;
    *) usage >&2; exit 2 ;;
esac
