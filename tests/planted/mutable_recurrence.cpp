// The rule of mutable_chunk.h token by token (Eqs. 8-10), with the mistakes one can make there.
//   tests  tests/planted/mutants_test.cpp
#include <cmath>
#include <numbers>

#include "tests/planted/mutable_chunk.h"

namespace gdn2::planted {
namespace {

using enum Mutant;

Vector<double> mean_of(const Vector<double>& x) { return Vector<double>::Constant(x.size(), x.mean()); }

struct Step {
    Vector<double> q, k, v, alpha, b, w;
};

Step step_of(const Inputs& x, Index t, const Mutants& m) {
    Step s{x.q.row(t), x.k.row(t), x.v.row(t), x.g.row(t), x.b.row(t), x.w.row(t)};
    s.alpha = (m.contains(base_two_decay) ? std::numbers::ln2 * s.alpha : s.alpha).array().exp();
    if (m.contains(mean_erase_gate)) s.b = mean_of(s.b);
    if (m.contains(mean_write_gate)) s.w = mean_of(s.w);
    if (m.contains(gates_swapped)) std::swap(s.b, s.w);
    return s;
}

/// The residual u. `S` is the state that is read: S' unless the erase comes before the decay.
Vector<double> residual(const Step& s, const Matrix<double>& S, const Mutants& m) {
    const Vector<double> z = s.w.cwiseProduct(s.v), r = S.transpose() * s.b.cwiseProduct(s.k);   // Eq. 8
    if (m.contains(write_gate_on_residual)) return s.w.cwiseProduct(s.v - r);
    if (m.contains(erase_adds)) return z + r;
    return z - r;
}

/// S_t from S_{t-1}.   Eq. 9
Matrix<double> edit(const Step& s, const Matrix<double>& before, const Matrix<double>& decayed,
                    const Mutants& m) {
    if (m.contains(decay_after_write))
        return s.alpha.asDiagonal() * (before + s.k * residual(s, before, m).transpose());
    if (m.contains(erase_before_decay)) return decayed + s.k * residual(s, before, m).transpose();
    if (m.contains(erase_gate_on_written_key)) {
        const Vector<double> z = s.w.cwiseProduct(s.v), r = decayed.transpose() * s.k;
        return decayed + s.k * z.transpose() - s.b.cwiseProduct(s.k) * r.transpose();
    }
    return decayed + s.k * residual(s, decayed, m).transpose();
}

}  // namespace

Outputs mutable_recurrence(const Inputs& x, const Mutants& m) {
    Outputs out;
    out.o.resize(x.v.rows(), x.v.cols());
    Matrix<double> S = x.initial_state;
    for (Index t = 0; t < x.q.rows(); ++t) {
        const Step s = step_of(x, t, m);
        Matrix<double> decayed = s.alpha.asDiagonal() * S;
        if (m.contains(decay_on_value_axis)) decayed = S * s.alpha.asDiagonal();
        S = edit(s, S, decayed, m);
        out.o.row(t) = x.scale * s.q.transpose() * (m.contains(read_before_write) ? decayed : S);   // Eq. 10
    }
    out.final_state = S;
    return out;
}

}  // namespace gdn2::planted
