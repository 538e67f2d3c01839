#!/usr/bin/env bash
# Breaks the library, the systems that learn, the kernels or the viewer's model one line at a time (*_mutants.txt) and
# asks whether their own tests notice; of the systems' those of the file's room.
#   tests/planted/mutate.sh library|systems|kernels|viewer [WORDS]    only those whose file or description holds WORDS
# Works on a copy of the tree. On two cores: some minutes to start, then 15 s or 30 s (kernels) each.
# A test that does not end catches nothing, unless the mutation's line ends in |hang.
# Exits 0 when every mutation is caught, 1 when one survives or a test does not end, 2 when it cannot tell.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case ${1:-} in
    library) folder=reference/delta_rule programs=(test_delta_rule) seconds=600 ;;
    systems) folder=reference programs=(test_{baselines,layers,model,tasks,train}) seconds=300 ;;
    kernels) folder=cuda/kernels programs=(test_kernels test_cuda) seconds=600 ;;
    viewer) folder=visualizer/model programs=(test_viewer_model) seconds=120 ;;
    *) echo 'usage: tests/planted/mutate.sh library|systems|kernels|viewer [WORDS]' >&2; exit 2 ;;
esac
mutants=tests/planted/${1%s}_mutants.txt words=${2:-}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

stop() {
    [[ ! -s $copy/log ]] || tail -n 30 "$copy/log" >&2
    echo "mutate: $*" >&2
    exit 2
}

# Calls "$1 file edit says hang" for every mutation asked for; an edit may hold ||.
each() {
    local line file edit says hang
    while IFS= read -r line <&3; do
        hang= file=${line%%|*}
        [[ $line != *'|hang' ]] || { hang=hang line=${line%|hang}; }
        says=${line##*|} edit=${line#*|} edit=${edit%|*}
        [[ -n $file && $file != '#'* && "$file $says" == *"$words"* ]] || continue
        "$1" "$copy/$folder/$file" "$edit" "$says" "$hang"
    done 3<"$mutants"
}

changes_one_line() {
    [[ $(sed "$2" "$1" | diff "$1" - | grep -c '^<') == 1 ]] || stop "$(basename "$1"): must change one line: $2"
}

build() { cmake --build "$copy/build" --target "${programs[@]}" --parallel "$(nproc)" >"$copy/log" 2>&1; }

# 0 when all pass, 124 when one does not end. Stopped at the first failure: doctest by itself goes on after an exception,
# which is what a fault under the emulator is.
run_tests() {
    local program running
    for program in "${programs[@]}"; do
        timeout --kill-after=5 "$seconds" stdbuf -oL "$copy/build/tests/$program" --no-colors --abort-after=1 >"$copy/log" 2>&1 &
        running=$!
        ! grep -q ' ERROR: ' < <(tail -n +1 -f --pid="$running" "$copy/log") || kill "$running" || :
        wait "$running" || return
    done
}

caught=0 survived=0 endless=0
try() {
    local by ended room=${1#"$copy/reference/"}
    [[ $folder != reference ]] || programs=(test_"${room%%/*}")
    cp "$1" "$copy/kept"
    sed -i "$2" "$1"
    build || stop "$(basename "$1"): does not compile: $2"
    run_tests && ended=0 || ended=$?
    by=$(sed -n 's/^TEST CASE: *//p' "$copy/log" | head -n 1)  # doctest names the test also when a signal stops it
    if ((ended == 0)); then
        survived=$((survived + 1)) by=SURVIVED
    elif ((ended == 124)) && [[ -z $4 ]]; then
        endless=$((endless + 1)) by="DOES NOT END: $by"
    else
        caught=$((caught + 1))
    fi
    printf '%-22s  %-48s  %s\n' "$(basename "$1")" "$3" "${by:-stopped before any test}"
    cp "$copy/kept" "$1"
}

git ls-files --cached --others --exclude-standard -z | xargs -0 cp --parents -t "$copy"
each changes_one_line
cmake -S "$copy" -B "$copy/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O1 \
    -DCMAKE_CUDA_COMPILER=NOTFOUND -DGDN2_BUILD_TOOLS=OFF -DGDN2_BUILD_BENCH=OFF -DGDN2_BUILD_DOCS=OFF \
    >"$copy/log" 2>&1 || stop 'cannot configure'
build || stop 'the library does not build as it is'
run_tests || stop 'the tests fail on the library as it is'
each try
echo "$caught caught, $survived survived, $endless without an end"
((caught + survived + endless > 0)) || stop "no mutation holds the words: $words"
((survived + endless == 0))
