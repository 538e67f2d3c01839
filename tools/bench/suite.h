// Everything that is timed on one problem: every path, pass, precision and thread count; and the check that
// comes before, of the very objects that are timed.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include <string>
#include <vector>

#include "reference/check/compare.h"
#include "tools/bench/workload.h"

namespace gdn2::bench {

using check::Precision;

/// One thing to time.
struct Case {
    Path path;
    Pass pass;
    Precision precision;  ///< f32 or f64
    int threads;
    std::function<void()> body;
};

/// What the check found.
struct CheckSummary {
    int tensors = 0;
    int failures = 0;
    double worst = 0;           ///< largest error over its tolerance
    std::string first_failure;  ///< one line; empty when all passed
};

/// The timed cases. Bodies point into it: it stays where it is.
class Suite {
public:
    Suite(const ProblemSizes& sizes, Index chunk, const std::vector<int>& thread_counts);
    Suite(const Suite&) = delete;
    Suite& operator=(const Suite&) = delete;

    const std::vector<Case>& cases() const { return cases_; }

    /// Runs every case once and holds its results against the f64 recurrence, with `factor` times the
    /// tolerances of check/tolerances.h.
    CheckSummary check(double factor);

private:
    template <class Scalar>
    void add_cases(std::vector<Workload<Scalar>>& workloads, const Problem<Scalar>& problem, Index chunk,
                   const std::vector<int>& thread_counts);

    Problem<double> problem_f64_;
    Problem<float> problem_f32_;
    std::vector<Workload<double>> workloads_f64_;
    std::vector<Workload<float>> workloads_f32_;
    std::vector<Case> cases_;
    std::vector<std::function<Result<double>()>> results_;  // of each case's last call
};

}  // namespace gdn2::bench
