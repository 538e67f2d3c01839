// See judge.h.
#include "reference/delta_rule/judge.h"

#include <algorithm>
#include <cmath>

#include "reference/check/tolerances.h"
#include "reference/io/text.h"

namespace gdn2 {
namespace {

using check::CompareOptions;
using check::Pair;

/// One tensor of a result.
struct Line {
    const char* name;
    Tensor<double> Result<double>::*tensor;
    const char* axes;
    Shape (*shape)(const Sizes&);
};

constexpr const char* by_value_head = "[batch, length, value_heads, value_dim]";
constexpr const char* by_key_head = "[batch, length, key_heads, key_dim]";
constexpr const char* by_state = "[sequences, value_heads, key_dim, value_dim]";
Shape value_shape(const Sizes& sizes) { return sizes.value_shape(); }
Shape key_shape(const Sizes& sizes) { return sizes.key_shape(); }
Shape state_shape(const Sizes& sizes) { return sizes.state_shape(); }

constexpr Line lines[] = {
    {"o", &Result<double>::o, by_value_head, value_shape},
    {"final_state", &Result<double>::final_state, by_state, state_shape},
    {"dq", &Result<double>::dq, by_key_head, key_shape},
    {"dk", &Result<double>::dk, by_key_head, key_shape},
    {"dv", &Result<double>::dv, by_value_head, value_shape},
    {"dg", &Result<double>::dg, by_key_head, key_shape},
    {"db", &Result<double>::db, by_key_head, key_shape},
    {"dw", &Result<double>::dw, by_value_head, value_shape},
    {"d_initial_state", &Result<double>::d_initial_state, by_state, state_shape},
};

const Line& line_of(std::string_view name) {
    for (const Line& line : lines)
        if (line.name == name) return line;
    throw Error(io::quote(name) + " is no result");
}

bool is_output(std::string_view name) { return check::kind_of(name) == check::Kind::output; }

bool claims_gradients(const Claim& claim) {
    return std::any_of(claim.tensors.begin(), claim.tensors.end(),
                       [](const auto& entry) { return !is_output(entry.first); });
}

/// What makes a right kernel look wrong: inputs that it changes before it starts.
void note_odd_inputs(const Problem<double>& problem, std::vector<std::string>& notes) {
    constexpr double noticeable = 0.02;  // more than bf16 rounding does to the norm of a unit key
    if (problem.k.size() == 0) return;
    const Index key_dim = problem.k.shape().back();
    const Eigen::Map<const Matrix<double>> keys(problem.k.data(), problem.k.size() / key_dim, key_dim);
    const auto norms = keys.rowwise().norm();
    const double low = norms.minCoeff(), high = norms.maxCoeff();
    if (low < 1 - noticeable || high > 1 + noticeable)
        notes.push_back("the keys are not unit vectors (norms " + io::number(low, 3) + " to " + io::number(high, 3) +
                        ") and are used as they are: a kernel that normalises q and k itself must be given and "
                        "checked on normalised ones");
}

template <class Scalar>
Result<Scalar> compute(const Problem<Scalar>& problem, Path path, const JudgeOptions& options, bool with_gradient) {
    Options how{.path = path, .chunk = options.chunk, .threads = options.threads, .progress = {}};
    if (options.progress) how.progress = [&, path](Index done, Index total) { options.progress(path, done, total); };
    return with_gradient ? gradient(problem, how) : forward(problem, how);
}

bool is_f32(const Claim::Entry& entry) { return entry.dtype == io::DType::f32; }

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
double largest_rms(const Result<double>& result, bool of_outputs) {
    double largest = 0;
    for (const Line& line : lines) {
        const Tensor<double>& tensor = result.*line.tensor;
        if (tensor.rank() == 4 && is_output(line.name) == of_outputs) largest = std::max(largest, rms(tensor));
    }
    return largest;
}

/// Compares tensors by name; every claim of ours or theirs goes through here.
TensorReport compare_one(const Line& line, const Tensor<double>& reference, const Claim::Entry& claim,
                         const check::Layout& layout, CompareOptions options) {
    const check::Axes axes = line.axes == by_state ? check::Axes::states : check::Axes::tokens;
    options.precision = check::precision_of(claim.dtype);
    options.layout = layout;
    options.layout.axes = axes;
    return {line.name, claim.dtype, axes, check::compare(reference, claim.values, options)};
}

}  // namespace

Verdict Judgement::verdict(std::size_t tensor) const {
    if (!witness[tensor].comparison.passed) return Verdict::undecided;
    return tensors[tensor].comparison.passed ? Verdict::pass : Verdict::fail;
}

Verdict Judgement::verdict() const {
    if (!names_of(Verdict::fail).empty()) return Verdict::fail;
    return names_of(Verdict::undecided).empty() ? Verdict::pass : Verdict::undecided;
}

std::string Judgement::names_of(Verdict wanted) const {
    std::string names;
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (verdict(i) == wanted) names += (names.empty() ? "" : " ") + tensors[i].name;
    return names;
}

std::string why_undecided(const check::Comparison& witness) {
    if (!witness.non_finite)
        return "the reference's two paths, token by token and in chunks, disagree: " + witness.why;
    const check::Element& at = *witness.non_finite;
    return "the numbers outgrew f64: at " + to_string(at.index) + " the reference is " + io::number(at.reference) +
           " token by token and " + io::number(at.claim) + " in chunks";
}

std::vector<std::string> result_names() {
    std::vector<std::string> names;
    for (const Line& line : lines) names.emplace_back(line.name);
    return names;
}

const Tensor<double>& tensor_named(const Result<double>& result, std::string_view name) {
    return result.*line_of(name).tensor;
}

Shape result_shape(std::string_view name, const Sizes& sizes) { return line_of(name).shape(sizes); }
std::string_view result_axes(std::string_view name) { return line_of(name).axes; }

void require_shapes(const Claim& claim, const Sizes& sizes) {
    for (const Line& line : lines) {
        const auto found = claim.tensors.find(line.name);
        if (found == claim.tensors.end()) continue;
        const Shape &expected = line.shape(sizes), &given = found->second.values.shape();
        require(given == expected, io::quote(line.name) + " must be " + line.axes + " = " + to_string(expected) +
                                       ", got " + to_string(given));
    }
}

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

Judgement judge(Problem<double> problem, const Claim& claim, const JudgeOptions& options) {
    Judge judge(std::move(problem), claim, options);
    while (judge.advance()) {}
    return std::move(judge).found();
}

Judge::Judge(Problem<double> problem, const Claim& claim, JudgeOptions options)
    : problem_(std::move(problem)),
      claim_(claim),
      options_(std::move(options)),
      with_gradient_(claims_gradients(claim)) {
    require_shapes(claim, validate_shapes(problem_));
    note_odd_inputs(problem_, found_.notes);
    if (with_gradient_) assume_upstream(problem_, found_.notes);
    steps_.push_back([this] { run(Path::recurrent, found_.reference); });
    steps_.push_back([this] { run(Path::chunk, witness_); });
    const bool any_f32 = std::any_of(claim.tensors.begin(), claim.tensors.end(),
                                     [](const auto& entry) { return is_f32(entry.second); });
    if (any_f32) steps_.push_back([this] { run_naive_f32(); });
    for (std::size_t i = 0; i < std::size(lines); ++i)
        if (claim.tensors.count(lines[i].name)) steps_.push_back([this, i] { compare(i); });
}

bool Judge::advance() {
    if (next_ < steps_.size()) steps_[next_++]();
    return next_ < steps_.size();
}

void Judge::run(Path path, Result<double>& into) { into = compute(problem_, path, options_, with_gradient_); }

/// A plain token-by-token run in f32: what rounding alone costs.
void Judge::run_naive_f32() {
    Problem<float> rounded = cast_problem<float>(problem_);
    try {
        validate_values(rounded);
    } catch (const Error&) {
        return;  // a number of the problem is beyond f32: there is no such run to compare with
    }
    const Result<float> f = compute(rounded, Path::recurrent, options_, with_gradient_);
    naive_ = {cast<double>(f.o),  cast<double>(f.final_state), cast<double>(f.dq),
              cast<double>(f.dk), cast<double>(f.dv),          cast<double>(f.dg),
              cast<double>(f.db), cast<double>(f.dw),          cast<double>(f.d_initial_state)};
}

void Judge::compare(std::size_t tensor) {
    const Line& line = lines[tensor];
    const Claim::Entry& claimed = claim_.tensors.at(line.name);
    const Tensor<double>&truth = found_.reference.*line.tensor, &second = witness_.*line.tensor;
    const check::Layout layout{.chunk = options_.chunk,
                               .cu_seqlens = problem_.cu_seqlens.value_or(std::vector<Index>{})};
    const check::Kind kind = check::kind_of(line.name);
    const double least = check::smallest_part * largest_rms(found_.reference, is_output(line.name));
    found_.witness.push_back(
        compare_one(line, truth, {second, io::DType::f64}, layout,
                    {.tolerance = check::tolerance(Pair::chunk_recurrent, kind), .least_rms = least}));
    const Pair pair = check::claim_pair(check::precision_of(claimed.dtype));
    CompareOptions how{.tolerance = options_.tolerance.value_or(check::tolerance(pair, kind)),
                       .least_rms = rms_of_difference(truth, second) / check::reference_rounding};
    if (naive_ && is_f32(claimed)) how.low_precision = &((*naive_).*line.tensor);
    found_.tensors.push_back(compare_one(line, truth, claimed, layout, how));
}

}  // namespace gdn2
