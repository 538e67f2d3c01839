// What gradients by kernels are held to.
#pragma once

#include "tests/support/device.h"

namespace gdn2::test {

/// What one token leaves for its adjoint.
struct Token {
    Matrix<double> before, decayed, after;  ///< S_{t-1}, Diag(alpha) S_{t-1}, S_t
    Vector<double> q, k, b, v, w, alpha, e, residual;
};

/// Walks one sequence of one head forward, rounding as `naive` does.
template <class Round>
std::vector<Token> naive_tokens(const Problem<double>& p, Index first, Index end, Index head, Matrix<double> S,
                                const Round& round) {
    const Index key_head = head / (p.v.shape()[2] / p.k.shape()[2]), length = p.q.shape()[1];
    std::vector<Token> tokens;
    for (Index token = first; token < end; ++token) {
        const auto row = [&](const Tensor<double>& t, Index h) -> Vector<double> {
            return head_rows(t, token / length, h, token % length, 1).row(0);
        };
        Token x;
        x.q = row(p.q, key_head), x.k = row(p.k, key_head), x.b = row(p.b, key_head);
        x.v = row(p.v, head), x.w = row(p.w, head), x.alpha = row(p.g, key_head).array().exp();
        x.before = S;
        x.decayed = x.alpha.asDiagonal() * S;
        x.e = x.b.cwiseProduct(x.k).unaryExpr(round);
        x.residual = (x.w.cwiseProduct(x.v).unaryExpr(round) - x.decayed.transpose() * x.e).unaryExpr(round);
        S = x.after = x.decayed + x.k * x.residual.transpose();
        tokens.push_back(x);
    }
    return tokens;
}

/// And backward: the rule's adjoint (recurrent_backward.h) with every vector that it computes rounded. dS: of the final
/// state, and then of the initial one. Adds to `result`.
template <class Round>
void naive_adjoint(const Problem<double>& p, const std::vector<Token>& tokens, Index first, Index head,
                   Matrix<double>& dS, Result<double>& result, const Round& round) {
    const Index key_head = head / (p.v.shape()[2] / p.k.shape()[2]), length = p.q.shape()[1];
    const double scale = scale_of(p);
    for (Index t = Index(tokens.size()) - 1; t >= 0; --t) {
        const Token& x = tokens[static_cast<std::size_t>(t)];
        const Index token = first + t;
        const auto add = [&](Tensor<double>& tensor, Index h, const Vector<double>& d) {
            head_rows(tensor, token / length, h, token % length, 1).row(0) += d.transpose();
        };
        const Vector<double> d_o = head_rows(*p.d_o, token / length, head, token % length, 1).row(0);
        dS += scale * x.q * d_o.transpose();
        add(result.dq, key_head, (scale * x.after * d_o).unaryExpr(round));
        const Vector<double> du = (dS.transpose() * x.k).unaryExpr(round);
        Vector<double> dk = (dS * x.residual).unaryExpr(round);
        dS -= x.e * du.transpose();
        const Vector<double> de = (-x.decayed * du).unaryExpr(round);
        add(result.dw, head, du.cwiseProduct(x.v).unaryExpr(round));
        add(result.dv, head, du.cwiseProduct(x.w).unaryExpr(round));
        add(result.db, key_head, de.cwiseProduct(x.k).unaryExpr(round));
        dk += de.cwiseProduct(x.b);
        add(result.dk, key_head, dk.unaryExpr(round));
        add(result.dg, key_head, x.alpha.cwiseProduct(dS.cwiseProduct(x.before).rowwise().sum()));
        dS = x.alpha.asDiagonal() * dS;
    }
}

/// What the gradients cost in this precision when the rule and its adjoint are written down plainly (naive).
inline Result<double> naive_gradient(const Problem<double>& p, cuda::Precision precision) {
    const Sizes sizes = validate_shapes(p);
    const auto round = [&](double x) { return rounded(x, precision); };
    Result<double> result;
    result.dq = result.dk = result.dg = result.db = Tensor<double>(sizes.key_shape());
    result.dv = result.dw = Tensor<double>(sizes.value_shape());
    result.d_initial_state = Tensor<double>(sizes.state_shape());
    const std::vector<Index> starts = starts_of(p);
    Tensor<double> initial = p.initial_state ? *p.initial_state : Tensor<double>(sizes.state_shape());
    Tensor<double> d_final = *p.d_final_state;
    for (Index n = 0; n < sizes.sequences; ++n)
        for (Index head = 0; head < sizes.value_heads; ++head) {
            const Index first = starts[static_cast<std::size_t>(n)], end = starts[static_cast<std::size_t>(n) + 1];
            const auto tokens = naive_tokens(p, first, end, head, state_of(initial, n, head), round);
            Matrix<double> dS = state_of(d_final, n, head);
            naive_adjoint(p, tokens, first, head, dS, result, round);
            state_of(result.d_initial_state, n, head) = dS;
        }
    return result;
}

/// The problem with d_o and d_final_state as a device sees them.
inline Problem<double> rounded_with_upstream(const Problem<double>& p, cuda::Precision precision) {
    Problem<double> seen = rounded(p, precision);
    seen.d_o = rounded(*seen.d_o, precision);
    return cast_problem<double>(cast_problem<float>(seen));
}

/// Holds gradients that a device made of `seen` against the reference token by token: in float by the table, below by
/// the rule of check::low_precision_gradient_factor, times `slack`.
inline void expect_device_gradient(const Problem<double>& seen, const Result<double>& claim, cuda::Precision precision,
                                   double slack = 1) {
    const Result<double> truth = gradient(seen, {.path = Path::recurrent, .threads = 1});
    const bool is_float = precision == cuda::Precision::f32;
    const double least_rms = precision == cuda::Precision::f16 ? 6e-5 : 1e-30;  // below, f16 has no normal numbers
    const Result<double> plain = is_float ? truth : naive_gradient(seen, precision);
    const auto claims = by_name(claim), plains = by_name(plain);
    for (const auto& [name, tensor] : by_name(truth)) {
        if (check::kind_of(name) == check::Kind::output) continue;
        const double table = check::tolerance(pair_of(precision), check::kind_of(name));
        const double few = tensor->size() < 64 ? 2 : 5;  // the error of a few numbers is luck
        const double limit = is_float ? table
                                      : check::low_precision_gradient_factor * error_of(*tensor, *plains.at(name)) +
                                            table / few;
        expect_close(name, *tensor, *claims.at(name), slack * limit, least_rms);
    }
}

/// Rounds a problem, runs it forward and backward and holds everything against the reference.
inline void expect_gradient(const Problem<double>& p, const cuda::Options& options, bool saving = false,
                            double slack = 1) {
    const Problem<double> seen = rounded_with_upstream(p, options.precision);
    INFO(std::string(cuda::name_of(options.precision)) << (saving ? ", saving" : ""));
    const Result<double> claim =
        to_double(static_cast<const Result<float>&>(cuda::gradient(cast_problem<float>(seen), options, saving)));
    expect_device_close(seen, claim, options.precision, slack);
    expect_device_gradient(seen, claim, options.precision, slack);
}

}  // namespace gdn2::test
