// Holds one result against another, tensor by tensor, with the tolerances of check/tolerances.h.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "reference/check/compare.h"
#include "reference/check/tolerances.h"
#include "reference/delta_rule/problem.h"

namespace gdn2::test {

inline void expect_close(const std::string& name, const Tensor<double>& reference, const Tensor<double>& claim,
                         double tolerance, double least_rms = 0) {
    INFO("tensor " << name);
    if (reference.size() == 0) {  // packed sequences that are all empty
        CHECK(claim.size() == 0);
        return;
    }
    const check::Comparison found = check::compare(reference, claim, {.tolerance = tolerance, .least_rms = least_rms});
    INFO("relative error " << found.relative << ", " << found.why);
    CHECK(found.passed);
}

/// The tensors of a result by their names in files.
inline std::map<std::string, const Tensor<double>*> by_name(const Result<double>& r) {
    return {{"o", &r.o},   {"final_state", &r.final_state}, {"dq", &r.dq}, {"dk", &r.dk},
            {"dv", &r.dv}, {"dg", &r.dg},                   {"db", &r.db}, {"dw", &r.dw},
            {"d_initial_state", &r.d_initial_state}};
}

/// Every tensor that `reference` has. One whose rms is below `least_rms` is held to that size: for gradients that are
/// zero but for rounding.
inline void expect_close(const Result<double>& reference, const Result<double>& claim, check::Pair pair,
                         double least_rms = 0) {
    const auto claimed = by_name(claim);
    for (const auto& [name, tensor] : by_name(reference))
        if (tensor->shape() != Shape{0})
            expect_close(name, *tensor, *claimed.at(name), check::tolerance(pair, check::kind_of(name)), least_rms);
}

template <class Scalar>
Result<double> to_double(const Result<Scalar>& r) {
    return {cast<double>(r.o),  cast<double>(r.final_state), cast<double>(r.dq),
            cast<double>(r.dk), cast<double>(r.dv),          cast<double>(r.dg),
            cast<double>(r.db), cast<double>(r.dw),          cast<double>(r.d_initial_state)};
}

/// Bit for bit.
inline bool identical(const Tensor<double>& a, const Tensor<double>& b) {
    return a.shape() == b.shape() && a.values() == b.values();
}

inline bool identical(const Result<double>& a, const Result<double>& b) {
    return identical(a.o, b.o) && identical(a.final_state, b.final_state) && identical(a.dq, b.dq) &&
           identical(a.dk, b.dk) && identical(a.dv, b.dv) && identical(a.dg, b.dg) && identical(a.db, b.db) &&
           identical(a.dw, b.dw) && identical(a.d_initial_state, b.d_initial_state);
}

}  // namespace gdn2::test
