// Keeps the intermediate tensors of a run, as doubles, while an operator computes them.
// Operators call record() inside their loops; without a recorder that costs one comparison of a pointer.
//   tests  tests/reference/trace/recorder_test.cpp
#pragma once

#include <vector>

#include "reference/core/tensor.h"
#include "reference/trace/fields.h"

namespace gdn2::trace {

/// Sizes of what is recorded, in words.
struct RecorderSizes {
    Index batch = 0, length = 0, value_heads = 0, key_dim = 0, value_dim = 0;
    Index chunk = 64;  ///< rows per chunk
    std::vector<Index>
        cu_seqlens;  ///< packed batch: [0, ..., length]; empty: every batch row is one sequence
};

/// Tensors of the wanted fields. Not for several threads at once: run the operator on one while recording.
class Recorder {
public:
    static constexpr Index default_cap_bytes = Index(4) << 30;

    /// Allocates every wanted field. Throws Error, before it allocates, when they need more than `cap_bytes`.
    Recorder(std::vector<Field> wanted, RecorderSizes sizes, Index cap_bytes = default_cap_bytes);

    bool wants(Field field) const { return slot_of_[static_cast<std::size_t>(field)] >= 0; }

    /// What follows belongs to this sequence and value head.
    void enter(Index sequence, Index value_head);

    /// Where a matrix of `rows` x `cols` goes that the field has at `position` (a token of the entered
    /// sequence, or for a chunk field a chunk of it): its first number and the distance between its rows.
    /// What the matrix does not reach is zero. Throws Error when the matrix does not fit. For record(); call
    /// that.
    struct Place {
        double* first;
        Index row_stride;
    };
    Place place(Field field, Index position, Index rows, Index cols);

    const std::vector<Field>& wanted() const { return wanted_; }
    const RecorderSizes& sizes() const { return sizes_; }

    /// Leading axes by the field's kind, trailing ones by its axes (fields.h).
    Shape shape_of(Field field) const;

    /// The recorded numbers; NaN where nothing has been recorded. Throws Error when the field was not wanted.
    const Tensor<double>& tensor(Field field) const;

    /// Whether every position of the field has been recorded.
    bool complete(Field field) const;

    /// For each chunk, in order: its first token (index along length) and its sequence.
    const std::vector<Index>& chunk_starts() const { return chunk_starts_; }
    const std::vector<Index>& chunk_sequence() const { return chunk_sequence_; }

private:
    struct Span {
        Index batch, first_token, length, first_chunk, chunks;
    };
    struct Slot {
        Tensor<double> values;
        std::vector<bool> recorded;  ///< per matrix
    };

    void lay_out_sequences();
    void require_memory(Index cap_bytes) const;
    Index index_of(const FieldInfo& line, Index position) const;

    std::vector<Field> wanted_;
    RecorderSizes sizes_;
    std::vector<Span> sequences_;
    std::vector<Index> chunk_starts_, chunk_sequence_;
    std::vector<Slot> slots_;
    std::vector<Index> slot_of_;  ///< by field; -1: not wanted
    Index sequence_ = 0, value_head_ = 0;
};

/// Records `values` as the field's matrix (or vector, lying or standing) at `position`: a token of the
/// sequence, or a chunk of it. Does nothing when `recorder` is null or does not want the field.
template <class Expression>
void record(Recorder* recorder, Field field, Index position, const Eigen::DenseBase<Expression>& values) {
    if (!recorder || !recorder->wants(field)) return;
    const auto evaluated = values.derived().eval();
    const Recorder::Place place = recorder->place(field, position, evaluated.rows(), evaluated.cols());
    for (Index i = 0; i < evaluated.rows(); ++i)
        for (Index j = 0; j < evaluated.cols(); ++j)
            place.first[i * place.row_stride + j] = value_of(evaluated(i, j));
}

}  // namespace gdn2::trace
