// One value head of one sequence of memory_scan.h, with dims that may be known when compiling.
//   paper  Eqs. 8-10, and their adjoint line by line
//   tests  tests/reference/layers/memory_scan_test.cpp
#pragma once

#include <algorithm>
#include <vector>

#include "reference/core/matrix.h"

namespace gdn2 {

/// Where a head finds its rows: the first token's of each tensor, null for one that is not there.
template <class Scalar>
struct MemoryHead {
    const Scalar *q, *k, *e, *z, *alpha;
    Index key_stride, value_stride, alpha_stride;  ///< numbers from one token to the next
    bool one_alpha;                                ///< alpha is one number a token, not one a channel
    Scalar scale;
};

/// Where its gradients go: those of keys are added to, dz is written.
template <class Scalar>
struct MemoryHeadGradient {
    Scalar *dq, *dk, *de, *dz, *dg;
};

/// The state of a head and the work on it. Dims are numbers or Eigen::Dynamic.
template <class Scalar, int key_dim, int value_dim>
struct MemoryKernel {
    using State = Eigen::Matrix<Scalar, key_dim, value_dim, value_dim == 1 ? Eigen::ColMajor : Eigen::RowMajor>;
    using Keys = Eigen::Matrix<Scalar, key_dim, 1>;
    using Values = Eigen::Matrix<Scalar, value_dim, 1>;

    State S;               ///< after the last token
    Values r, u, o;        ///< what a token reads, writes and puts out
    State S_decayed, dS;   ///< S', and the gradient by S from the tokens after
    Values du, d_o;
    std::vector<State> S_after;  ///< each token of a span

    MemoryKernel(Index keys, Index values)
        : S(keys, values), r(values), u(values), o(values), S_decayed(keys, values), dS(keys, values), du(values),
          d_o(values) {}

    /// Runs `length` tokens from S. Writes o, value_stride apart, and S before every `span` tokens unless `starts` is
    /// null.
    void forward(const MemoryHead<Scalar>& x, Index length, Scalar* out, Index span, Scalar* starts) {
        for (Index t = 0; t < length; ++t) {
            if (starts && t % span == 0) std::copy_n(S.data(), S.size(), starts + t / span * S.size());
            const auto q = keys_of(x.q, x, t);
            step(x, t);
            o.setZero();
            for (Index i = 0; i < S.rows(); ++i) o.noalias() += q[i] * S.row(i).transpose();     // Eq. 10
            values_at(out, x, t) = x.scale * o;
        }
    }

    /// Adds the gradients, given d_o and the states that forward kept. A span's states are rebuilt, then walked back.
    void backward(const MemoryHead<Scalar>& x, Index length, const Scalar* d_out, Index span, const Scalar* starts,
                  const MemoryHeadGradient<Scalar>& d) {
        S_after.resize(static_cast<std::size_t>(span + 1), S);
        dS.setZero();
        for (Index first = (length - 1) / span * span; length > 0 && first >= 0; first -= span) {
            std::copy_n(starts + first / span * S.size(), S.size(), S.data());
            const Index last = std::min(first + span, length);
            S_after[0] = S;
            for (Index t = first; t < last; ++t) {
                step(x, t);
                S_after[static_cast<std::size_t>(t - first + 1)] = S;
            }
            for (Index t = last; t-- > first;) {
                const auto i = static_cast<std::size_t>(t - first);
                step_backward(x, t, S_after[i], S_after[i + 1], d_out, d);
            }
        }
    }

private:
    /// Edits S by one token; leaves r and u.
    void step(const MemoryHead<Scalar>& x, Index t) {
        const auto k = keys_of(x.k, x, t);
        decay(x, t);
        u = values_of(x.z, x, t);
        if (x.e) {
            const auto e = keys_of(x.e, x, t);
            r.setZero();
            for (Index i = 0; i < S.rows(); ++i) r.noalias() += e[i] * S.row(i).transpose();     // Eq. 9   read
            u -= r;                                                                              // Eq. 9   residual
        }
        for (Index i = 0; i < S.rows(); ++i) S.row(i).noalias() += k[i] * u.transpose();         // Eq. 9   write
    }

    void decay(const MemoryHead<Scalar>& x, Index t) {
        if (!x.alpha) return;
        if (x.one_alpha) {
            S *= x.alpha[t * x.alpha_stride];
        } else {
            for (Index i = 0; i < S.rows(); ++i) S.row(i) *= x.alpha[t * x.alpha_stride + i];    // Eq. 9   decay
        }
    }

    /// Differentiates one token, of which u is rebuilt. dS comes in as the gradient by S_t, goes out by S_{t-1}.
    void step_backward(const MemoryHead<Scalar>& x, Index t, const State& S_before, const State& S_after_t,
                       const Scalar* d_out, const MemoryHeadGradient<Scalar>& d) {
        const auto q = keys_of(x.q, x, t), k = keys_of(x.k, x, t);
        S = S_before;
        decay(x, t);
        S_decayed = S;
        u = values_of(x.z, x, t);
        if (x.e) u.noalias() -= S_decayed.transpose() * keys_of(x.e, x, t);

        // forward: o = scale S^T q   (Eq. 10)
        d_o = x.scale * values_of(d_out, x, t);
        keys_at(d.dq, x, t).noalias() += S_after_t * d_o;
        for (Index i = 0; i < S.rows(); ++i) dS.row(i).noalias() += q[i] * d_o.transpose();
        // forward: S = S' + k u^T   (Eq. 9)
        keys_at(d.dk, x, t).noalias() += dS * u;
        du.noalias() = dS.transpose() * k;
        // forward: u = z - r   (Eq. 9)
        values_at(d.dz, x, t) = du;
        // forward: r = S'^T e   (Eq. 9)
        if (x.e) {
            const auto e = keys_of(x.e, x, t);
            keys_at(d.de, x, t).noalias() -= S_decayed * du;
            for (Index i = 0; i < S.rows(); ++i) dS.row(i).noalias() -= e[i] * du.transpose();
        }
        decay_backward(x, t, d);
    }

    /// forward: S' = Diag(alpha) S_{t-1}, alpha = exp(g)   (Eq. 9), so that dg = rowsum(dS' * S')
    void decay_backward(const MemoryHead<Scalar>& x, Index t, const MemoryHeadGradient<Scalar>& d) {
        if (!x.alpha) return;
        const Scalar* const alpha_t = x.alpha + t * x.alpha_stride;
        Scalar* const dg = d.dg + t * x.alpha_stride;
        if (x.one_alpha) {
            *dg += dS.cwiseProduct(S_decayed).sum();
            dS *= *alpha_t;
            return;
        }
        for (Index i = 0; i < S.rows(); ++i) {
            dg[i] += dS.row(i).cwiseProduct(S_decayed.row(i)).sum();
            dS.row(i) *= alpha_t[i];
        }
    }

    auto keys_of(const Scalar* first, const MemoryHead<Scalar>& x, Index t) const {
        return Eigen::Map<const Keys>(first + t * x.key_stride, S.rows());
    }
    auto keys_at(Scalar* first, const MemoryHead<Scalar>& x, Index t) const {
        return Eigen::Map<Keys>(first + t * x.key_stride, S.rows());
    }
    auto values_of(const Scalar* first, const MemoryHead<Scalar>& x, Index t) const {
        return Eigen::Map<const Values>(first + t * x.value_stride, S.cols());
    }
    auto values_at(Scalar* first, const MemoryHead<Scalar>& x, Index t) const {
        return Eigen::Map<Values>(first + t * x.value_stride, S.cols());
    }
};

}  // namespace gdn2
