#!/usr/bin/env bash
# Runs nvcc and keeps what ptxas says of every kernel beside the object file, as <object>.ptxas: for the test that
# holds kernels to their budgets.     ptxas_report.sh nvcc <arguments>
set -euo pipefail

object=""
for ((i = 1; i < $#; ++i)); do
    [[ ${!i} != -o ]] || { next=$((i + 1)); object=${!next}; }
done

status=0
"$@" 2> "$object.stderr" || status=$?
grep -E 'Compiling entry function|bytes spill stores|Used [0-9]+ registers' "$object.stderr" |
    c++filt > "$object.ptxas" || true
grep -vE '^ptxas info|bytes stack frame|^$' "$object.stderr" >&2 || true
rm -f "$object.stderr"
exit "$status"
