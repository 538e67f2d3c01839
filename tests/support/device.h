// Where the tests of kernels run, and what their results are held to.
// The emulator, or with GDN2_TEST_DEVICE=cuda in the environment the card.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <string>

#include "cuda/api/run.h"
#include "reference/core/small_float.h"
#include "reference/delta_rule/heads.h"
#include "tests/support/expect_close.h"
#include "tests/support/random_problem.h"

namespace gdn2::test {

inline cuda::Device device() {
    const char* name = std::getenv("GDN2_TEST_DEVICE");
    return name && std::string(name) == "cuda" ? cuda::Device::cuda : cuda::Device::emulator;
}

/// Whether the long set is asked for: GDN2_LONG_TESTS=1.
inline bool long_tests() {
    const char* value = std::getenv("GDN2_LONG_TESTS");
    return value && std::string(value) == "1";
}

inline constexpr cuda::Precision all_precisions[] = {cuda::Precision::f32, cuda::Precision::bf16,
                                                     cuda::Precision::f16};
inline constexpr cuda::ForwardPath all_paths[] = {cuda::ForwardPath::chunk, cuda::ForwardPath::recurrent_1,
                                                  cuda::ForwardPath::recurrent_2};

inline std::string name_of(cuda::ForwardPath path) {
    constexpr const char* names[] = {"chunk", "recurrent_1", "recurrent_2"};
    return names[static_cast<int>(path)];
}

inline cuda::Options on_device(cuda::Precision precision, cuda::ForwardPath path = cuda::ForwardPath::chunk) {
    cuda::Options options;
    options.device = device();
    options.precision = precision;
    options.path = path;
    return options;
}

inline double rounded(double x, cuda::Precision precision) {
    switch (precision) {
        case cuda::Precision::f32:
            return static_cast<float>(x);
        case cuda::Precision::bf16:
            return BFloat16::decode(BFloat16::encode(x));
        case cuda::Precision::f16:
            return Half::decode(Half::encode(x));
    }
    return x;
}

inline Tensor<double> rounded(Tensor<double> tensor, cuda::Precision precision) {
    for (double& x : tensor.values()) x = rounded(x, precision);
    return tensor;
}

/// The problem as a device sees it: g and the states stay float.
inline Problem<double> rounded(Problem<double> p, cuda::Precision precision) {
    for (Tensor<double>* t : {&p.q, &p.k, &p.v, &p.b, &p.w}) *t = rounded(std::move(*t), precision);
    return p;
}

/// First token of every sequence and the end of the last; of a batch, as if its rows were packed.
inline std::vector<Index> starts_of(const Problem<double>& p) {
    if (p.cu_seqlens) return *p.cu_seqlens;
    std::vector<Index> starts;
    for (Index n = 0; n <= p.q.shape()[0]; ++n) starts.push_back(n * p.q.shape()[1]);
    return starts;
}

/// One sequence of one value head of `naive`: tokens [first, end), counted over the whole batch.
inline void naive_sequence(const Problem<double>& p, cuda::Precision precision, Index first, Index end,
                           Index head, Eigen::Map<Matrix<double>> S, Tensor<double>& o) {
    const Index key_head = head / (p.v.shape()[2] / p.k.shape()[2]), length = p.q.shape()[1];
    const auto round = [&](double x) { return rounded(x, precision); };
    for (Index token = first; token < end; ++token) {
        const auto row = [&](const Tensor<double>& t, Index h) -> Vector<double> {
            return head_rows(t, token / length, h, token % length, 1).row(0);
        };
        const Vector<double> k = row(p.k, key_head);
        const Vector<double> e = row(p.b, key_head).cwiseProduct(k).unaryExpr(round);
        const Vector<double> z = row(p.w, head).cwiseProduct(row(p.v, head)).unaryExpr(round);
        for (Index c = 0; c < S.rows(); ++c)
            S.row(c) *= std::exp(p.g[((token * p.k.shape()[2]) + key_head) * S.rows() + c]);
        const Vector<double> residual = (z - S.transpose() * e).unaryExpr(round);
        S += k * residual.transpose();
        head_rows(o, token / length, head, token % length, 1).row(0) =
            (scale_of(p) * (S.transpose() * row(p.q, key_head))).unaryExpr(round).transpose();
    }
}

/// What the rule costs in this precision when it is written down plainly: token by token with e, z, the residual and
/// o rounded, and everything else exact. The yardstick for kernels, which round other things at other places.
inline Result<double> naive(const Problem<double>& p, cuda::Precision precision) {
    const Sizes sizes = validate_shapes(p);
    Result<double> result;
    result.o = Tensor<double>(sizes.value_shape());
    result.final_state = p.initial_state ? *p.initial_state : Tensor<double>(sizes.state_shape());
    const std::vector<Index> starts = starts_of(p);
    for (Index n = 0; n < sizes.sequences; ++n)
        for (Index head = 0; head < sizes.value_heads; ++head)
            naive_sequence(p, precision, starts[static_cast<std::size_t>(n)],
                           starts[static_cast<std::size_t>(n) + 1], head,
                           state_of(result.final_state, n, head), result.o);
    return result;
}

/// Norm-relative error; 0 where there is nothing to compare.
inline double error_of(const Tensor<double>& reference, const Tensor<double>& claim) {
    double error = 0, size = 0;
    for (Index i = 0; i < reference.size(); ++i) {
        const double difference = claim[i] - reference[i];
        error += difference * difference;
        size += reference[i] * reference[i];
    }
    return error == 0 ? 0 : std::sqrt(error / size);
}

inline check::Pair pair_of(cuda::Precision precision) {
    return precision == cuda::Precision::f32    ? check::Pair::f32_device
           : precision == cuda::Precision::bf16 ? check::Pair::bf16_device
                                                : check::Pair::f16_device;
}

/// Holds what a device made of `seen`, a rounded problem, against the reference token by token. In float by the table;
/// below by the rule of check::low_precision_factor, times `slack`.
inline void expect_device_close(const Problem<double>& seen, const Result<double>& claim,
                                cuda::Precision precision, double slack = 1) {
    const Result<double> truth = forward(seen, {.path = Path::recurrent, .threads = 1});
    const double table = check::tolerance(pair_of(precision), check::Kind::output);
    const bool is_float = precision == cuda::Precision::f32;
    const Result<double> plain = is_float ? truth : naive(seen, precision);
    const auto limit = [&](const Tensor<double>& reference, const Tensor<double>& yardstick) {
        if (is_float) return table;
        const double floor = table / (reference.size() < 64 ? 2 : 5);  // the error of a few numbers is luck
        return slack * (check::low_precision_factor * error_of(reference, yardstick) + floor);
    };
    expect_close("o", truth.o, claim.o, limit(truth.o, plain.o));
    expect_close("final_state", truth.final_state, claim.final_state,
                 limit(truth.final_state, plain.final_state));
}

/// Rounds a problem, runs it forward and holds the result against the reference.
inline void expect_forward(const Problem<double>& p, const cuda::Options& options, double slack = 1) {
    const Problem<double> seen = rounded(p, options.precision);
    INFO(std::string(cuda::name_of(options.precision)) << " " << name_of(options.path));
    const Result<float> claim = cuda::forward(cast_problem<float>(seen), options);
    expect_device_close(seen, to_double(claim), options.precision, slack);
}

/// Bit for bit; NaN equals NaN.
inline bool same_bits(const Tensor<float>& a, const Tensor<float>& b) {
    return a.shape() == b.shape() &&
           std::equal(a.values().begin(), a.values().end(), b.values().begin(), [](float x, float y) {
               return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
           });
}

}  // namespace gdn2::test
