// See chunk_view.h.
#include "visualizer/model/chunk_view.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "reference/check/tolerances.h"
#include "reference/delta_rule/chunk.h"
#include "reference/io/text.h"
#include "reference/trace/recorder.h"
#include "visualizer/model/largest_finite.h"

namespace gdn2::viewer {
namespace {

using trace::Field;

std::vector<Field> chunk_fields() {
    std::vector<Field> fields;
    for (const trace::FieldInfo& line : trace::fields())
        if (line.kind == trace::Kind::chunk) fields.push_back(line.field);
    return fields;
}

BothForms both(Matrix<double> chunkwise, Matrix<double> recurrent, double size) {
    BothForms forms;
    forms.size = size;
    forms.top = largest_finite(chunkwise);
    forms.difference = chunkwise - recurrent;
    for (Index i = 0; i < forms.difference.size() && !std::isnan(forms.largest); ++i) {
        const double cell = std::abs(forms.difference.data()[i]);
        if (cell <= forms.largest) continue;
        forms.largest = std::isfinite(cell) ? cell : std::numeric_limits<double>::quiet_NaN();
        forms.row = i / forms.difference.cols();
        forms.col = i % forms.difference.cols();
    }
    forms.chunkwise = std::move(chunkwise);
    forms.recurrent = std::move(recurrent);
    return forms;
}

/// How large the terms of the outputs are: |q_t| |S_t|, each token's.
double size_of_outputs(const Track& track, Index first, Index rows) {
    double sum = 0;
    for (Index t = first; t < first + rows; ++t) {
        const double size = track.head().q.row(t).norm() * track.norm_S()[static_cast<std::size_t>(t)];
        sum += size * size;
    }
    return track.head().scale * std::sqrt(sum);
}

/// How large the terms of the state after these tokens are: the state before them, and what they write.
double size_of_state(const Track& track, Index first, Index rows) {
    const double before = first > 0 ? track.norm_S()[static_cast<std::size_t>(first - 1)]
                                    : track.head().initial_state.norm();
    return before + track.u().middleRows(first, rows).norm() * track.head().k.middleRows(first, rows).norm();
}

/// The only matrix of a field recorded for one chunk.
Matrix<double> matrix_of(const Tensor<double>& recorded) {
    const Shape& shape = recorded.shape();
    return Eigen::Map<const Matrix<double>>(recorded.data(), shape[2], shape[3]);
}

Matrix<double> state_after(const Sequence<double>& x, const Matrix<double>& S, Index tokens) {
    return x.length() == 0 ? S : chunk(x, S, tokens).final_state;
}

}  // namespace

const Matrix<double>& ChunkView::field(Field field) const {
    require(info(field).kind == trace::Kind::chunk,
            "field `" + std::string(info(field).id) + "` is not made chunk by chunk");
    return fields[static_cast<std::size_t>(field)];
}

bool BothForms::agree() const {
    if (std::isnan(largest)) return false;
    const double allowed = check::tolerance(check::Pair::chunk_recurrent, check::Kind::output);
    return difference.stableNorm() <= allowed * size;
}

bool ChunkView::agree() const { return S_0.agree() && R.agree() && O.agree() && S_end.agree(); }

double ChunkView::largest() const {
    double most = 0;
    for (const BothForms* forms : {&S_0, &R, &O, &S_end}) {
        if (std::isnan(forms->largest)) return forms->largest;
        most = std::max(most, forms->largest);
    }
    return most;
}

std::string agreement(const ChunkView& view) {
    const double largest = view.largest();
    if (std::isnan(largest)) return "are not finite numbers";
    if (largest == 0) return "agree exactly";
    return (view.agree() ? "agree to " : "differ by ") + io::number(largest, 1);
}

ChunkViews::ChunkViews(const Track& track, std::size_t cap_bytes, Index tokens) : track_(track), tokens_(tokens) {
    require_chunk_length(tokens);
    const auto bytes = static_cast<std::size_t>(track.key_dim() * track.value_dim()) * sizeof(double);
    const Index fits = std::max<Index>(1, static_cast<Index>(cap_bytes / std::max<std::size_t>(bytes, 1)));
    stride_ = std::max<Index>(1, (count() + fits - 1) / fits);
    const Sequence<double> x = sequence_of(track.head());
    Matrix<double> S = track.head().initial_state;
    for (Index first = 0; first < x.length(); first += stride_ * tokens_) {
        starts_.push_back(S);
        S = state_after(span_of(x, first, std::min(stride_ * tokens_, x.length() - first)), S, tokens_);
    }
}

Index ChunkViews::count() const { return (track_.length() + tokens_ - 1) / tokens_; }

std::size_t ChunkViews::state_bytes() const {
    const auto cells = static_cast<std::size_t>(track_.key_dim() * track_.value_dim());
    return starts_.size() * cells * sizeof(double);
}

Matrix<double> ChunkViews::start_of(Index n) const {
    const Index kept = n / stride_;
    const Sequence<double> before = span_of(sequence_of(track_.head()), kept * stride_ * tokens_,
                                            (n - kept * stride_) * tokens_);
    return state_after(before, starts_[static_cast<std::size_t>(kept)], tokens_);
}

ChunkView ChunkViews::make(Index n) const {
    ChunkView view;
    view.chunk = n;
    view.first = n * tokens_;
    view.rows = std::min(tokens_, track_.length() - view.first);
    const Matrix<double> start = start_of(n);
    trace::Recorder recorder(chunk_fields(),
                             {1, view.rows, 1, track_.key_dim(), track_.value_dim(), tokens_, {}});
    recorder.enter(0, 0);
    const Sequence<double> tokens = span_of(sequence_of(track_.head()), view.first, view.rows);
    Forward<double> run = chunk<double>(tokens, start, tokens_, nullptr, &recorder);
    for (const Field field : chunk_fields()) {
        const auto at = static_cast<std::size_t>(field);
        view.fields[at] = matrix_of(recorder.tensor(field));
        view.tops[at] = largest_finite(view.fields[at]);
    }
    const auto rows_of = [&view](const Matrix<double>& all) { return all.middleRows(view.first, view.rows); };
    const double size_R = rows_of(track_.z()).norm() + rows_of(track_.r()).norm();
    const double size_O = size_of_outputs(track_, view.first, view.rows);
    const double size_before = n > 0 ? size_of_state(track_, view.first - tokens_, tokens_) : start.norm();
    view.S_0 = both(start, track_.S(view.first - 1), size_before);
    view.R = both(view.field(Field::R), rows_of(track_.u()), size_R);
    view.O = both(std::move(run.o), rows_of(track_.o()), size_O);
    view.S_end = both(std::move(run.final_state), track_.S(view.first + view.rows - 1),
                      size_of_state(track_, view.first, view.rows));
    return view;
}

const ChunkView& ChunkViews::at(Index n) const {
    require(0 <= n && n < count(), "there is no chunk " + std::to_string(n) + ": expected 0 to " +
                                       std::to_string(count() - 1));
    if (view_ && view_->chunk == n) return *view_;
    std::swap(view_, previous_);
    if (!view_ || view_->chunk != n) view_ = std::make_unique<const ChunkView>(make(n));
    return *view_;
}

}  // namespace gdn2::viewer
