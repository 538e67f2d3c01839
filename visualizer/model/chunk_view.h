// One chunk of a run by both forms: the chunkwise path's matrices, and token by token beside them what must be equal.
//   paper  Eqs. 18-25, 35
//   tests  tests/visualizer/model/chunk_view_test.cpp
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "reference/trace/fields.h"
#include "visualizer/model/track.h"

namespace gdn2::viewer {

/// Tokens per chunk, as the Chunk tab has them.
inline constexpr Index chunk_length = 64;

/// The same numbers by both forms, and where they are farthest apart.
struct BothForms {
    Matrix<double> chunkwise, recurrent, difference;  ///< difference: chunkwise - recurrent
    double largest = 0;  ///< |difference|; NaN where any number is not finite
    Index row = 0, col = 0;  ///< where that is: the first NaN, if there is one
    double size = 0;     ///< Frobenius norm of the terms that these numbers are sums of
    double top = 0;      ///< max |number|, of the chunkwise form's finite ones

    /// Whether the difference is no more than the two forms may differ by. Not where any number is not finite.
    bool agree() const;
};

/// All of one chunk. Rows are its tokens: row r is token first + r.
struct ChunkView {
    Index chunk = 0, first = 0, rows = 0;
    std::array<Matrix<double>, trace::field_count> fields;  ///< see field()
    std::array<double, trace::field_count> tops{};          ///< see top()

    BothForms S_0;    ///< [key_dim, value_dim]: before the chunk
    BothForms R;      ///< [rows, value_dim]: what each token writes; recurrent: u
    BothForms O;      ///< [rows, value_dim]: what each token reads, scaled; recurrent: o
    BothForms S_end;  ///< [key_dim, value_dim]: after the chunk

    /// A matrix of the chunkwise path, cut to this chunk's rows: S_0 G gamma E Z T A Y U R Qg A_qk K_tail.
    /// Throws Error for a field of another kind.
    const Matrix<double>& field(trace::Field field) const;
    /// Its max |number|, of the finite ones.
    double top(trace::Field field) const { return tops[static_cast<std::size_t>(field)]; }

    bool agree() const;      ///< S_0, R, O and S_end
    double largest() const;  ///< |difference| of any of those; NaN where any number is not finite
};

/// "agree to 2e-16", "agree exactly", "differ by 0.3", "are not finite numbers".
std::string agreement(const ChunkView& view);

/// The chunks of a track, which must outlive them. The chunkwise path runs once over all tokens; after that a chunk
/// is made when it is asked for, from the state at its start. Not for several threads at once.
class ChunkViews {
public:
    static constexpr std::size_t default_cap_bytes = std::size_t{64} << 20;

    /// Keeps as many start states as `cap_bytes` allows; from the others' predecessors the path runs again. A chunk has
    /// `tokens` tokens, at least 1.
    explicit ChunkViews(const Track& track, std::size_t cap_bytes = default_cap_bytes, Index tokens = chunk_length);

    Index count() const;  ///< of an empty sequence 0

    /// Chunk n. The view stays until two other chunks are asked for. Throws Error when there is none.
    const ChunkView& at(Index n) const;

    std::size_t state_bytes() const;  ///< of the start states

private:
    Matrix<double> start_of(Index n) const;
    ChunkView make(Index n) const;

    const Track& track_;
    Index tokens_;
    Index stride_ = 1;                     ///< chunks between kept start states
    std::vector<Matrix<double>> starts_;   ///< of chunks 0, stride, 2 stride, ...
    mutable std::unique_ptr<const ChunkView> view_, previous_;
};

}  // namespace gdn2::viewer
