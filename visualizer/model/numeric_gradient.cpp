// See numeric_gradient.h.
#include "visualizer/model/numeric_gradient.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/check/tolerances.h"
#include "reference/delta_rule/chunk.h"
#include "reference/delta_rule/recurrent.h"
#include "reference/io/text.h"
#include "visualizer/model/chunk_view.h"
#include "visualizer/model/moved_token.h"

namespace gdn2::viewer {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double flops_per_second = 1e10;  ///< of one core, roughly: for the estimate only
constexpr Index widest = 2048;             ///< columns of states side by side: small enough for a cache

constexpr const char* names[] = {"dq", "dv", "dw", "db", "dg", "dk"};  ///< in the order of TokenInput

const Matrix<double>& gradient_in(const Gradient<double>& d, std::size_t tensor) {
    const Matrix<double>* all[] = {&d.dq, &d.dv, &d.dw, &d.db, &d.dg, &d.dk};
    return *all[tensor];
}

double largest_of(const Vector<double>& x) {
    return x.size() == 0 ? 0 : x.hasNaN() ? not_known : x.cwiseAbs().maxCoeff();
}

double rms(const Vector<double>& x) { return x.norm() / std::sqrt(static_cast<double>(std::max<Index>(x.size(), 1))); }

std::string text_of(double x) { return io::number(x, 2); }

GradientVerdict verdict_of(const ChannelGradient& x, double allowed) {
    const double off = rms(x.difference), error = rms(x.error);
    if (x.numeric.allFinite() && !x.analytic.allFinite()) return GradientVerdict::differs;
    if (error <= allowed) return off <= allowed ? GradientVerdict::agrees : GradientVerdict::differs;
    return off > allowed + error ? GradientVerdict::differs : GradientVerdict::undecided;
}

std::string why_of(const ChannelGradient& x, double tolerance) {
    if (x.verdict == GradientVerdict::undecided)
        return std::isfinite(x.largest_error)
                   ? "cannot be judged: the gradient is up to " + text_of(x.largest) +
                         ", and rounding may put the numeric one off by " + text_of(x.largest_error)
                   : "cannot be judged: the numeric gradient is not finite";
    if (!std::isfinite(x.largest)) return "the analytic gradient is not finite";
    return "off by " + text_of(x.relative) + ", relative; allowed " + text_of(tolerance) +
           "; rounding may put the numeric one off by " + text_of(x.largest_error);
}

void judge(ChannelGradient& x) {
    const double tolerance = check::tolerance(check::Pair::adjoint_difference, check::kind_of(x.name));
    const double size = rms(x.analytic), off = rms(x.difference), allowed = tolerance * size;
    x.largest_difference = largest_of(x.difference);
    x.largest_error = largest_of(x.error);
    x.relative = off == 0 || size == 0 ? off : off / size;
    x.allowed = std::max(allowed, rms(x.error));
    x.verdict = verdict_of(x, allowed);
    x.why = why_of(x, tolerance);
}

}  // namespace

/// What moving a channel, or all channels of v or w, did to the loss, by value column.
struct NumericRun::Move {
    Vector<double> loss;   ///< [value_dim]: difference
    Vector<double> error;  ///< bound of its rounding
};

NumericRun::NumericRun(const Track& track, const GradientView& gradients, Index token)
    : track_(track), loss_(gradients.loss()), S_before_(track.S(token - 1)) {
    result_.token = token;
    for (std::size_t i = 0; i < token_inputs; ++i) {
        ChannelGradient& tensor = result_.tensors[i];
        tensor.name = names[i];
        tensor.analytic = gradient_in(gradients.gradient(), i).row(token).transpose();
        tensor.numeric = tensor.difference = tensor.error =
            Vector<double>::Constant(tensor.analytic.size(), not_known);
        tensor.largest = largest_of(tensor.analytic);
    }
    worth_ = worth_terms_ = Matrix<double>::Zero(track.key_dim(), track.value_dim());
    measure(of_q);  // what is stored does not change
    say_what_is_left();
    result_.flops = result_.flops_left;
}

double NumericRun::flops_per_chunk(Index rows, Index columns) const {
    const auto c = static_cast<double>(rows), keys = static_cast<double>(track_.key_dim());
    return c * static_cast<double>(columns) * (6 * keys + 2 * c) + 10 * c * c * keys;
}

NumericRun::Batch NumericRun::begin() const {
    const Index values = track_.value_dim(), count = std::min(track_.key_dim() - rows_,
                                                              std::max<Index>(1, widest / values));
    Batch batch{rows_, count, result_.token + 1, Matrix<double>::Zero(track_.key_dim(), count * values)};
    for (Index i = 0; i < count; ++i) batch.S.row(rows_ + i).segment(i * values, values).setOnes();
    return batch;
}

/// The next chunk of a batch's runs. Returns what it cost.
double NumericRun::work(Batch& batch) {
    const Index rows = std::min(chunk_length, track_.length() - batch.next), values = track_.value_dim();
    const Sequence<double> one = span_of(sequence_of(track_.head()), batch.next, rows);
    const Matrix<double> none = Matrix<double>::Zero(rows, batch.S.cols());
    const Sequence<double> silent{one.q, one.k, one.g, one.b, rows_of(none), rows_of(none), one.scale};
    Forward<double> run = chunk(silent, batch.S, chunk_length);
    batch.S = std::move(run.final_state);
    for (Index i = 0; i < batch.count; ++i) {
        const Matrix<double> terms = loss_.d_o.middleRows(batch.next, rows)
                                         .cwiseProduct(run.o.middleCols(i * values, values));
        worth_.row(batch.first + i) += terms.colwise().sum();
        worth_terms_.row(batch.first + i) += terms.cwiseAbs().colwise().sum();
    }
    batch.next += rows;
    return flops_per_chunk(rows, batch.S.cols());
}

void NumericRun::end(const Batch& batch) {
    const Index values = track_.value_dim();
    for (Index i = 0; i < batch.count; ++i) {
        const Matrix<double> terms = loss_.d_final_state.cwiseProduct(batch.S.middleCols(i * values, values));
        worth_.row(batch.first + i) += terms.colwise().sum();
        worth_terms_.row(batch.first + i) += terms.cwiseAbs().colwise().sum();
    }
    rows_ += batch.count;
}

/// Both runs of the token, and what they are worth.
NumericRun::Move NumericRun::moved(std::size_t tensor, Index channel) const {
    const MovedToken up(track_.head(), result_.token, tensor, channel, step);
    const MovedToken down(track_.head(), result_.token, tensor, channel, -step);
    const Edited above = up.edit(S_before_), below = down.edit(S_before_), size = up.magnitudes(S_before_);
    const Vector<double> d_o = track_.head().scale * loss_.d_o.row(result_.token).transpose();
    const Matrix<double> change = above.S - below.S;
    Move move{d_o.cwiseProduct(above.o - below.o), 2 * d_o.cwiseAbs().cwiseProduct(size.o)};
    if (tensor != of_q) {
        move.loss += worth_.cwiseProduct(change).colwise().sum().transpose();
        move.error += (2 * worth_terms_.cwiseProduct(size.S) + worth_terms_.cwiseProduct(change.cwiseAbs()))
                          .colwise().sum().transpose();
    }
    constexpr double unit = std::numeric_limits<double>::epsilon() / 2;
    move.error *= unit * static_cast<double>(track_.key_dim() + chunk_length);  // roundings of a sum, at most
    if (up.changes_nothing(S_before_)) move.error.setZero();  // both runs are the same
    return move;
}

/// One tensor's channels, once the worth of the state is known.
void NumericRun::measure(std::size_t tensor) {
    ChannelGradient& x = result_.tensors[tensor];
    const bool by_column = is_on_value_axis(tensor);
    const Index moves = by_column ? 1 : x.numeric.size();
    for (Index channel = 0; channel < moves; ++channel) {
        const Move move = moved(tensor, channel);
        const Vector<double> width = width_of(track_.head(), result_.token, tensor, step);
        if (by_column) {
            x.numeric = move.loss.cwiseQuotient(width);
            x.error = move.error.cwiseQuotient(width);
        } else {
            x.numeric[channel] = move.loss.sum() / width[channel];
            x.error[channel] = move.error.sum() / width[channel];
        }
    }
    x.difference = x.numeric - x.analytic;
    judge(x);
}

bool NumericRun::advance(double flops) {
    double done = 0;
    while (!result_.complete && done < flops) {
        if (!batch_) batch_ = begin();
        while (batch_->next < track_.length() && done < flops) done += work(*batch_);
        if (batch_->next < track_.length()) break;
        end(*batch_);
        batch_.reset();
        result_.complete = rows_ == track_.key_dim();
        for (std::size_t i = of_v; i < token_inputs && result_.complete; ++i) measure(i);
    }
    say_what_is_left();
    return !result_.complete;
}

void NumericRun::fill(double flops) {
    if (result_.flops_left <= flops) advance(std::numeric_limits<double>::infinity());
}

void NumericRun::say_what_is_left() {
    const Index rows = track_.key_dim() - rows_, columns = rows * track_.value_dim();
    const Index tokens = track_.length() - 1 - result_.token;
    const double chunks = static_cast<double>(tokens) / static_cast<double>(chunk_length);
    const double at = batch_ ? static_cast<double>(batch_->next - result_.token - 1) *
                                   static_cast<double>(batch_->count * track_.value_dim())
                             : 0;
    const double all = chunks * flops_per_chunk(chunk_length, columns);
    result_.flops_left = result_.complete ? 0 : all * (1 - at / std::max(1.0, static_cast<double>(tokens * columns)));
    const double seconds = std::ceil(result_.flops_left / flops_per_second);
    result_.cost = "dv dw db dg dk: " + std::to_string(columns) + " cells of the state to run over " +
                   std::to_string(tokens) + " tokens, about " + io::number(seconds, 2) + " s";
    if (result_.complete) result_.cost.clear();
}

}  // namespace gdn2::viewer
