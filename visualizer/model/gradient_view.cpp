// See gradient_view.h.
#include "visualizer/model/gradient_view.h"

#include <algorithm>
#include <cmath>

#include "reference/delta_rule/recurrent_backward.h"
#include "reference/trace/recorder.h"
#include "visualizer/model/largest_finite.h"

namespace gdn2::viewer {

using trace::Field;

/// One span of tokens, differentiated.
struct GradientView::Replay {
    Gradient<double> d;
    trace::Recorder recorder;
};

namespace {

/// dS of row `row` of a recorded span.
Matrix<double> recorded_dS(const trace::Recorder& recorder, Index row) {
    const Tensor<double>& dS = recorder.tensor(Field::dS);
    const Index keys = dS.shape()[3], values = dS.shape()[4];
    return Eigen::Map<const Matrix<double>>(dS.data() + row * keys * values, keys, values);
}

}  // namespace

Loss loss_of(const Head& head) {
    const bool has_o = head.d_o.has_value(), has_state = head.d_final_state.has_value();
    Loss loss{head.d_o.value_or(Matrix<double>::Constant(head.length(), head.value_dim(), has_state ? 0 : 1)),
              head.d_final_state.value_or(Matrix<double>::Zero(head.key_dim(), head.value_dim())),
              "the sum of o: no gradient comes with the problem"};
    if (has_o) loss.says = has_state ? "<d_o, o> + <d_final_state, final_state>" : "<d_o, o>";
    if (!has_o && has_state) loss.says = "<d_final_state, final_state>";
    return loss;
}

GradientView::GradientView(const Track& track)
    : track_(track), loss_(loss_of(track.head())), d_(gradient_for(sequence_of(track.head()))) {
    span_ = std::max<Index>(1, static_cast<Index>(std::sqrt(static_cast<double>(track.length()))));
    run();
}

GradientView::Replay GradientView::replay(Index n, std::vector<Field> wanted) const {
    const Index first = n * span_, length = std::min(span_, track_.length() - first);
    trace::Recorder recorder(std::move(wanted), {1, length, 1, track_.key_dim(), track_.value_dim(), 1, {}});
    recorder.enter(0, 0);
    const Rows<double> d_o(loss_.d_o.data() + first * track_.value_dim(), length, track_.value_dim(),
                           Eigen::OuterStride<>(track_.value_dim()));
    Gradient<double> d = recurrent_backward(span_of(sequence_of(track_.head()), first, length), track_.S(first - 1),
                                            d_o, sent_[static_cast<std::size_t>(n)], &recorder);
    return {std::move(d), std::move(recorder)};
}

void GradientView::run() {
    const Index spans = (track_.length() + span_ - 1) / span_;
    du_.resize(track_.length(), track_.value_dim());
    de_.resize(track_.length(), track_.key_dim());
    norm_dS_.resize(static_cast<std::size_t>(track_.length()));
    sent_.resize(static_cast<std::size_t>(spans));
    d_.d_initial_state = loss_.d_final_state;
    for (Index n = spans; n-- > 0;) {
        sent_[static_cast<std::size_t>(n)] = d_.d_initial_state;
        keep(replay(n, {Field::dS, Field::du, Field::de}), n * span_);
    }
    const double du = largest_finite(du_);
    largest_ = {{"dg", largest_finite(d_.dg)}, {"db", largest_finite(d_.db)}, {"dk", largest_finite(d_.dk)},
                {"de", largest_finite(de_)},   {"dq", largest_finite(d_.dq)}, {"dv", largest_finite(d_.dv)},
                {"dw", largest_finite(d_.dw)}, {"du", du},                    {"dz", du},
                {"dr", du},                    {"do", largest_finite(loss_.d_o)}};
}

void GradientView::keep(const Replay& span, Index first) {
    const Index length = span.d.dq.rows();
    const auto put = [&](Matrix<double>& all, const Matrix<double>& part) { all.middleRows(first, length) = part; };
    put(d_.dq, span.d.dq);
    put(d_.dk, span.d.dk);
    put(d_.dg, span.d.dg);
    put(d_.db, span.d.db);
    put(d_.dv, span.d.dv);
    put(d_.dw, span.d.dw);
    put(du_, head_rows(span.recorder.tensor(Field::du), 0, 0, 0, length));
    put(de_, head_rows(span.recorder.tensor(Field::de), 0, 0, 0, length));
    d_.d_initial_state = span.d.d_initial_state;
    for (Index row = 0; row < length; ++row) {
        const Matrix<double> dS = recorded_dS(span.recorder, row);
        norm_dS_[static_cast<std::size_t>(first + row)] = dS.norm();
        largest_dS_ = std::max(largest_dS_, largest_finite(dS));
    }
}

double GradientView::largest(std::string_view symbol) const {
    const auto found = largest_.find(symbol);
    require(found != largest_.end(), "there is no gradient " + std::string(symbol));
    return found->second;
}

double GradientView::loss_value() const {
    return loss_.d_o.cwiseProduct(track_.o()).sum() +
           loss_.d_final_state.cwiseProduct(track_.S(track_.length() - 1)).sum();
}

/// By the state after `token`, until the next call.
const Matrix<double>& GradientView::gradient_by(Index token) const {
    require(-1 <= token && token < track_.length(), "there is no token " + std::to_string(token) +
                                                        ": expected -1 to " + std::to_string(track_.length() - 1));
    if (token < 0) return d_.d_initial_state;
    return replayed_.at(token, span_, [this](Index n) {
        const Replay span = replay(n, {Field::dS});
        std::vector<Matrix<double>> all;
        for (Index row = 0; row < span.d.dq.rows(); ++row) all.push_back(recorded_dS(span.recorder, row));
        return all;
    });
}

Matrix<double> GradientView::dS(Index token) const { return gradient_by(token); }

double GradientView::dS(Index token, Index row, Index col) const {
    const bool last = token >= 0 && (token + 1 == track_.length() || (token + 1) % span_ == 0);
    if (!last || token >= track_.length()) return gradient_by(token)(row, col);
    const double d_o = track_.head().scale * loss_.d_o(token, col);
    return sent_[static_cast<std::size_t>(token / span_)](row, col) + track_.head().q(token, row) * d_o;
}

GradientFrame GradientView::frame(Index token) const {
    require(token >= 0, "there is no token " + std::to_string(token));
    GradientFrame x;
    x.token = token;
    x.dS = dS(token);
    x.dg = d_.dg.row(token).transpose();
    x.db = d_.db.row(token).transpose();
    x.dk = d_.dk.row(token).transpose();
    x.de = de_.row(token).transpose();
    x.dq = d_.dq.row(token).transpose();
    x.dv = d_.dv.row(token).transpose();
    x.dw = d_.dw.row(token).transpose();
    x.du = du_.row(token).transpose();
    x.dz = x.du;   // u = z - r
    x.dr = -x.du;
    x.d_o = loss_.d_o.row(token).transpose();
    return x;
}

std::size_t GradientView::state_bytes() const {
    const auto cells = static_cast<std::size_t>(track_.key_dim() * track_.value_dim());
    return (sent_.size() + static_cast<std::size_t>(span_)) * cells * sizeof(double);
}

}  // namespace gdn2::viewer
