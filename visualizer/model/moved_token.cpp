// See moved_token.h.
#include "visualizer/model/moved_token.h"

#include <algorithm>
#include <cmath>

#include "reference/delta_rule/recurrent.h"

namespace gdn2::viewer {
namespace {

using Inputs = std::array<Vector<double>, token_inputs>;

const Matrix<double>& input_of(const Head& head, std::size_t input) {
    const Matrix<double>* all[] = {&head.q, &head.v, &head.w, &head.b, &head.g, &head.k};
    return *all[input];
}

/// How far a number is moved.
double step_of(std::size_t input, double x, double step) {
    if (input == of_g || !(std::abs(x) >= 1) || !std::isfinite(x)) return step;
    return std::ldexp(step, std::ilogb(x));
}

Edited edited(const Inputs& x, Matrix<double> S) {
    const auto map = [&x](std::size_t i) { return Eigen::Map<const Vector<double>>(x[i].data(), x[i].size()); };
    const Token<double> token{map(of_q), map(of_k), map(of_g), map(of_b), map(of_v), map(of_w), 0};
    Vector<double> o = step(token, S);
    return {std::move(S), std::move(o)};
}

}  // namespace

Vector<double> width_of(const Head& head, Index token, std::size_t input, double step) {
    const Vector<double> x = input_of(head, input).row(token).transpose();
    return x.unaryExpr([&](double number) {
        if (input == of_g) return 2 * std::sinh(step);
        const double by = step_of(input, number, step), width = (number + by) - (number - by);
        return std::isfinite(width) ? width : 2 * by;
    });
}

MovedToken::MovedToken(const Head& head, Index token, std::size_t input, Index channel, double step)
    : input_(input), channel_(channel) {
    for (std::size_t i = 0; i < token_inputs; ++i) x_[i] = input_of(head, i).row(token).transpose();
    Vector<double>& moved = x_[input];
    if (is_on_value_axis(input))
        for (double& number : moved) number += step_of(input, number, step);
    else
        moved[channel] += step_of(input, moved[channel], step);
}

Edited MovedToken::edit(Matrix<double> S) const { return edited(x_, std::move(S)); }

Edited MovedToken::magnitudes(const Matrix<double>& S) const {
    Inputs x = x_;
    for (const std::size_t i : {of_q, of_v, of_w, of_b, of_k}) x[i] = x[i].cwiseAbs();
    x[of_b] = -x[of_b];  // z - r becomes z + r
    return edited(x, S.cwiseAbs());
}

bool MovedToken::changes_nothing(const Matrix<double>& S) const {
    const auto is_zero = [](const auto& all) { return (all.array() == 0).all(); };
    const bool no_key = is_zero(x_[of_k]), wiped = !is_on_value_axis(input_) && std::exp(x_[of_g][channel_]) == 0;
    switch (input_) {
        case of_q: return is_zero(edit(S).S.row(channel_));
        case of_v: return no_key || is_zero(x_[of_w]);
        case of_w: return no_key || is_zero(x_[of_v]);
        case of_b: return no_key || x_[of_k][channel_] == 0 || wiped || is_zero(S.row(channel_));
        case of_g: return wiped || is_zero(S.row(channel_));
        default: return false;
    }
}

}  // namespace gdn2::viewer
