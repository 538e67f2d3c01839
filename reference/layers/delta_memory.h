// The memory of the delta family over a batch, token by token or chunk by chunk, whichever is faster for its size.
//     o = the rule's outputs, with e = b * k and z = w * v
// Measured in float, forward and backward, one head of 512 tokens: at 16 x 16 token by token (memory_scan.h) takes 0.31
// of the time of chunks of 16, at 32 x 32 0.61, at 48 x 48 1.5, at 128 x 128 2.5.
//   paper  Eqs. 8-10, 18-28
//   tests  tests/reference/layers/delta_memory_test.cpp
#pragma once

#include <vector>

#include "reference/delta_rule/chunk.h"
#include "reference/layers/memory_scan.h"

namespace gdn2 {

/// q and k have their norms; b, w and g may be absent (no columns): nothing erased, all written, nothing forgotten.
/// A gradient is a value of the same type with the same matrices absent.
template <class Scalar>
struct DeltaMemoryInput {
    Matrix<Scalar> q, k, b;   ///< [tokens, key_heads * key_dim]
    Matrix<Scalar> v, w;      ///< [tokens, value_heads * value_dim]
    Matrix<Scalar> g;         ///< as of the keys, or [tokens, value_heads] where g_of_heads
    bool g_of_heads = false;  ///< then there are as many key heads as value heads
    Scalar scale = Scalar(1);
};

/// What forward keeps for backward: of the one way or of the other.
template <class Scalar>
struct DeltaMemoryKept {
    ScanInput<Scalar> scan;
    ScanKept<Scalar> states;
    std::vector<ChunkStarts<Scalar>> starts;  ///< [batch * value_heads]
};

/// Whether a head of this size goes chunk by chunk.
bool goes_in_chunks(const ScanSizes& sizes);

/// o [tokens, value_heads * value_dim] from empty memories. Fills `kept` unless null. Throws Error as memory_scan.
/// In float this and its backward give way to a device that a program has set (delta_device.h).
template <class Scalar>
Matrix<Scalar> delta_memory(const DeltaMemoryInput<Scalar>& x, const ScanSizes& sizes, Batch batch,
                            DeltaMemoryKept<Scalar>* kept = nullptr);

/// Gradients of <o, d_o>.
template <class Scalar>
DeltaMemoryInput<Scalar> delta_memory_backward(const DeltaMemoryInput<Scalar>& x, const ScanSizes& sizes, Batch batch,
                                               const DeltaMemoryKept<Scalar>& kept, const Matrix<Scalar>& d_o);

/// One token of one sequence: inputs of one row; edits S [value_heads, key_dim, value_dim]. Returns o, one row.
template <class Scalar>
Matrix<Scalar> delta_memory_step(const DeltaMemoryInput<Scalar>& x, const ScanSizes& sizes, std::vector<Scalar>& S);

}  // namespace gdn2
