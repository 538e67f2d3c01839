#!/usr/bin/env bash
# Breaks the library or the kernels one line at a time (*_mutants.txt) and asks whether their own tests notice.
#   tests/planted/mutate.sh library|kernels [WORDS]    only the mutations whose file or description holds WORDS
# Works on a copy of the tree. On two cores: some minutes to start, then 15 s (library) or 30 s (kernels) for each.
# Exits 0 when every mutation is caught, 1 when one survives, 2 when it cannot tell.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case ${1:-} in
    library) folder=reference/delta_rule programs=(test_delta_rule) ;;
    kernels) folder=cuda/kernels programs=(test_kernels test_cuda) ;;
    *) echo 'usage: tests/planted/mutate.sh library|kernels [WORDS]' >&2; exit 2 ;;
esac
mutants=tests/planted/${1%s}_mutants.txt words=${2:-}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

stop() {
    [[ ! -s $copy/log ]] || tail -n 30 "$copy/log" >&2
    echo "mutate: $*" >&2
    exit 2
}

# Calls "$1 file edit says" for every mutation asked for.
each() {
    local file edit says
    while IFS='|' read -r file edit says <&3; do
        [[ -n $file && $file != '#'* && "$file $says" == *"$words"* ]] || continue
        "$1" "$copy/$folder/$file" "$edit" "$says"
    done 3<"$mutants"
}

changes_one_line() {
    [[ $(sed "$2" "$1" | diff "$1" - | grep -c '^<') == 1 ]] || stop "$(basename "$1"): must change one line: $2"
}

build() { cmake --build "$copy/build" --target "${programs[@]}" --parallel "$(nproc)" >"$copy/log" 2>&1; }
run_tests() {
    local program
    for program in "${programs[@]}"; do
        timeout 600 "$copy/build/tests/$program" --no-colors --abort-after=1 >"$copy/log" 2>&1 || return 1
    done
}

caught=0 survived=0
try() {
    local by
    cp "$1" "$copy/kept"
    sed -i "$2" "$1"
    build || stop "$(basename "$1"): does not compile: $2"
    if run_tests; then
        survived=$((survived + 1))
        by='SURVIVED'
    else  # doctest names the test also when a signal stops it
        caught=$((caught + 1))
        by=$(sed -n 's/^TEST CASE: *//p' "$copy/log" | head -n 1)
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
echo "$caught caught, $survived survived"
((caught + survived > 0)) || stop "no mutation holds the words: $words"
((survived == 0))
