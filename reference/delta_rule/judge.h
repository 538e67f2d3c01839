// Somebody's results against the float64 reference, tensor by tensor.
// The reference is the token-by-token path; the chunkwise path must agree with it first (two witnesses). A tensor
// on which they disagree is undecided: float64 cannot judge it, and the claim is not blamed.
//   tests  tests/reference/delta_rule/judge_test.cpp, tests/tools/gdn2/check_test.cpp
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/check/compare.h"
#include "reference/delta_rule/heads.h"
#include "reference/delta_rule/problem_file.h"

namespace gdn2 {

/// A tensor is undecided where the reference's own two paths disagree on it: nothing is held against the claim.
enum class Verdict { pass, fail, undecided };

/// One tensor of the claim against the reference.
struct TensorReport {
    std::string name;                  ///< "dq"
    io::DType dtype = io::DType::f64;  ///< of the claim, as its file held it
    check::Axes axes = check::Axes::tokens;
    check::Comparison comparison;
};

/// What was found.
struct Judgement {
    std::vector<std::string> notes;     ///< what was assumed, and what looks odd about the input
    std::vector<TensorReport> tensors;  ///< the claim's, in the order o final_state dq dk ...
    std::vector<TensorReport> witness;  ///< the reference's second path (chunk) against its first, same order
    Result<double> reference;           ///< without gradients where the claim has none

    Verdict verdict(std::size_t tensor) const;
    Verdict verdict() const;  ///< fail when any tensor fails, else undecided when any is, else pass

    /// "dk dg": the tensors of that verdict.
    std::string names_of(Verdict wanted) const;
};

/// Why the reference cannot be relied on for a tensor, from its second path held against its first.
std::string why_undecided(const check::Comparison& witness);

/// How to judge.
struct JudgeOptions {
    Index chunk = 64;                   ///< the claim's chunk length, to say where errors lie
    int threads = 0;                    ///< <= 0: all
    std::optional<double> tolerance{};  ///< for every tensor; absent: by the claim's format
    std::function<void(Path path, Index done, Index total)> progress = {};  ///< may be empty
};

/// The names of a result's tensors, in the order in which they are reported.
std::vector<std::string> result_names();

/// The tensor of that name in a result. Throws Error for a name that is none.
const Tensor<double>& tensor_named(const Result<double>& result, std::string_view name);

/// The shape that a result's tensor must have, and in words. Throws Error for a name that is none.
Shape result_shape(std::string_view name, const Sizes& sizes);
std::string_view result_axes(std::string_view name);  ///< "[batch, length, value_heads, value_dim]"

/// Throws Error naming the first of the claim's tensors whose shape does not fit.
void require_shapes(const Claim& claim, const Sizes& sizes);

/// The loss is <o, d_o> + <final_state, d_final_state>. What the problem does not give is assumed, and said.
void assume_upstream(Problem<double>& problem, std::vector<std::string>& notes);

/// Runs the reference by both paths and holds the claim's tensors against it. Throws Error as require_shapes and
/// forward() do.
Judgement judge(Problem<double> problem, const Claim& claim, const JudgeOptions& options = {});

/// The same in steps, for who must not be kept waiting: three runs at most, then a tensor at a time.
class Judge {
public:
    /// `claim` must outlive it. Throws Error as require_shapes does.
    Judge(Problem<double> problem, const Claim& claim, JudgeOptions options = {});
    Judge(const Judge&) = delete;
    Judge& operator=(const Judge&) = delete;

    std::size_t steps() const { return steps_.size(); }
    /// Does the next step. Returns whether more is to do.
    bool advance();
    const Judgement& found() const& { return found_; }
    Judgement found() && { return std::move(found_); }

private:
    void run(Path path, Result<double>& into);
    void run_naive_f32();
    void compare(std::size_t tensor);

    Problem<double> problem_;
    const Claim& claim_;
    JudgeOptions options_;
    bool with_gradient_;
    Result<double> witness_;
    std::optional<Result<double>> naive_;
    Judgement found_;
    std::vector<std::function<void()>> steps_;  ///< all of them
    std::size_t next_ = 0;
};

}  // namespace gdn2
