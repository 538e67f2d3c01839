// The problem that is timed and the calls that are timed on it.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include <vector>

#include "reference/delta_rule/chunk.h"
#include "tools/bench/flops.h"

namespace gdn2::bench {

/// Sizes of the timed problem: one sequence, every key head with one value head, key_dim = value_dim = dim.
struct ProblemSizes {
    Index length = 1024, heads = 4, dim = 128;

    Index token_heads() const { return length * heads; }
};

/// Unit keys and queries, slow decay, untied gates, an upstream gradient; every number is exact in f32, so
/// that both precisions are given the same problem.
Problem<double> timed_problem(const ProblemSizes& sizes);

/// One path with so many threads on one problem, which must outlive it. The results of the last call of every
/// pass are kept: what is timed is what is checked.
template <class Scalar>
class Workload {
public:
    Workload(const Problem<Scalar>& problem, Path path, Index chunk, int threads);

    /// Computes what backward needs of the forward pass. To be called once, before Pass::backward.
    void prepare();

    /// Runs one pass.
    void run(Pass pass);

    /// What the last call of a pass gave; what it does not give is empty.
    Result<Scalar> result(Pass pass) const;

private:
    struct Head {
        Sequence<Scalar> x;
        Rows<Scalar> d_o;
        Matrix<Scalar> S_0, dS;  // zeros
        ChunkStarts<Scalar> starts;
        Forward<Scalar> forward;
        Gradient<Scalar> gradient;
    };

    Head head_of(Index head) const;
    Forward<Scalar> forward_of(const Head& head, ChunkStarts<Scalar>* starts) const;
    Gradient<Scalar> gradient_of(const Head& head) const;
    template <class Body>
    void for_each_head(const Body& body);

    const Problem<Scalar>& problem_;
    Options options_;
    std::vector<Head> heads_;
    Result<Scalar> run_, grad_;
};

}  // namespace gdn2::bench
