// What `gdn2 check` found, and how it is said: as a table with the failures below it, or as JSON.
//   tests  tests/tools/gdn2/check_test.cpp
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reference/check/compare.h"
#include "reference/check/tolerances.h"
#include "reference/io/array.h"

namespace gdn2::tools {

/// A tensor is undecided where the reference's own two paths disagree on it: nothing is held against the claim.
enum class Verdict { pass, fail, undecided };

/// One tensor of the claim against the reference.
struct TensorReport {
    std::string name;                  ///< "dq"
    io::DType dtype = io::DType::f64;  ///< of the claim, as its file held it
    check::Axes axes = check::Axes::tokens;
    check::Comparison comparison;
};

/// The whole check.
struct CheckReport {
    std::string problem, claim;         ///< file names
    std::vector<std::string> notes;     ///< what was assumed, and what looks odd about the input
    std::vector<TensorReport> tensors;  ///< the claim's, in the order o final_state dq dk ...
    std::vector<TensorReport> witness;  ///< the reference's second path (chunk) against its first, same order

    Verdict verdict(std::size_t tensor) const;
    Verdict verdict() const;  ///< fail when any tensor fails, else undecided when any is, else pass

    /// "dk dg": the tensors of that verdict.
    std::string names_of(Verdict wanted) const;
};

/// On stdout. Notes are not in it: they are messages.
void print_text(const CheckReport& report);

nlohmann::json to_json(const CheckReport& report);

}  // namespace gdn2::tools
