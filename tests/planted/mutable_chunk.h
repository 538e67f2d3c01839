// The rule once more, in float64 for one head, able to make any of the mistakes in mutants.def.
//
// An independent statement: the paper's literal form (Eqs. 19-25, Appendix B), with keys divided by the decay
// so far, K_bar = k / gamma, and gradients by gamma itself. It shares no code with reference/delta_rule,
// which forms neither. The price is overflow under strong decay, once the -g of a chunk add up to about 350.
//   paper  Eqs. 8-10, 18-28, 49-82
//   tests  tests/planted/mutants_test.cpp (with no mistake it agrees with the library, with one not)
#pragma once

#include "reference/core/matrix.h"
#include "tests/planted/mutants.h"

namespace gdn2::planted {

/// One sequence of one head, and the gradients that arrive from above.
struct Inputs {
    Matrix<double> q, k, g, b;                    ///< [length, key_dim]
    Matrix<double> v, w, d_o;                     ///< [length, value_dim]
    Matrix<double> initial_state, d_final_state;  ///< [key_dim, value_dim]
    double scale = 1;
};

/// Shapes as their inputs. The recurrence leaves the gradients empty.
struct Outputs {
    Matrix<double> o, final_state;
    Matrix<double> dq, dk, dv, dg, db, dw, d_initial_state;
};

/// Token by token, forward only. Obeys mutants of Place::recurrence and Place::both.
Outputs mutable_recurrence(const Inputs& x, const Mutants& mutants = {});

/// Chunk by chunk, forward and adjoint. Obeys mutants of Place::chunk, Place::both and Place::adjoint.
Outputs mutable_chunk(const Inputs& x, const Mutants& mutants = {}, Index chunk_length = 64);

/// Every matrix of one chunk of length C, under the paper's names.
struct ChunkForward {
    Index first, length;
    Matrix<double> q, k, v, b, w;      ///< the chunk's rows; q already scaled
    Matrix<double> gamma, E, Qg;       ///< [C, key_dim]    Eqs. 18-20
    Matrix<double> K_bar, K_tail;      ///< [C, key_dim]    Eqs. 19, 23
    Matrix<double> Z, U, R;            ///< [C, value_dim]  Eqs. 20, 22, 35
    Matrix<double> A, A_qk;            ///< [C, C]          Eqs. 21, 25
    Matrix<double> Y;                  ///< [C, key_dim]    Eq. 22
    Matrix<double> gamma_C;            ///< [1, key_dim]
    Matrix<double> S_0;                ///< [key_dim, value_dim]
};

/// The adjoint of one chunk: fills the chunk's rows of `out`. dS comes in as the gradient by the state after
/// the chunk and goes out as the gradient by S_0. `carry` [1, key_dim] belongs to Mutant::dg_across_chunks.
void mutable_chunk_backward(const ChunkForward& c, const Inputs& x, const Mutants& mutants,
                            Matrix<double>& dS, Matrix<double>& carry, Outputs& out);

/// M with everything above its `diagonal` set to 0; 0 is the main diagonal, -1 the one below.
Matrix<double> lower(Matrix<double> M, Index diagonal);

}  // namespace gdn2::planted
