// Everything that one head's memory goes through, token by token, as the reference computes it. Vectors are kept for
// all tokens; states only at keyframes, from which the others are replayed, so that memory stays under a cap.
//   paper  Eqs. 8-10
//   tests  tests/visualizer/model/track_test.cpp
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "visualizer/model/head.h"
#include "visualizer/model/replayed_span.h"

namespace gdn2::viewer {

/// All that one token does; every number is exact.
struct TokenFrame {
    Index token = 0;
    Vector<double> alpha, g, b, k, e, q;  ///< key axis
    Vector<double> v, w, z, r, u, o;      ///< value axis; o is scaled
    Matrix<double> S_before, S_decayed, S;  ///< [key_dim, value_dim]
};

/// A head's run. Not for several threads at once: S() keeps the span it replayed last.
class Track {
public:
    static constexpr std::size_t default_cap_bytes = std::size_t{256} << 20;

    /// Runs the rule over all tokens. Keyframes are as dense as `cap_bytes` allows.
    explicit Track(Head head, std::size_t cap_bytes = default_cap_bytes);

    const Head& head() const { return head_; }
    Index length() const { return head_.length(); }
    Index key_dim() const { return head_.key_dim(); }
    Index value_dim() const { return head_.value_dim(); }

    const Matrix<double>& alpha() const { return alpha_; }  ///< [length, key_dim], as e
    const Matrix<double>& e() const { return e_; }
    const Matrix<double>& z() const { return z_; }  ///< [length, value_dim], as r u o
    const Matrix<double>& r() const { return r_; }
    const Matrix<double>& u() const { return u_; }
    const Matrix<double>& o() const { return o_; }

    /// The state after `token`; -1: the initial state.
    Matrix<double> S(Index token) const;
    /// One number of it.
    double S(Index token, Index row, Index col) const;

    /// All of one token.
    TokenFrame frame(Index token) const;

    const std::vector<double>& norm_S() const { return norm_S_; }    ///< per token, Frobenius
    const std::vector<double>& norm_dS() const { return norm_dS_; }  ///< of S_t - S_{t-1}
    double largest_S() const { return largest_S_; }                  ///< max |S| over finite numbers and all tokens
    double largest_key() const { return largest_key_; }      ///< max of |k| |e|, likewise; 1 where all are zero
    double largest_query() const { return largest_query_; }  ///< of |q|, likewise
    double largest_value() const { return largest_value_; }  ///< of |v| |z| |r| |u|, likewise
    double largest_output() const { return largest_output_; }  ///< of |o|, likewise
    std::optional<Index> first_non_finite() const { return first_non_finite_; }  ///< token

    Index keyframe_interval() const { return interval_; }
    std::size_t state_bytes() const;  ///< of keyframes and the replayed span

private:
    void run();
    std::vector<Matrix<double>> replay(Index keyframe) const;
    const Matrix<double>& state(Index token) const;

    Head head_;
    Matrix<double> alpha_, e_, z_, r_, u_, o_;
    std::vector<double> norm_S_, norm_dS_;
    double largest_S_ = 0, largest_key_ = 1, largest_query_ = 1, largest_value_ = 1, largest_output_ = 1;
    std::optional<Index> first_non_finite_;
    Index interval_ = 1;
    std::vector<Matrix<double>> keyframes_;  ///< keyframe i: the state before token i * interval_
    mutable ReplayedSpan span_;
};

}  // namespace gdn2::viewer
