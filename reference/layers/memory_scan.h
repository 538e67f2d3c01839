// The one recurrence under every rule with a matrix memory, for training: all heads of a batch at once, token by
// token, with the state of a head held in cache (in registers where its dims are known when compiling).
//     S' = Diag(exp(g)) S      r = S'^T e      S = S' + k (z - r)^T      o = scale S^T q
//   Gated DeltaNet-2  e = b * k, z = w * v             KDA, Gated DeltaNet, DeltaNet  e = beta k, z = beta v
//   Mamba-2  no e, z = dt x, g = dt A                  Mamba-3  no e, z = c x (its single-write form)
//   paper  Eqs. 8-10          cost  9 length key_dim value_dim forward, 18 backward, and a state every span of tokens
//   tests  tests/reference/layers/memory_scan_test.cpp, against delta_rule and baselines
#pragma once

#include <optional>
#include <vector>

#include "reference/core/matrix.h"
#include "reference/layers/batch.h"

namespace gdn2 {

/// Heads of the scan. value_heads is a multiple of key_heads; value head j reads key head j / group().
struct ScanSizes {
    Index key_heads = 1, value_heads = 1, key_dim = 1, value_dim = 1;

    Index group() const { return value_heads / key_heads; }
    bool operator==(const ScanSizes&) const = default;
};

/// Inputs as activations [batch * length, heads * dim], the layout of [batch, length, heads, dim].
template <class Scalar>
struct ScanInput {
    Matrix<Scalar> q, k;  ///< [tokens, key_heads * key_dim]
    Matrix<Scalar> e;     ///< the same, or without columns: no erase
    Matrix<Scalar> z;     ///< [tokens, value_heads * value_dim]
    Matrix<Scalar> g;     ///< log-decay <= 0 of key channels [tokens, key_heads * key_dim], or no columns: none
    bool g_of_heads = false;  ///< g is [tokens, value_heads] instead: one number for all channels of a value head
    Scalar scale = Scalar(1);
};

/// Gradients, each of the shape of its input.
template <class Scalar>
struct ScanGradient {
    Matrix<Scalar> dq, dk, de, dz, dg;
};

/// States at the start of every span of tokens, of every sequence and value head: what the adjoint starts from.
template <class Scalar>
struct ScanKept {
    Index span = 0;
    std::vector<Scalar> starts;  ///< [batch, value_heads, spans, key_dim, value_dim]
};

/// Throws Error, by name, on shapes that disagree with each other, with `sizes` or with `batch`.
template <class Scalar>
void require_scan(const ScanInput<Scalar>& x, const ScanSizes& sizes, Batch batch);

/// o [tokens, value_heads * value_dim], from states of zeros. Fills `kept` unless null. Throws Error on shapes that
/// disagree, by name.
template <class Scalar>
Matrix<Scalar> memory_scan(const ScanInput<Scalar>& x, const ScanSizes& sizes, Batch batch,
                           ScanKept<Scalar>* kept = nullptr);

/// Gradients of <o, d_o>, given what the forward pass kept. Throws Error when d_o has not the shape of o.
template <class Scalar>
ScanGradient<Scalar> memory_scan_backward(const ScanInput<Scalar>& x, const ScanSizes& sizes, Batch batch,
                                          const ScanKept<Scalar>& kept, const Matrix<Scalar>& d_o);

/// One token of one sequence: inputs of one row; edits S [value_heads, key_dim, value_dim]. Returns o, one row.
template <class Scalar>
Matrix<Scalar> memory_step(const ScanInput<Scalar>& x, const ScanSizes& sizes, std::vector<Scalar>& S);

}  // namespace gdn2
