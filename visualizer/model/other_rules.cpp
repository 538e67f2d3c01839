// See other_rules.h.
#include "visualizer/model/other_rules.h"

#include <algorithm>
#include <cmath>

#include "reference/baselines/mamba2.h"

namespace gdn2::viewer {
namespace {

constexpr double least_step = 1e-6;       ///< a step size is more than 0
constexpr double strongest_decay = -700;  ///< of a token: what is left is 1e-304

struct Line {
    const char *name, *choices;
};

/// In the order of OtherRule.
constexpr Line lines[] = {
    {"Mamba-2", "never erases; step size: the mean of w; A: the one rate that forgets as much over the whole run"},
    {"Mamba-3", "never erases; step size: the mean of w; A: forgets what the mean of g does; lambda = 1/2; no angles"},
    {"softmax attention", "has no S: keeps k and w * v of every token that writes; weights exp(8 q . k), its choice"},
};

const Line& line_of(OtherRule rule) { return lines[static_cast<std::size_t>(rule)]; }

}  // namespace

const char* name_of(OtherRule rule) { return line_of(rule).name; }
const char* choices_of(OtherRule rule) { return line_of(rule).choices; }

OtherRun::OtherRun(const Head& head, OtherRule rule) : rule_(rule), head_(head) {
    gates();
    if (rule_ != OtherRule::softmax_attention) run();
}

void OtherRun::gates() {
    const Index length = head_.length();
    step_size_ = head_.w.rowwise().mean().cwiseMax(least_step);
    const Matrix<double> decay = head_.g.rowwise().mean().cwiseMax(strongest_decay);
    rate_ = decay.cwiseQuotient(step_size_);
    common_rate_ = length > 0 ? decay.sum() / step_size_.sum() : 0;
    trapezoid_ = Matrix<double>::Constant(length, 1, 0.5);
    angles_ = Matrix<double>(length, 0);
    for (Index t = 0; t < length; ++t)
        if ((head_.w.row(t).array() != 0).any()) writers_.push_back(t);
}

baselines::Mamba3<double> OtherRun::mamba3() const {
    return {rows_of(head_.q),  rows_of(head_.k),    rows_of(head_.v), rows_of(step_size_), rows_of(rate_),
            rows_of(trapezoid_), rows_of(angles_), 0, 1};
}

void OtherRun::step(Index token, State& state) const {
    if (rule_ == OtherRule::mamba3) {
        baselines::mamba3_step(mamba3(), token, state);
        return;
    }
    const baselines::Mamba2<double> in{rows_of(head_.q), rows_of(head_.k),    rows_of(head_.v),
                                       rows_of(step_size_), common_rate_, 0};
    baselines::mamba2_step(in, token, state.S);
}

void OtherRun::run() {
    interval_ = std::max<Index>(1, static_cast<Index>(std::sqrt(static_cast<double>(head_.length()))));
    State state = baselines::mamba3_start(mamba3());
    state.S = head_.initial_state;
    for (Index t = 0; t < head_.length(); ++t) {
        if (t % interval_ == 0) keyframes_.push_back(state);
        step(t, state);
    }
}

Index OtherRun::cached(Index token) const {
    if (rule_ != OtherRule::softmax_attention) return 0;
    return std::upper_bound(writers_.begin(), writers_.end(), token) - writers_.begin();
}

Matrix<double> OtherRun::memory(Index token) const {
    require(-1 <= token && token < head_.length(), "there is no token " + std::to_string(token));
    if (rule_ == OtherRule::softmax_attention) {
        const Index count = cached(token), shown = std::min(count, rows_shown);
        Matrix<double> rows(shown, head_.key_dim() + head_.value_dim());
        for (Index i = 0; i < shown; ++i) {
            const Index t = writers_[static_cast<std::size_t>(count - shown + i)];
            rows.row(i) << head_.k.row(t), head_.w.row(t).cwiseProduct(head_.v.row(t));
        }
        return rows;
    }
    if (token < 0) return head_.initial_state;
    return span_.at(token, interval_, [this](Index keyframe) {
        State state = keyframes_[static_cast<std::size_t>(keyframe)];
        std::vector<Matrix<double>> states;
        const Index first = keyframe * interval_, end = std::min(first + interval_, head_.length());
        for (Index t = first; t < end; ++t) {
            step(t, state);
            states.push_back(state.S);
        }
        return states;
    });
}

Matrix<double> OtherRun::answers(const Matrix<double>& queries, Index token) const {
    if (rule_ != OtherRule::softmax_attention) return queries * memory(token);
    const Index count = cached(token);
    Matrix<double> answers = Matrix<double>::Zero(queries.rows(), head_.value_dim());
    for (Index i = 0; i < queries.rows() && count > 0; ++i) {
        Vector<double> logits(count);
        for (Index s = 0; s < count; ++s)
            logits[s] = sharpness * queries.row(i).dot(head_.k.row(writers_[static_cast<std::size_t>(s)]));
        const Vector<double> weights = (logits.array() - logits.maxCoeff()).exp();
        for (Index s = 0; s < count; ++s) {
            const Index t = writers_[static_cast<std::size_t>(s)];
            answers.row(i) += weights[s] / weights.sum() * head_.w.row(t).cwiseProduct(head_.v.row(t));
        }
    }
    return answers;
}

}  // namespace gdn2::viewer
