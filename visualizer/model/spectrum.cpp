// See spectrum.h.
#include "visualizer/model/spectrum.h"

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>

namespace gdn2::viewer {
namespace {

/// Of the singular values of one state; 5 ms at 128 x 128.
double flops_of(const Track& track) {
    const auto keys = static_cast<double>(track.key_dim()), values = static_cast<double>(track.value_dim());
    return 10 * keys * values * std::min(keys, values);
}

/// What sampling may cost in all: a second or two.
constexpr double flops_of_all_samples = 2e9;
constexpr Index fewest_samples = 24;

/// Cells of a state up to which a window of the widest kind is made in a moment.
constexpr Index largest_small_state = 64 * 64;

Index samples_for(const Track& track) {
    const double affordable = flops_of_all_samples / std::max(flops_of(track), 1.0);
    const auto count = static_cast<Index>(std::min<double>(affordable, Spectrum::most_samples));
    return std::min(track.length(), std::max(count, fewest_samples));
}

/// 0, count - 1, then the middle, the quarters, ...: bits reversed. Some come twice.
std::vector<Index> from_coarse_to_fine(Index count) {
    std::vector<Index> places{0, std::max<Index>(count - 1, 0)};
    Index half = static_cast<Index>(std::bit_ceil(static_cast<std::size_t>(std::max<Index>(count, 1)))) / 2;
    for (; half > 0; half /= 2)
        for (Index place = half; place < count; place += 2 * half) places.push_back(place);
    return places;
}

/// Of a finite S. Eigen's divide and conquer divides by zero on its way to right answers, so nobody may trap that.
Vector<double> singular_values_of(const Matrix<double>& S) {
    std::fenv_t before;
    std::feholdexcept(&before);
    Vector<double> values = Eigen::BDCSVD<Matrix<double>>(S).singularValues();
    std::fesetenv(&before);
    return values;
}

/// exp of the entropy of x / sum(x).
double effective_rank_of(const Vector<double>& x) {
    const double sum = x.sum();
    if (!(sum > 0)) return 0;
    double entropy = 0;
    for (Index i = 0; i < x.size(); ++i)
        if (const double part = x[i] / sum; part > 0) entropy -= part * std::log(part);
    return std::exp(entropy);
}

/// Who owns a state, carried from token to token: S = older + sum_s x_s z_s^T.
class OwnedParts {
public:
    OwnedParts(const Track& track, const TokenWindow& window)
        : track_(track), older_(track.S(window.first - 1)), X_(window.count, track.key_dim()), next_(window.first),
          first_(window.first) {}

    /// One token more: what was there decays and loses what the token erases, and its own part joins.
    void advance() {
        const Index known = next_ - first_;
        const auto alpha = track_.alpha().row(next_), e = track_.e().row(next_), k = track_.head().k.row(next_);
        auto X = X_.topRows(known);
        X = X * alpha.asDiagonal();
        X.noalias() -= (X * e.transpose()).eval() * k;
        older_ = alpha.asDiagonal() * older_;
        older_.noalias() -= k.transpose() * (e * older_).eval();
        X_.row(known) = k;
        ++next_;
    }

    /// <x_s z_s^T, direction> of each token so far.
    Vector<double> along(const Matrix<double>& direction) const {
        const Index known = next_ - first_;
        const Matrix<double> read = track_.z().middleRows(first_, known) * direction.transpose();
        return read.cwiseProduct(X_.topRows(known)).rowwise().sum();
    }
    const Matrix<double>& older() const { return older_; }

private:
    const Track& track_;
    Matrix<double> older_, X_;  ///< row s of X is x_s
    Index next_, first_;
};

double ratio_of(double now, double before) {
    const bool defined = before > 0 && std::isfinite(before) && std::isfinite(now);
    return defined ? now / before : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Spectrum::Spectrum(const Track& track) : track_(track) {
    plan(samples_for(track));
    const Sequence<double> x = sequence_of(track.head());
    double before = track.head().initial_state.norm();
    for (Index t = 0; t < track.length(); ++t) {
        const Token<double> token = token_of(x, t);
        kept_.push_back(erase_eigenvalue(token));
        erase_norm_.push_back(gdn2::erase_norm(token));
        const double now = track.norm_S()[static_cast<std::size_t>(t)];
        growth_.push_back(ratio_of(now, before));
        before = now;
    }
}

SpectrumSample Spectrum::sample(Index token) const {
    SpectrumSample result{token, {}, 0, 0};
    const Matrix<double> S = track_.S(token);
    if (!S.allFinite()) return result;
    result.singular_values = singular_values_of(S);
    result.effective_rank = effective_rank_of(result.singular_values);
    const double largest = result.singular_values.size() > 0 ? result.singular_values[0] : 0;
    if (largest > 0) result.stable_rank = (result.singular_values / largest).squaredNorm();
    return result;
}

void Spectrum::plan(Index count) {
    planned_ = count;
    pending_.clear();
    if (count == 0) return;
    for (const Index place : from_coarse_to_fine(count))
        pending_.push_back(count > 1 ? place * (track_.length() - 1) / (count - 1) : 0);
    std::reverse(pending_.begin(), pending_.end());
}

void Spectrum::refine() { plan(std::min(track_.length(), std::max<Index>(2 * planned_ - 1, 0))); }

bool Spectrum::extend(double flops) {
    const auto is_before = [](const SpectrumSample& x, Index token) { return x.token < token; };
    for (double done = 0; !pending_.empty() && done < flops; pending_.pop_back()) {
        const Index token = pending_.back();
        const auto at = std::lower_bound(samples_.begin(), samples_.end(), token, is_before);
        if (at != samples_.end() && at->token == token) continue;
        samples_.insert(at, sample(token));
        done += flops_of(track_);
    }
    return !pending_.empty();
}

std::string Spectrum::coverage() const {
    return std::to_string(samples_.size()) + " of " + std::to_string(track_.length()) + " tokens sampled";
}

void Spectrum::require_token(Index token) const {
    require(0 <= token && token < track_.length(), "there is no token " + std::to_string(token) +
                                                       ": expected 0 to " + std::to_string(track_.length() - 1));
}

const SpectrumSample& Spectrum::at(Index token) const {
    require_token(token);
    if (!here_ || here_->token != token) here_ = sample(token);
    return *here_;
}

TokenWindow Spectrum::inside(Index first, Index count) const {
    first = std::clamp<Index>(first, 0, track_.length());
    return {first, std::clamp<Index>(count, 0, std::min(widest_window, track_.length() - first))};
}

Overlaps Spectrum::overlaps(Index first, Index count) const {
    const TokenWindow window = inside(first, count);
    const auto K = track_.head().k.middleRows(window.first, window.count);
    const auto E = track_.e().middleRows(window.first, window.count);
    return {window.first, K * K.transpose(), E * K.transpose()};
}

LedgerWindow Spectrum::ledger_window(Index first, Index count) const {
    const TokenWindow window = inside(first, count);
    LedgerWindow result{window.first, Matrix<double>::Zero(window.count, window.count),
                        Vector<double>::Zero(window.count)};
    OwnedParts parts(track_, window);
    for (Index row = 0; row < window.count; ++row) {
        parts.advance();
        const Matrix<double> S = track_.S(window.first + row);
        if (!S.allFinite()) {
            result.share.row(row).head(row + 1).setConstant(std::numeric_limits<double>::quiet_NaN());
            result.older[row] = std::numeric_limits<double>::quiet_NaN();
            continue;
        }
        const double size = S.stableNorm();
        if (size == 0) continue;
        result.share.row(row).head(row + 1) = parts.along(S / size).transpose() / size;
        result.older[row] = parts.older().cwiseProduct(S / size).sum() / size;
    }
    return result;
}

TokenWindow Spectrum::window_around(Index token) const {
    require_token(token);
    const bool small = track_.key_dim() * track_.value_dim() <= largest_small_state;
    const Index most = small ? widest_window : widest_window / 2;
    if (track_.length() <= most) return {0, track_.length()};
    const Index half = most / 2, first = std::max<Index>(0, (token / half - 1) * half);
    return {first, std::min(most, track_.length() - first)};
}

Spectrum::Around& Spectrum::around(Index token) const {
    const TokenWindow window = window_around(token);
    if (!(around_.window == window)) around_ = {window, {}, {}};
    return around_;
}

const Overlaps& Spectrum::overlaps_around(Index token) const {
    Around& there = around(token);
    if (!there.overlaps) there.overlaps = overlaps(there.window.first, there.window.count);
    return *there.overlaps;
}

const LedgerWindow& Spectrum::ledger_around(Index token) const {
    Around& there = around(token);
    if (!there.ledger) there.ledger = ledger_window(there.window.first, there.window.count);
    return *there.ledger;
}

const Ledger& Spectrum::ledger(Index token) const {
    require_token(token);
    if (!ledger_ || ledger_token_ != token) {
        const Sequence<double> tokens = span_of(sequence_of(track_.head()), 0, token + 1);
        ledger_ = ledger_of(tokens, track_.head().initial_state, track_.S(token));
        ledger_token_ = token;
    }
    return *ledger_;
}

}  // namespace gdn2::viewer
