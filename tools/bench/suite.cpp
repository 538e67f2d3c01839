// See suite.h.
#include "tools/bench/suite.h"

#include <algorithm>
#include <type_traits>

#include "reference/check/tolerances.h"

namespace gdn2::bench {
namespace {

constexpr Path paths[] = {Path::chunk, Path::residual, Path::recurrent};
constexpr Pass passes[] = {Pass::forward, Pass::backward, Pass::run, Pass::grad};

struct Named {
    const char* name;
    Tensor<double> Result<double>::*tensor;
};

using R = Result<double>;
constexpr Named tensors[] = {{"o", &R::o},
                             {"final_state", &R::final_state},
                             {"dq", &R::dq},
                             {"dk", &R::dk},
                             {"dv", &R::dv},
                             {"dg", &R::dg},
                             {"db", &R::db},
                             {"dw", &R::dw},
                             {"d_initial_state", &R::d_initial_state}};

template <class Scalar>
Result<double> in_double(const Result<Scalar>& from) {
    return {cast<double>(from.o),  cast<double>(from.final_state), cast<double>(from.dq),
            cast<double>(from.dk), cast<double>(from.dv),          cast<double>(from.dg),
            cast<double>(from.db), cast<double>(from.dw),          cast<double>(from.d_initial_state)};
}

check::Pair pair_of(const Case& c) {
    const bool recurrent = c.path == Path::recurrent;
    if (c.precision == Precision::f32) return recurrent ? check::Pair::f32_recurrent : check::Pair::f32_chunk;
    return recurrent ? check::Pair::exact : check::Pair::chunk_recurrent;
}

std::string description_of(const Case& c) {
    return std::string(name_of(c.path)) + " " + check::name_of(c.precision) + " " + name_of(c.pass) + ", " +
           std::to_string(c.threads) + (c.threads == 1 ? " thread" : " threads");
}

}  // namespace

Suite::Suite(const ProblemSizes& sizes, Index chunk, const std::vector<int>& thread_counts)
    : problem_f64_(timed_problem(sizes)), problem_f32_(cast_problem<float>(problem_f64_)) {
    add_cases(workloads_f32_, problem_f32_, chunk, thread_counts);
    add_cases(workloads_f64_, problem_f64_, chunk, thread_counts);
}

template <class Scalar>
void Suite::add_cases(std::vector<Workload<Scalar>>& workloads, const Problem<Scalar>& problem, Index chunk,
                      const std::vector<int>& thread_counts) {
    constexpr Precision precision = std::is_same_v<Scalar, float> ? Precision::f32 : Precision::f64;
    workloads.reserve(std::size(paths) * thread_counts.size());  // cases hold references
    for (const int threads : thread_counts)
        for (const Path path : paths) {
            Workload<Scalar>& workload = workloads.emplace_back(problem, path, chunk, threads);
            workload.prepare();
            for (const Pass pass : passes) {
                cases_.push_back({path, pass, precision, threads, [&workload, pass] { workload.run(pass); }});
                results_.push_back([&workload, pass] { return in_double(workload.result(pass)); });
            }
        }
}

CheckSummary Suite::check(double factor) {
    Workload<double> plain(problem_f64_, Path::recurrent, 1, 1);
    plain.run(Pass::grad);
    const Result<double> reference = plain.result(Pass::grad);
    CheckSummary summary;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
        const Case& c = cases_[i];
        c.body();
        const Result<double> claim = results_[i]();
        for (const auto& [name, tensor] : tensors) {
            if ((claim.*tensor).size() == 0) continue;
            const double tolerance = factor * check::tolerance(pair_of(c), check::kind_of(name));
            const check::Comparison found =
                check::compare(reference.*tensor, claim.*tensor, {tolerance, c.precision, {}, nullptr});
            ++summary.tensors;
            if (tolerance > 0) summary.worst = std::max(summary.worst, found.relative / tolerance);
            if (found.passed || summary.failures++) continue;
            summary.first_failure = description_of(c) + ": `" + name + "`: " + found.why;
        }
    }
    return summary;
}

}  // namespace gdn2::bench
