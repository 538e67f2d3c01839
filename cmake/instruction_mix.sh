#!/bin/sh
# How often each kind of instruction stands in each kernel's machine code, and whether it is what it should be.
#     instruction_mix.sh LIBRARY [CUOBJDUMP]      the table; exit code 1 where a kernel moves registers through local
#                                                 memory, or has no tensor-core products where it is made of them
# Counted as the code stands, loops once. docs/kernels.md has the table; a ctest runs this where there is cuobjdump.
set -eu
cuobjdump=${2:-cuobjdump}
filter=$(command -v c++filt || command -v cu++filt || echo cat)
"$cuobjdump" -sass "$1" | awk '
    function kind_of(op) {
        if (op ~ /^(HMMA|LDGSTS|MUFU|SHFL)$/) return op
        if (op ~ /^(LDSM|MOVM)$/) return "LDSM"
        if (op ~ /^(LDS|STS)$/) return "LDS,STS"
        if (op ~ /^(LDG|STG)$/) return "LDG,STG"
        if (op ~ /^(LDL|STL)$/) return "LDL,STL"
        if (op ~ /^(BAR|WARPSYNC)$/) return "BAR"
        if (op ~ /^F(FMA|MUL|ADD|SETP|SEL|MNMX)$/) return "float"
        if (op ~ /^(U|)(IMAD|IADD3|IMNMX|ISETP|LEA|LOP3|PLOP3|SHF|SGXT)$/) return "integer"
        return "other"
    }
    /Function :/ { kernel = $3; next }
    /^[ \t]*\/\*[0-9a-f]+\*\/ / {
        op = $2
        if (op ~ /^@/) op = $3
        sub(/[.;].*/, "", op)
        if (op == "NOP") next
        total[kernel]++
        count[kernel, kind_of(op)]++
    }
    END {
        n = split("HMMA LDSM LDS,STS LDG,STG LDGSTS float MUFU SHFL BAR LDL,STL integer other", kinds, " ")
        for (kernel in total) {
            line = kernel " " total[kernel]
            for (i = 1; i <= n; ++i) line = line " " count[kernel, kinds[i]] + 0
            print line
        }
    }' | "$filter" | sed -E 's/^(void )?gdn2::cuda::/ours /; s/gdn2::cuda:://g; s/\(([A-Za-z]+)\)([0-9])/\2/g' | sort |
    awk '
    BEGIN { printf "%-28s %7s %6s %6s %8s %8s %7s %6s %5s %5s %5s %8s %8s %6s\n", "kernel", "in all", "HMMA", "LDSM", \
            "LDS,STS", "LDG,STG", "LDGSTS", "float", "MUFU", "SHFL", "BAR", "LDL,STL", "integer", "other" }
    $1 == "ours" {
        name = $0
        sub(/^ours /, "", name)
        sub(/\(.*/, "", name)
        f = NF - 12
        printf "%-28s %7d %6d %6d %8d %8d %7d %6d %5d %5d %5d %8d %8d %6d\n", name, $f, $(f+1), $(f+2), $(f+3), $(f+4), \
            $(f+5), $(f+6), $(f+7), $(f+8), $(f+9), $(f+10), $(f+11), $(f+12)
        ++kernels
        # recurrent_1 holds a state that no registers hold.
        if ($(f+10) > 0 && name !~ /^recurrent_1/) {
            bad = 1
            print name ": registers go through local memory" > "/dev/stderr"
        }
        if (name ~ /^(prepare|scan|reverse_scan|chunk_grad|linear)</ && $(f+1) == 0) {
            bad = 1
            print name ": no products on tensor cores" > "/dev/stderr"
        }
    }
    END { if (!kernels) { print "no kernel of gdn2 found" > "/dev/stderr"; exit 1 } exit bad }'
