// Two things that should be equal: what a file holds against the reference computed again in f64, or against another
// file, tensor by tensor with a verdict.
//   maths  reference/check/compare.h, tolerances.h, localise.h; reference/delta_rule/judge.h
//   tests  tests/visualizer/model/difference_test.cpp
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reference/delta_rule/judge.h"
#include "reference/trace/recorder.h"
#include "reference/trace/trace_file.h"
#include "visualizer/model/tensor_place.h"

namespace gdn2::viewer {

/// What a file holds: results and recorded fields. Points into it.
struct Side {
    std::string name;  ///< as it is shown
    const Claim* claim = nullptr;
    const std::map<trace::Field, Tensor<double>>* recorded = nullptr;
    const Problem<double>* problem = nullptr;  ///< null: the file has none of its own
    std::optional<trace::TraceMeta> meta;      ///< of a trace
};

/// One tensor on both sides.
struct ComparedTensor {
    std::string name;                     ///< "o", "A"
    std::optional<trace::Field> field{};  ///< empty: a result
    check::Precision precision = check::Precision::f64;  ///< what the candidate was computed in
    bool refused = false;                 ///< it cannot be compared: `why` says why
    bool compared = false;                ///< what follows is known
    Verdict verdict = Verdict::undecided;
    std::string why{};                    ///< in a line: why it fails, is undecided or is refused
    check::Comparison comparison{};
    std::optional<ElementPlace> first_bad{};     ///< earliest wrong element
    std::optional<ElementPlace> worst{};         ///< largest difference, or the first number that is not finite

};

/// The comparison of everything that both sides have. What is given must outlive it. Not for several threads at once.
class Difference {
public:
    /// `candidate` against the reference run on `problem`, or against `reference` where there is one.
    Difference(const Problem<double>& problem, Side candidate, std::optional<Side> reference = std::nullopt);
    Difference(const Difference&) = delete;
    Difference& operator=(const Difference&) = delete;

    const std::string& candidate_name() const { return candidate_.name; }
    std::string reference_name() const;

    /// Results in their order, then fields in theirs.
    const std::vector<ComparedTensor>& tensors() const { return tensors_; }
    /// By name; null where there is none.
    const ComparedTensor* find(const std::string& name) const;
    /// The first that fails, else the first; null where there is none.
    const ComparedTensor* most_interesting() const;
    /// What was assumed, and what is odd.
    const std::vector<std::string>& notes() const { return notes_; }

    /// Does the next piece: a run of the reference or the comparison of a tensor. Returns whether more is to do.
    bool work();
    bool complete() const { return pieces_.empty(); }
    /// About how long what is left takes.
    double seconds_left() const;
    /// The same in words; empty when nothing is left.
    std::string cost() const;

    const Problem<double>& problem() const { return problem_; }
    /// The tensor's axes.
    TensorPlace place_of(const ComparedTensor& tensor) const;
    /// Candidate and reference themselves. The reference is null where it is a field computed again: not kept.
    const Tensor<double>& candidate_of(const ComparedTensor& tensor) const;
    const Tensor<double>* reference_of(const ComparedTensor& tensor) const;
    double tolerance_of(const ComparedTensor& tensor) const;
    Index chunk() const;  ///< tokens per chunk of the candidate's fields

private:
    struct Piece {
        double seconds;
        std::function<void()> run;
    };
    struct Standard {
        check::Precision precision;
        check::Pair pair;
    };

    void admit(ComparedTensor& tensor);
    void plan();
    void plan_fields(trace::Kind kind);
    void plan_run(trace::Kind kind, const std::vector<std::size_t>& group);
    Shape shape_of(const ComparedTensor& tensor) const;
    Standard standard_of(const ComparedTensor& tensor) const;
    bool only_last_rows(const ComparedTensor& tensor) const;
    void record(trace::Kind kind, trace::Recorder& recorder);
    void plan_results();
    void take_judged();
    void compare(ComparedTensor& tensor, const Tensor<double>& reference);
    void conclude(ComparedTensor& tensor, check::Comparison comparison, Verdict verdict);
    void compare_inputs();
    void note(const std::vector<std::string>& notes);

    const Problem<double>& problem_;
    Sizes sizes_;
    Side candidate_;
    std::optional<Side> reference_;
    std::vector<ComparedTensor> tensors_;
    std::vector<std::string> notes_;
    std::deque<Piece> pieces_;
    Claim admitted_;  ///< the candidate's results that fit
    std::unique_ptr<Judge> judge_;
};

}  // namespace gdn2::viewer
