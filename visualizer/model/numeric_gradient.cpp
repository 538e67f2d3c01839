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

namespace gdn2::viewer {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double flops_per_second = 1e10;  ///< of one core, roughly: for the estimate only
constexpr Index widest = 2048;             ///< columns of states side by side: small enough for a cache

/// Tensors in the order of NumericGradient: cheap ones first.
enum Tensors : std::size_t { of_q, of_v, of_w, of_b, of_g, of_k, all_tensors };
constexpr const char* names[] = {"dq", "dv", "dw", "db", "dg", "dk"};

bool is_on_value_axis(std::size_t tensor) { return tensor == of_v || tensor == of_w; }

const Matrix<double>& gradient_in(const Gradient<double>& d, std::size_t tensor) {
    const Matrix<double>* all[] = {&d.dq, &d.dv, &d.dw, &d.db, &d.dg, &d.dk};
    return *all[tensor];
}

/// One token whose numbers may be moved.
struct MovableToken {
    std::array<Vector<double>, all_tensors> x;

    MovableToken(const Head& head, Index t) {
        const Matrix<double>* all[] = {&head.q, &head.v, &head.w, &head.b, &head.g, &head.k};
        for (std::size_t i = 0; i < all_tensors; ++i) x[i] = all[i]->row(t).transpose();
    }
    /// Edits S and returns what the token reads, not yet scaled.
    Vector<double> step_from(Matrix<double>& S) const {
        const auto map = [this](std::size_t i) {
            return Eigen::Map<const Vector<double>>(x[i].data(), x[i].size());
        };
        return step(Token<double>{map(of_q), map(of_k), map(of_g), map(of_b), map(of_v), map(of_w), 0}, S);
    }
};

double largest_of(const Vector<double>& x) {
    return x.size() == 0 ? 0 : x.hasNaN() ? not_known : x.cwiseAbs().maxCoeff();
}

double tolerance_of(const char* name) {
    return check::tolerance(check::Pair::adjoint_difference, check::kind_of(name));
}

double rms(const Vector<double>& x) { return x.norm() / std::sqrt(static_cast<double>(std::max<Index>(x.size(), 1))); }

Tensor<double> tensor_of(const Vector<double>& x) {
    return {{x.size()}, {x.data(), x.data() + x.size()}};
}

}  // namespace

NumericRun::NumericRun(const Track& track, const GradientView& gradients, Index token)
    : track_(track), loss_(gradients.loss()) {
    result_.token = token;
    for (std::size_t i = 0; i < all_tensors; ++i) {
        ChannelGradient& tensor = result_.tensors[i];
        tensor.name = names[i];
        tensor.analytic = gradient_in(gradients.gradient(), i).row(token).transpose();
        tensor.numeric = tensor.difference = tensor.relative =
            Vector<double>::Constant(tensor.analytic.size(), not_known);
        tensor.largest = largest_of(tensor.analytic);
        result_.least = std::max(result_.least, check::smallest_part * rms(tensor.analytic));
    }
    for (ChannelGradient& tensor : result_.tensors)
        tensor.allowed = tolerance_of(tensor.name) * std::max(rms(tensor.analytic), result_.least);
    say_what_is_left();
    result_.flops = result_.flops_left;
}

/// How many runs of both ways a tensor needs: one for all of v's channels, and of w's.
Index NumericRun::variants(std::size_t tensor) const { return is_on_value_axis(tensor) ? 1 : track_.key_dim(); }

double NumericRun::flops_per_chunk(Index rows, Index columns) const {
    const auto c = static_cast<double>(rows), keys = static_cast<double>(track_.key_dim());
    return c * static_cast<double>(columns) * (6 * keys + 2 * c) + 10 * c * c * keys;
}

double NumericRun::flops_of(std::size_t tensor) const {
    const Index columns = 2 * track_.value_dim() * variants(tensor);
    const Index rest = tensor == of_q ? 0 : track_.length() - 1 - result_.token;
    const double chunks = static_cast<double>(rest) / chunk_length;
    return 7.0 * static_cast<double>(track_.key_dim() * columns) + chunks * flops_per_chunk(chunk_length, columns);
}

NumericRun::Batch NumericRun::begin() const {
    const Index first = result_.tensors[tensor_].known, one = 2 * track_.value_dim();
    const Index count = std::min(variants(tensor_) - first, std::max<Index>(1, widest / one));
    Batch batch{tensor_, first, count, result_.token + 1, Matrix<double>(track_.key_dim(), count * one),
                Matrix<double>(count, track_.value_dim())};
    const Matrix<double> S_before = track_.S(result_.token - 1);
    for (Index variant = 0; variant < count; ++variant) move(batch, variant, S_before);
    if (tensor_ == of_q) batch.next = track_.length();  // the state does not change, nor what follows
    return batch;
}

/// The token itself, moved both ways.
void NumericRun::move(Batch& batch, Index variant, const Matrix<double>& S_before) const {
    const Index values = track_.value_dim();
    std::array<Vector<double>, 2> o;
    for (const Index down : {0, 1}) {
        MovableToken token(track_.head(), result_.token);
        const double by = down ? -step : step;
        if (is_on_value_axis(batch.tensor))
            token.x[batch.tensor].array() += by;
        else
            token.x[batch.tensor][batch.first + variant] += by;
        Matrix<double> S = S_before;
        o[static_cast<std::size_t>(down)] = token.step_from(S);
        batch.S.middleCols((2 * variant + down) * values, values) = S;
    }
    const Vector<double> d_o = track_.head().scale * loss_.d_o.row(result_.token).transpose();
    batch.difference.row(variant) = d_o.cwiseProduct(o[0] - o[1]);
}

/// The next chunk of all of a batch's runs. Returns what it cost.
double NumericRun::work(Batch& batch) const {
    const Index rows = std::min(chunk_length, track_.length() - batch.next), values = track_.value_dim();
    const Sequence<double> one = span_of(sequence_of(track_.head()), batch.next, rows);
    const Matrix<double> v = one.v.replicate(1, 2 * batch.count), w = one.w.replicate(1, 2 * batch.count);
    const Sequence<double> wide{one.q, one.k, one.g, one.b, rows_of(v), rows_of(w), one.scale};
    Forward<double> run = chunk(wide, batch.S, chunk_length);
    batch.S = std::move(run.final_state);
    const auto d_o = loss_.d_o.middleRows(batch.next, rows);
    for (Index i = 0; i < batch.count; ++i) {
        const auto up = run.o.middleCols(2 * i * values, values), down = run.o.middleCols((2 * i + 1) * values, values);
        batch.difference.row(i) += d_o.cwiseProduct(up - down).colwise().sum();
    }
    batch.next += rows;
    return flops_per_chunk(rows, batch.S.cols());
}

void NumericRun::end(const Batch& batch) {
    ChannelGradient& tensor = result_.tensors[batch.tensor];
    const Index values = track_.value_dim();
    Matrix<double> difference = batch.difference;
    if (batch.tensor != of_q)
        for (Index i = 0; i < batch.count; ++i)
            difference.row(i) += loss_.d_final_state
                                     .cwiseProduct(batch.S.middleCols(2 * i * values, values) -
                                                   batch.S.middleCols((2 * i + 1) * values, values))
                                     .colwise()
                                     .sum();
    difference /= 2 * step;
    if (is_on_value_axis(batch.tensor))
        tensor.numeric = difference.row(0).transpose();
    else
        tensor.numeric.segment(batch.first, batch.count) = difference.rowwise().sum();
    tensor.known = is_on_value_axis(batch.tensor) ? values : batch.first + batch.count;
    judge(tensor);
    if (tensor.known == tensor.numeric.size()) ++tensor_;
}

void NumericRun::judge(ChannelGradient& tensor) const {
    tensor.difference = tensor.numeric - tensor.analytic;
    const double least = result_.least > 0 ? result_.least : 1;
    tensor.relative = tensor.difference.cwiseAbs().cwiseQuotient(tensor.analytic.cwiseAbs().cwiseMax(least));
    tensor.largest_difference = largest_of(tensor.difference.head(tensor.known));
    if (tensor.known < tensor.numeric.size()) return;
    tensor.verdict = check::compare(tensor_of(tensor.analytic), tensor_of(tensor.numeric),
                                    {.tolerance = tolerance_of(tensor.name), .least_rms = result_.least});
}

bool NumericRun::advance(double flops) {
    double done = 0;
    while (tensor_ < all_tensors && done < flops) {
        if (!batch_) {
            batch_ = begin();
            done += 7.0 * static_cast<double>(batch_->S.size());
        }
        while (batch_->next < track_.length() && done < flops) done += work(*batch_);
        if (batch_->next < track_.length()) break;
        end(*batch_);
        batch_.reset();
    }
    say_what_is_left();
    return tensor_ < all_tensors;
}

void NumericRun::fill(double flops) {
    while (tensor_ < all_tensors && flops_of(tensor_) <= flops) {
        const std::size_t now = tensor_;
        flops -= flops_of(now);
        while (tensor_ == now) advance(1);
    }
}

void NumericRun::say_what_is_left() {
    result_.complete = tensor_ == all_tensors;
    result_.flops_left = 0;
    Index channels = 0;
    std::string which;
    for (std::size_t i = tensor_; i < all_tensors; ++i) {
        const Index size = result_.tensors[i].numeric.size(), left = size - result_.tensors[i].known;
        result_.flops_left += flops_of(i) * static_cast<double>(left) / static_cast<double>(size);
        channels += left;
        which += std::string(i == tensor_ ? "" : " ") + names[i];
    }
    const double seconds = std::ceil(result_.flops_left / flops_per_second);
    result_.cost = result_.complete ? ""
                                    : which + ": " + std::to_string(channels) + " channels to move, " +
                                          std::to_string(track_.length() - result_.token) + " tokens to run, about " +
                                          io::number(seconds, 2) + " s";
}

}  // namespace gdn2::viewer
