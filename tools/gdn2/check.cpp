// gdn2 check: somebody's outputs and gradients against the float64 reference, tensor by tensor.
// The reference is the token-by-token path; the chunkwise path must agree with it first (two witnesses). A tensor
// on which they disagree is undecided: float64 cannot judge it, and the claim is not blamed.
//   tests  tests/tools/gdn2/check_test.cpp
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "reference/delta_rule/problem_file.h"
#include "reference/io/text.h"
#include "tools/gdn2/check_report.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/progress.h"

namespace gdn2::tools {
namespace {

using check::CompareOptions;
using check::Pair;

struct Arguments {
    std::string problem, claim;
    Index chunk = 64;
    int threads = 0;
    std::optional<double> tolerance;
    bool as_json = false;
};

/// A result's tensors by name, in the order they are reported.
std::vector<std::pair<std::string, Tensor<double>>> named(Result<double> result) {
    return {{"o", std::move(result.o)},
            {"final_state", std::move(result.final_state)},
            {"dq", std::move(result.dq)},
            {"dk", std::move(result.dk)},
            {"dv", std::move(result.dv)},
            {"dg", std::move(result.dg)},
            {"db", std::move(result.db)},
            {"dw", std::move(result.dw)},
            {"d_initial_state", std::move(result.d_initial_state)}};
}

/// Before anything is computed. Throws Error naming the claim's file.
void require_shapes(const Claim& claim, const Sizes& sizes, const std::string& file) {
    const auto require_one = [&](const char* name, const char* words, const Shape& expected) {
        const auto found = claim.tensors.find(name);
        if (found == claim.tensors.end()) return;
        const Shape& given = found->second.values.shape();
        require(given == expected, fmt::format("{}: `{}` must be {} = {}, got {}", io::quote_file(file), name,
                                               words, to_string(expected), to_string(given)));
    };
    for (const char* name : {"o", "dv", "dw"})
        require_one(name, "[batch, length, value_heads, value_dim]", sizes.value_shape());
    for (const char* name : {"dq", "dk", "dg", "db"})
        require_one(name, "[batch, length, key_heads, key_dim]", sizes.key_shape());
    for (const char* name : {"final_state", "d_initial_state"})
        require_one(name, "[sequences, value_heads, key_dim, value_dim]", sizes.state_shape());
}

bool is_output(const std::string& name) { return check::kind_of(name) == check::Kind::output; }

bool claims_gradients(const Claim& claim) {
    return std::any_of(claim.tensors.begin(), claim.tensors.end(),
                       [](const auto& entry) { return !is_output(entry.first); });
}

/// The loss is <o, do> + <final_state, dht>. What the file does not give is assumed, and said.
void assume_upstream(Problem<double>& problem, std::vector<std::string>& notes) {
    const Sizes sizes = validate_shapes(problem);
    if (!problem.d_o) {
        const bool only_state = problem.d_final_state.has_value();
        notes.push_back(only_state ? "no `do` in the problem: assumed to be zeros (the loss sees final_state only)"
                                   : "no `do` in the problem: assumed to be ones (the gradients of sum(o))");
        problem.d_o = Tensor<double>(sizes.value_shape(), only_state ? 0.0 : 1.0);
    }
    if (!problem.d_final_state) {
        notes.push_back("no `dht` in the problem: assumed to be zeros (the loss does not see final_state)");
        problem.d_final_state = Tensor<double>(sizes.state_shape());
    }
}

/// What makes a right kernel look wrong: inputs that it changes before it starts.
void note_odd_inputs(const Problem<double>& problem, std::vector<std::string>& notes) {
    constexpr double noticeable = 0.02;  // more than bf16 rounding does to the norm of a unit key
    const Index key_dim = problem.k.shape().back();
    const Eigen::Map<const Matrix<double>> keys(problem.k.data(), problem.k.size() / key_dim, key_dim);
    const auto norms = keys.rowwise().norm();
    const double low = norms.minCoeff(), high = norms.maxCoeff();
    if (low < 1 - noticeable || high > 1 + noticeable)
        notes.push_back(fmt::format(
            "the keys are not unit vectors (norms {:.3g} to {:.3g}) and are used as they are: "
            "a kernel that normalises q and k itself must be given and checked on normalised ones",
            low, high));
}

template <class Scalar>
Result<Scalar> compute(const Problem<Scalar>& problem, Path path, const Arguments& arguments,
                       bool with_gradient) {
    Progress bar(path == Path::recurrent ? "reference" : "second witness");
    Options options{.path = path, .chunk = arguments.chunk, .threads = arguments.threads, .progress = {}};
    options.progress = [&bar](Index done, Index total) { bar.update(done, total); };
    return with_gradient ? gradient(problem, options) : forward(problem, options);
}

check::Precision precision_of(io::DType dtype) {
    switch (dtype) {
        case io::DType::f32:
            return check::Precision::f32;
        case io::DType::f16:
            return check::Precision::f16;
        case io::DType::bf16:
            return check::Precision::bf16;
        default:
            return check::Precision::f64;
    }
}

Pair pair_of(check::Precision precision) {
    switch (precision) {
        case check::Precision::f32:
            return Pair::f32_claim;
        case check::Precision::f16:
            return Pair::f16_claim;
        case check::Precision::bf16:
            return Pair::bf16_claim;
        default:
            return Pair::f64_claim;
    }
}

/// Compares tensors by name; every claim of ours or theirs goes through here.
class Comparer {
public:
    Comparer(const Problem<double>& problem, Index chunk) {
        layout_.chunk = chunk;
        if (problem.cu_seqlens) layout_.cu_seqlens = *problem.cu_seqlens;
    }

    TensorReport operator()(const std::string& name, const Tensor<double>& reference,
                            const Claim::Entry& claim, double tolerance,
                            const Tensor<double>* low_precision, double least_rms) const {
        const bool is_state = name == "final_state" || name == "d_initial_state";
        TensorReport report{name, claim.dtype, is_state ? check::Axes::states : check::Axes::tokens, {}};
        CompareOptions options{tolerance, precision_of(claim.dtype), layout_, low_precision, least_rms};
        options.layout.axes = report.axes;
        report.comparison = check::compare(reference, claim.values, options);
        return report;
    }

private:
    check::Layout layout_;
};

/// A plain token-by-token run in f32, if any of the claim is f32: what rounding alone costs.
std::optional<Result<double>> naive_f32(const Problem<double>& problem, const Claim& claim,
                                        const Arguments& arguments, bool with_gradient) {
    const bool wanted = std::any_of(claim.tensors.begin(), claim.tensors.end(),
                                    [](const auto& entry) { return entry.second.dtype == io::DType::f32; });
    if (!wanted) return std::nullopt;
    Problem<float> rounded = cast_problem<float>(problem);
    try {
        validate_values(rounded);
    } catch (const Error&) {
        return std::nullopt;  // a number of the problem is beyond f32: there is no such run to compare with
    }
    const Result<float> f = compute(rounded, Path::recurrent, arguments, with_gradient);
    return Result<double>{cast<double>(f.o),  cast<double>(f.final_state), cast<double>(f.dq),
                          cast<double>(f.dk), cast<double>(f.dv),          cast<double>(f.dg),
                          cast<double>(f.db), cast<double>(f.dw),          cast<double>(f.d_initial_state)};
}

double rms(const Tensor<double>& tensor) {
    const Eigen::Map<const Vector<double>> x(tensor.data(), tensor.size());
    return x.norm() / std::sqrt(static_cast<double>(tensor.size()));
}

double rms_of_difference(const Tensor<double>& a, const Tensor<double>& b) {
    Tensor<double> difference = a;
    for (Index i = 0; i < a.size(); ++i) difference[i] -= b[i];
    return rms(difference);
}

/// The rms of the largest output, or of the largest gradient.
double largest_rms(const std::vector<std::pair<std::string, Tensor<double>>>& tensors, bool of_outputs) {
    double largest = 0;
    for (const auto& [name, tensor] : tensors)
        if (tensor.rank() == 4 && is_output(name) == of_outputs) largest = std::max(largest, rms(tensor));
    return largest;
}

void compare_all(Problem<double>& problem, const Claim& claim, const Arguments& arguments,
                 CheckReport& report) {
    const bool with_gradient = claims_gradients(claim);
    if (with_gradient) assume_upstream(problem, report.notes);
    const Comparer comparer(problem, arguments.chunk);
    const auto reference = named(compute(problem, Path::recurrent, arguments, with_gradient));
    const auto witness = named(compute(problem, Path::chunk, arguments, with_gradient));
    const auto naive = naive_f32(problem, claim, arguments, with_gradient);
    const auto low = naive ? named(*naive) : std::vector<std::pair<std::string, Tensor<double>>>{};
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const auto& [name, truth] = reference[i];
        const auto found = claim.tensors.find(name);
        if (found == claim.tensors.end()) continue;
        const check::Kind kind = check::kind_of(name);
        const double least = check::smallest_part * largest_rms(reference, is_output(name));
        report.witness.push_back(comparer(name, truth, {witness[i].second, io::DType::f64},
                                          check::tolerance(Pair::chunk_recurrent, kind), nullptr, least));
        const double rounding = rms_of_difference(truth, witness[i].second) / check::reference_rounding;
        const Claim::Entry& claimed = found->second;
        const double tolerance =
            arguments.tolerance.value_or(check::tolerance(pair_of(precision_of(claimed.dtype)), kind));
        const bool is_f32 = claimed.dtype == io::DType::f32;
        report.tensors.push_back(
            comparer(name, truth, claimed, tolerance, is_f32 && naive ? &low[i].second : nullptr, rounding));
    }
}

void run(const Arguments& arguments) {
    CheckReport report{
        .problem = arguments.problem, .claim = arguments.claim, .notes = {}, .tensors = {}, .witness = {}};
    require(!arguments.tolerance || (std::isfinite(*arguments.tolerance) && *arguments.tolerance >= 0),
            "--tolerance must be a finite number, 0 or more");
    std::vector<std::string> warnings;
    Problem<double> problem = read_problem(arguments.problem, warnings);
    const Claim claim = read_claim(arguments.claim, warnings);
    print_warnings(warnings);
    require_shapes(claim, validate_shapes(problem), arguments.claim);
    note_odd_inputs(problem, report.notes);
    compare_all(problem, claim, arguments, report);
    for (const std::string& note : report.notes) say("gdn2: note: " + note);
    if (arguments.as_json)
        print_json(to_json(report));
    else
        print_text(report);
    if (report.verdict() == Verdict::fail) check_failed();
    require(report.verdict() == Verdict::pass,
            io::quote_file(arguments.problem) + ": float64 cannot judge " + report.names_of(Verdict::undecided) +
                ": the reference's own two paths disagree there");
}

}  // namespace

void add_check(CLI::App& program) {
    CLI::App* command = program.add_subcommand(
        "check", "hold somebody's outputs and gradients against the float64 reference, tensor by tensor");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("PROBLEM", arguments->problem, "the inputs, .npz or .safetensors")->required();
    command->add_option("CLAIM", arguments->claim, "any of o final_state dq dk dv dg db dw d_initial_state")
        ->required();
    command->add_option("--chunk", arguments->chunk, "the kernel's chunk length, to say where errors lie")
        ->check(whole_number(1, max_chunk))
        ->capture_default_str();
    command
        ->add_option("--tolerance", arguments->tolerance,
                     "norm-relative, for every tensor; else by the claim's format");
    command->add_option("--threads", arguments->threads, "0 for all")
        ->check(whole_number(0, max_threads))
        ->capture_default_str();
    command->add_flag("--json", arguments->as_json, "print a JSON document (docs/json.md)");
    command->footer(
        "A tensor passes when `relative` is at most `allowed` and no row is worse than 10 times that.\n"
        "  ratio, relative  rms(claim - reference) / rms(reference); relative is the one that is judged, and has a\n"
        "                   floor below which a reference is only rounding\n"
        "  a*               the factor that fits best, <claim, reference> / <reference, reference>: 4 when the\n"
        "                   claim is four times the truth\n"
        "  p99 ulp          99 % of the elements are at most so many units in the last place (of the claim's\n"
        "                   format) off\n"
        "  worst row        the largest rms of a row's differences, over the larger of the reference's rms in that\n"
        "                   row and over all; a row is the last axis: the channels of one token and head\n"
        "Where the reference's own two paths, token by token and in chunks, disagree in float64, a tensor is\n"
        "undecided; so is the check, with exit code 2, when nothing fails and a tensor is undecided.\n"
        "Example: gdn2 check problem.npz my_kernel.safetensors --chunk 64");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace gdn2::tools
