// See chunk.h.
#include "reference/delta_rule/chunk.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"
#include "reference/delta_rule/wy.h"

namespace gdn2 {
namespace {

/// Records a chunk's matrices. S_0 is the state at its start, R what its tokens write.
template <class Scalar>
void record_chunk(trace::Recorder* recorder, Index n, const Rows<Scalar>& g, const WY<Scalar>& c,
                  const Matrix<Scalar>& S_0, const Matrix<Scalar>& R) {
    using trace::Field;
    if (!recorder) return;
    record(recorder, Field::S_0, n, S_0);
    record(recorder, Field::G, n, cumulative(g));
    record(recorder, Field::gamma, n, c.gamma);
    record(recorder, Field::E, n, c.E);
    record(recorder, Field::Z, n, c.Z);
    record(recorder, Field::T, n, c.T);
    record(recorder, Field::A, n, c.A);
    record(recorder, Field::Y, n, c.Y);
    record(recorder, Field::U, n, c.U);
    record(recorder, Field::R, n, R);
    record(recorder, Field::Qg, n, c.Qg);
    record(recorder, Field::A_qk, n, c.A_qk);
    record(recorder, Field::K_tail, n, c.K_tail);
}

}  // namespace

template <class Scalar>
Forward<Scalar> chunk(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state, Index chunk_length,
                      ChunkStarts<Scalar>* starts, trace::Recorder* recorder) {
    require_chunk_length(chunk_length);
    Matrix<Scalar> S = initial_state, o(x.length(), x.value_dim());
    for (Index first = 0; first < x.length(); first += chunk_length) {
        const Index length = std::min(chunk_length, x.length() - first);
        const Sequence<Scalar> tokens = span_of(x, first, length);
        const WY<Scalar> c = wy(tokens);
        if (starts) starts->push_back(S);

        Matrix<Scalar> R = c.U;
        R.noalias() -= c.Y * S;                                          // Eq. 35
        record_chunk(recorder, first / chunk_length, tokens.g, c, S, R);

        auto O = o.middleRows(first, length);
        O.noalias() = c.Qg * S;
        O.noalias() += c.A_qk.template triangularView<Eigen::Lower>() * R;
        O *= x.scale;                                                    // Eq. 24

        S.noalias() = c.gamma_C().asDiagonal() * S;
        S.noalias() += c.K_tail.transpose() * R;                         // Eq. 23
    }
    return {std::move(o), std::move(S)};
}

#define GDN2_DECLARE(Scalar)                                                                            \
    template Forward<Scalar> chunk(const Sequence<Scalar>&, const Matrix<Scalar>&, Index,               \
                                   ChunkStarts<Scalar>*, trace::Recorder*);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
