// See ledger.h.
#include "reference/delta_rule/ledger.h"

#include <algorithm>
#include <cmath>

#include "reference/delta_rule/decay.h"

namespace gdn2 {
namespace {

constexpr double faded = 1e-150;
constexpr Index tokens_between_sweeps = 32;

/// Numbers that have faded become 0: nobody sees them, and arithmetic on subnormal numbers is slow.
void sweep(Matrix<double>& P) { P = (P.array().abs() < faded).select(0, P.array()); }

}  // namespace

double erase_eigenvalue(const Token<double>& x) { return 1 - x.b.cwiseProduct(x.k).dot(x.k); }

// I - k e^T acts on the plane of k and e alone. There the product of its singular values is |1 - e^T k|, and the sum
// of their squares 2 - 2 e^T k + |k|^2 |e|^2; whatever is orthogonal to both keeps its length.
double erase_norm(const Token<double>& x) {
    const Vector<double> e = x.b.cwiseProduct(x.k);
    const double kept = erase_eigenvalue(x), product = x.k.norm() * e.norm();
    if (x.k.size() == 1) return std::abs(kept);
    return (product + std::sqrt(std::max(0.0, product * product + 4 * kept))) / 2;
}

Ledger ledger_of(const Sequence<double>& x, const Matrix<double>& initial_state, const Matrix<double>& final_state) {
    const Index length = x.length();
    const double size = final_state.stableNorm();
    const Matrix<double> direction = size > 0 ? Matrix<double>(final_state / size) : final_state;
    const Matrix<double> alpha = decay_of<double>(x.g), e = x.b.cwiseProduct(x.k), Z = x.w.cwiseProduct(x.v);
    const Matrix<double> along = Z * direction.transpose();  // [length, key_dim]: row s is z_s read off the state
    Ledger ledger{Vector<double>(length), Vector<double>(length), Vector<double>::Zero(length)};
    Matrix<double> P = Matrix<double>::Identity(x.key_dim(), x.key_dim());  // M_t ... M_{s+1}
    Vector<double> x_s(x.key_dim());
    for (Index s = length; s-- > 0;) {
        x_s.noalias() = P * x.k.row(s).transpose();
        ledger.x_norm[s] = x_s.norm();
        ledger.size[s] = ledger.x_norm[s] * Z.row(s).norm();
        if (size > 0) ledger.share[s] = along.row(s).dot(x_s) / size;
        P.noalias() -= x_s * e.row(s);
        P.noalias() = P * alpha.row(s).asDiagonal();
        if (s % tokens_between_sweeps == 0) sweep(P);
    }
    const Matrix<double> initial = P * initial_state;
    ledger.initial_size = initial.stableNorm();
    if (size > 0) ledger.initial_share = initial.cwiseProduct(direction).sum() / size;
    return ledger;
}

}  // namespace gdn2
