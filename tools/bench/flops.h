// How many floating-point operations each pass is credited with, per token and head: its products, and
// nothing else. A multiply and an add are two. C is the chunk length, K and V the dimensions of keys and
// values. Triangles are counted as the full squares that a dense product would take, so that GF/s can be held
// against the rate of a dense product; exponentials, elementwise work and copies earn nothing.
//   tests  tests/tools/bench/flops_test.cpp
#pragma once

#include "reference/delta_rule/heads.h"

namespace gdn2::bench {

/// What is timed of a path.
enum class Pass {
    forward,   ///< outputs and final state, head by head
    backward,  ///< the adjoint alone, head by head, given what the forward pass keeps for it
    run,       ///< forward() of a whole problem: also stores each head's results where they belong
    grad,      ///< gradient() of a whole problem: forward and backward, and the storing
};

/// "recurrent", "chunk", "residual".
constexpr const char* name_of(Path path) {
    constexpr const char* names[] = {"recurrent", "chunk", "residual"};
    return names[static_cast<int>(path)];
}

/// "forward", "backward", "run", "grad".
constexpr const char* name_of(Pass pass) {
    constexpr const char* names[] = {"forward", "backward", "run", "grad"};
    return names[static_cast<int>(pass)];
}

/// Sizes of one head.
struct HeadSizes {
    double key_dim, value_dim, chunk;
};

/// decay S (1), read S^T e (2), write k u^T (2), read S^T q (2): 7 K V.
constexpr double recurrent_forward_flops(HeadSizes n) { return 7 * n.key_dim * n.value_dim; }

/// The rule runs twice more, to find the span starts and then the states inside a span (2 x 7 K V). Of a
/// token: Diag(alpha) S (1), S'^T e, S do, q do^T, dS u, dS^T k, S' dr, e dr^T, dS * S' (2 each), Diag(alpha)
/// dS (1): 18 K V.
constexpr double recurrent_backward_flops(HeadSizes n) { return (2 * 7 + 18) * n.key_dim * n.value_dim; }

/// T, A_qk and Y = A E (2 C K each), U = A Z and A_qk R (2 C V each), Y S, Qg S and K_tail^T R (2 K V each),
/// and the inverse A (C^2 / 3).
constexpr double chunk_forward_flops(HeadSizes n) {
    return 6 * n.chunk * n.key_dim + 4 * n.chunk * n.value_dim + 6 * n.key_dim * n.value_dim +
           n.chunk * n.chunk / 3;
}

/// Rebuilt: T, A_qk, Y, U and A as above, R = U - Y S (2 K V). dO S^T, Qg^T dO, R dS^T, K_tail dS, dR S^T,
/// Y^T dR (2 K V each), dO R^T, A_qk^T dO, dU Z^T, A^T dU (2 C V each), dY E^T, A^T dY (2 C K each), A^T dA
/// A^T (4 C^2), and both factors of both decayed products (8 C K).
constexpr double chunk_backward_flops(HeadSizes n) {
    const double rebuilt = 6 * n.chunk * n.key_dim + 2 * n.chunk * n.value_dim + 2 * n.key_dim * n.value_dim +
                           n.chunk * n.chunk / 3;
    return rebuilt + 12 * n.key_dim * n.value_dim + 8 * n.chunk * n.value_dim + 12 * n.chunk * n.key_dim +
           4 * n.chunk * n.chunk;
}

/// T and A_qk (2 C K each), the solve for R and A_qk R (2 C V each), E S, Qg S and K_tail^T R (2 K V each).
constexpr double residual_forward_flops(HeadSizes n) {
    return 4 * n.chunk * n.key_dim + 4 * n.chunk * n.value_dim + 6 * n.key_dim * n.value_dim;
}

/// Rebuilt: T, A_qk, E S and the solve. R dS^T, K_tail dS, dO S^T, Qg^T dO, dX S^T, E^T dX (2 K V each), dO
/// R^T, A_qk^T dO, the solve for dX, dX R^T (2 C V each), and both factors of both decayed products (8 C K).
constexpr double residual_backward_flops(HeadSizes n) {
    const double rebuilt = 4 * n.chunk * n.key_dim + 2 * n.chunk * n.value_dim + 2 * n.key_dim * n.value_dim;
    return rebuilt + 12 * n.key_dim * n.value_dim + 8 * n.chunk * n.value_dim + 8 * n.chunk * n.key_dim;
}

/// Floating-point operations per token and head.
constexpr double flops(Path path, Pass pass, HeadSizes n) {
    if (pass == Pass::grad) return flops(path, Pass::forward, n) + flops(path, Pass::backward, n);
    const bool forward = pass != Pass::backward;
    switch (path) {
        case Path::recurrent:
            return forward ? recurrent_forward_flops(n) : recurrent_backward_flops(n);
        case Path::chunk:
            return forward ? chunk_forward_flops(n) : chunk_backward_flops(n);
        case Path::residual:
            return forward ? residual_forward_flops(n) : residual_backward_flops(n);
    }
    return 0;
}

}  // namespace gdn2::bench
