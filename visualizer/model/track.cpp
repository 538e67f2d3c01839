// See track.h.
#include "visualizer/model/track.h"

#include <algorithm>

#include "reference/delta_rule/recurrent.h"
#include "reference/trace/recorder.h"
#include "visualizer/model/largest_finite.h"

namespace gdn2::viewer {
namespace {

/// Of several matrices; 1 where that is 0.
double largest_of(std::initializer_list<const Matrix<double>*> matrices) {
    double largest = 0;
    for (const Matrix<double>* each : matrices) largest = std::max(largest, largest_finite(*each));
    return largest > 0 ? largest : 1;
}

/// How many tokens apart keyframes must be, so that they and one replayed span of states fit.
Index interval_for(Index length, std::size_t state_bytes, std::size_t cap_bytes) {
    const auto fits = static_cast<Index>(cap_bytes / std::max<std::size_t>(state_bytes, 1));
    for (Index interval = 1; interval < length; interval *= 2)
        if ((length + interval - 1) / interval + interval <= fits) return interval;
    return std::max<Index>(length, 1);
}

}  // namespace

Track::Track(Head head, std::size_t cap_bytes) : head_(std::move(head)) {
    const auto bytes = static_cast<std::size_t>(key_dim() * value_dim()) * sizeof(double);
    interval_ = interval_for(length(), bytes, cap_bytes);
    run();
}

void Track::run() {
    using trace::Field;
    const Sequence<double> x = sequence_of(head_);
    trace::Recorder vectors({Field::alpha, Field::e, Field::z, Field::r, Field::u},
                            {1, std::max<Index>(length(), 1), 1, key_dim(), value_dim(), 64, {}});
    vectors.enter(0, 0);
    o_.resize(length(), value_dim());
    Matrix<double> S = head_.initial_state, before;
    largest_S_ = largest_finite(S);
    for (Index t = 0; t < length(); ++t) {
        if (t % interval_ == 0) keyframes_.push_back(S);
        before = S;
        o_.row(t) = head_.scale * step(token_of(x, t), S, &vectors).transpose();
        norm_S_.push_back(S.norm());
        norm_dS_.push_back((S - before).norm());
        largest_S_ = std::max(largest_S_, largest_finite(S));
        if (!first_non_finite_ && !S.allFinite()) first_non_finite_ = t;
    }
    const auto rows = [&](Field field) -> Matrix<double> {
        return head_rows(vectors.tensor(field), 0, 0, 0, length());
    };
    alpha_ = rows(Field::alpha);
    e_ = rows(Field::e);
    z_ = rows(Field::z);
    r_ = rows(Field::r);
    u_ = rows(Field::u);
    largest_key_ = largest_of({&head_.k, &e_});
    largest_query_ = largest_of({&head_.q});
    largest_value_ = largest_of({&head_.v, &z_, &r_, &u_});
    largest_output_ = largest_of({&o_});
}

/// The states from a keyframe to the next.
std::vector<Matrix<double>> Track::replay(Index keyframe) const {
    std::vector<Matrix<double>> states;
    const Sequence<double> x = sequence_of(head_);
    Matrix<double> S = keyframes_[static_cast<std::size_t>(keyframe)];
    const Index first = keyframe * interval_, end = std::min(first + interval_, length());
    for (Index t = first; t < end; ++t) {
        step(token_of(x, t), S);
        states.push_back(S);
    }
    return states;
}

/// The state after `token`, until the next call.
const Matrix<double>& Track::state(Index token) const {
    require(-1 <= token && token < length(), "there is no token " + std::to_string(token) + ": expected -1 to " +
                                                 std::to_string(length() - 1));
    if (token < 0) return head_.initial_state;
    const auto next = static_cast<std::size_t>((token + 1) / interval_);
    if ((token + 1) % interval_ == 0 && next < keyframes_.size()) return keyframes_[next];
    return span_.at(token, interval_, [this](Index keyframe) { return replay(keyframe); });
}

Matrix<double> Track::S(Index token) const { return state(token); }
double Track::S(Index token, Index row, Index col) const { return state(token)(row, col); }

TokenFrame Track::frame(Index token) const {
    TokenFrame x;
    x.S = S(token);
    x.S_before = S(token - 1);
    x.token = token;
    x.alpha = alpha_.row(token).transpose();
    x.g = head_.g.row(token).transpose();
    x.b = head_.b.row(token).transpose();
    x.k = head_.k.row(token).transpose();
    x.e = e_.row(token).transpose();
    x.q = head_.q.row(token).transpose();
    x.v = head_.v.row(token).transpose();
    x.w = head_.w.row(token).transpose();
    x.z = z_.row(token).transpose();
    x.r = r_.row(token).transpose();
    x.u = u_.row(token).transpose();
    x.o = o_.row(token).transpose();
    x.S_decayed = x.alpha.asDiagonal() * x.S_before;                                         // Eq. 9
    return x;
}

std::size_t Track::state_bytes() const {
    const auto bytes = static_cast<std::size_t>(key_dim() * value_dim()) * sizeof(double);
    return (keyframes_.size() + span_.size()) * bytes;
}

}  // namespace gdn2::viewer
