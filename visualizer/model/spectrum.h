// What the states of a run are like as matrices: singular values over time, how keys overlap, which token owns how
// much of a state, and which tokens can make it grow.
//   maths  reference/delta_rule/ledger.h
//   tests  tests/visualizer/model/spectrum_test.cpp
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reference/delta_rule/ledger.h"
#include "visualizer/model/track.h"

namespace gdn2::viewer {

/// The singular values of one state.
struct SpectrumSample {
    Index token = 0;
    Vector<double> singular_values;  ///< falling; empty where the state is not finite
    double effective_rank = 0;  ///< exp of the entropy of the singular values' shares: 3 for three equal ones
    double stable_rank = 0;     ///< |S|^2 / largest^2
};

/// Tokens [first, first + count).
struct TokenWindow {
    Index first = 0, count = 0;

    bool operator==(const TokenWindow&) const = default;
};

/// How the tokens of a window meet each other. Row i, column j.
struct Overlaps {
    Index first = 0;
    Matrix<double> keys;   ///< k_i^T k_j
    Matrix<double> erase;  ///< e_i^T k_j: how much of what lies along k_j token i reads, and takes away along k_i
};

/// Who owns the states of a window. Row i is the state after token first + i, column j is token first + j.
struct LedgerWindow {
    Index first = 0;
    Matrix<double> share;      ///< 0 above the diagonal; a row and its older share add up to 1. A state of zeros has
                               ///< shares 0, one that is not finite has NaN
    Vector<double> older;      ///< share of all tokens before the window and of the initial state
};

/// A track's states as matrices. The track must outlive it. Singular values cost the most, so they are computed for a
/// sample of the tokens, a few at a time. Not for several threads at once.
class Spectrum {
public:
    static constexpr Index most_samples = 200;
    static constexpr Index widest_window = 128;  ///< of overlaps and ledger_window

    explicit Spectrum(const Track& track);

    /// How many tokens are to be sampled: all, or most_samples, or fewer where states are large.
    Index planned() const { return planned_; }
    /// Computes about `flops` more, at least one sample: first the ends, then always between. Returns whether more is
    /// to come.
    bool extend(double flops);
    /// Whether all that is planned is there.
    bool complete() const { return pending_.empty(); }
    /// Plans about twice as many samples, at most one for each token.
    void refine();
    /// Those that are there, by token.
    const std::vector<SpectrumSample>& samples() const { return samples_; }
    /// "95 of 4096 tokens sampled"
    std::string coverage() const;

    /// The state after this very token, sampled or not. Throws Error when there is none.
    const SpectrumSample& at(Index token) const;

    /// Per token: 1 - e^T k, what the content along k keeps; the spectral norm of I - k e^T; |S_t| / |S_{t-1}|, NaN
    /// where S_{t-1} is zero.
    const std::vector<double>& kept() const { return kept_; }
    const std::vector<double>& erase_norm() const { return erase_norm_; }
    const std::vector<double>& growth() const { return growth_; }

    /// Of the `count` tokens from `first` on, cut to those there are and to widest_window.
    Overlaps overlaps(Index first, Index count) const;
    LedgerWindow ledger_window(Index first, Index count) const;

    /// The window to show around a token: all tokens where they are few; else it holds at least half of its length
    /// before the token, and is the same for many neighbours. Throws Error when there is no such token.
    TokenWindow window_around(Index token) const;
    /// What that window holds; made once for all tokens that share it.
    const Overlaps& overlaps_around(Index token) const;
    const LedgerWindow& ledger_around(Index token) const;

    /// Who owns the state after `token`. Stays until another one is asked for. Throws Error when there is none.
    const Ledger& ledger(Index token) const;

private:
    /// Of the window that was asked for last.
    struct Around {
        TokenWindow window;
        std::optional<Overlaps> overlaps;
        std::optional<LedgerWindow> ledger;
    };
    void plan(Index count);
    TokenWindow inside(Index first, Index count) const;
    void require_token(Index token) const;
    Around& around(Index token) const;
    SpectrumSample sample(Index token) const;

    const Track& track_;
    Index planned_ = 0;
    std::vector<Index> pending_;  ///< tokens to sample, the next one last
    std::vector<SpectrumSample> samples_;
    std::vector<double> kept_, erase_norm_, growth_;
    mutable std::optional<SpectrumSample> here_;
    mutable Around around_;
    mutable std::optional<Ledger> ledger_;
    mutable Index ledger_token_ = -1;
};

}  // namespace gdn2::viewer
