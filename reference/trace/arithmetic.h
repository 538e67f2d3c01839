// One number of a field, written out for a reader: its formula with indices, the same with numbers, and its sum term
// by term, the largest first.
//   tests  tests/reference/trace/arithmetic_test.cpp
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/trace/formula.h"

namespace gdn2::trace {

/// How to write.
struct Writing {
    std::string_view letters = "tn";  ///< these stay letters; others are written as their values
    int digits = 4;                   ///< significant ones
    std::size_t terms = 5;            ///< of a sum: so many are written, the others together
};

/// A term of a sum.
struct Term {
    Index at = 0;  ///< what the letter of the sum stands for
    double value = 0;
    std::string numbers;  ///< "-0.5632 * 0.2"; where the term is one number, that
};

/// How a number came about.
struct Arithmetic {
    double value = 0;
    std::string symbols;  ///< "S'[t,5,9] + k[t,5] * u[t,9]"
    /// "-0.5632 - 0.2239 * 0.7451". In place of a sum stand its largest terms and, last, what the others add.
    std::string numbers;
    char letter = 0;          ///< of the formula's sum, 0 where it has none
    std::vector<Term> terms;  ///< the largest of the sum by size, without zeros; a NaN is largest
    Index others = 0;         ///< how many more it has,
    double rest = 0;          ///< and what they add
    std::vector<Read> reads;  ///< as Formula::value gives them
};

/// Throws what Formula::value throws. A sum inside a sum is written in place; of two the first gives the terms.
Arithmetic arithmetic_of(const Formula& formula, const Scope& scope, const Writing& writing = {});

}  // namespace gdn2::trace
