// Every number that the viewer can show, by name and index, and the formula that makes it.
//   tests  tests/visualizer/model/number_test.cpp
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reference/trace/formula.h"
#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// One number of the run in view. `tensor` is an id of fields.def, an array of the problem, or a gradient. Indices are
/// those of fields.def: S {t,i,j}, alpha {t,i}, T {n,r,s}, K_tail {n,r,i}; k {t,i}, dv {t,j}, initial_state {i,j},
/// scale {}.
struct Number {
    std::string tensor;
    std::vector<Index> index;

    bool operator==(const Number&) const = default;
};

/// What is known of a tensor.
struct TensorLine {
    std::string_view id, symbol;
    std::string equation;      ///< "Eq. 9", "adjoint of Eq. 9"; empty for what is given
    std::string letters;       ///< its indices: "tij"
    std::string_view formula;  ///< in the notation of fields.def; empty for what is given
};

/// All there are: the fields, the gradients by the problem and d_initial_state dz dr, and the problem's arrays.
std::span<const TensorLine> tensor_lines();

/// Throws Error when there is none of that name.
const TensorLine& tensor_line(std::string_view id);

/// The numbers of the run in view, as formulas ask for them. `session` must outlive it, and stay as it is.
class Numbers {
public:
    explicit Numbers(const Session& session);
    ~Numbers();
    Numbers(const Numbers&) = delete;
    Numbers& operator=(const Numbers&) = delete;

    /// Throws Error: which tensor there is not, or which index.
    double at(const Number& number) const;

    /// What the formula of a number may read; it looks here, so this must outlive it. Before the first token and behind
    /// the last are the states handed in, decays that keep everything, and zeros.
    trace::Scope scope_of(const Number& number) const;

    /// Where a number that a formula read is shown; none for what lies outside the run.
    std::optional<Number> shown(const trace::Read& read) const;

private:
    using At = std::span<const Index>;
    struct Source;
    const Source& source(std::string_view id) const;
    Source source_of(std::string_view id) const;
    double value(const Source& source, At at) const;
    double outside(const Source& source, At at) const;
    bool within(const Source& source, At at) const;
    Index size_of(char letter, At at) const;
    Index rows_of(Index chunk) const;
    const Matrix<double>& chunk_matrix(trace::Field field, Index n) const;

    const Session& session_;
    const Track& track_;
    mutable std::vector<Source> sources_;  ///< of the names asked for so far
    mutable const ChunkView* chunk_ = nullptr;
};

/// A number of the run in view. Throws Error: which tensor there is not, or which index.
double value_of(const Session& session, const Number& number);

}  // namespace gdn2::viewer
