// What the axes of a tensor of results or of a trace mean: how it is laid out for a comparison, where an element of it
// lies, and what of it belongs to one head.
//   tests  tests/visualizer/model/tensor_place_test.cpp
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/check/localise.h"
#include "reference/delta_rule/problem.h"
#include "reference/trace/fields.h"

namespace gdn2::viewer {

/// Where an element lies.
struct ElementPlace {
    static constexpr Index no_token = -1;

    Index sequence = 0, head = 0;  ///< head: of the value heads, the first one where the tensor is by key head
    Index token = no_token;        ///< of the sequence; of a chunk's state the chunk's first; none: a final state
    Index row = 0, col = 0;        ///< in the matrix that slice() gives for this place

    bool operator==(const ElementPlace&) const = default;
};

/// One tensor of a problem: a result by its name, or a field.
class TensorPlace {
public:
    TensorPlace(const Problem<double>& problem, std::string_view result);
    /// Chunks have `chunk` tokens. `last_rows`: of each chunk only the last row counts (what kernels keep of gamma).
    TensorPlace(const Problem<double>& problem, trace::Field field, Index chunk, bool last_rows = false);

    /// With the four axes that check::compare localises in, and what those mean. The tensor must have its own shape.
    Tensor<double> laid_out(const Tensor<double>& tensor) const;
    check::Layout layout() const;
    /// Where the element of that index in laid_out() lies.
    ElementPlace place_of(const std::vector<Index>& index) const;

    /// What of a tensor belongs to a sequence and a value head: the rows of all tokens; or a state, the one of `token`
    /// where there are several; or the matrix of the chunk that holds it; or the last rows of all chunks. Throws Error
    /// for a sequence, head or token that is not there.
    Matrix<double> slice(const Tensor<double>& tensor, Index sequence, Index head, Index token) const;
    const char* row_axis() const;  ///< of a slice: "token", "row of chunk", "chunk", "key channel"
    const char* col_axis() const;  ///< "channel", "row of chunk", "value channel"
    bool by_token() const;         ///< whether a slice depends on the token

private:
    enum class Kind {
        rows,          ///< [batch, length, heads, channels]
        token_states,  ///< [batch, length, heads, key_dim, value_dim]
        states,        ///< [sequences, heads, key_dim, value_dim]
        chunk_rows,    ///< [chunks, heads, rows, channels]
        chunk_states,  ///< [chunks, heads, key_dim, value_dim]
        chunk_last,    ///< [chunks, heads, rows, channels], of which each chunk's last row counts
    };
    struct Span {
        Index batch, first, length, first_chunk, chunks;
    };

    TensorPlace(const Problem<double>& problem, Kind kind, Index chunk, Index group);
    Index rows_of_chunk(Index chunk) const;
    Index sequence_of_chunk(Index chunk) const;
    ElementPlace token_place(Index batch, Index t) const;
    ElementPlace chunk_place(Index chunk) const;

    Kind kind_;
    Index group_ = 1;   ///< value heads for each head of the tensor
    Index chunk_ = 64;  ///< rows of a chunk as they are stored
    bool square_ = false;
    Index values_ = 0;
    std::vector<Index> cu_seqlens_;
    std::vector<Span> sequences_;
};

}  // namespace gdn2::viewer
