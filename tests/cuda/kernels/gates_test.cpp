// Gates and norms computed in the kernels, against the same computed on the host in double and handed over as
// log-decay.
//   sources  tile/key_row.h prepare.cuh token_step.h recurrent_1_naive.cuh key_adjoint.cuh
#include <doctest/doctest.h>

#include "tests/support/device_gradient.h"

namespace gdn2::test {
namespace {

using enum cuda::Precision;

Problem<double> problem_of(std::uint64_t seed, bool unit_keys = true, Index key_dim = 19) {
    return draw_problem(
        {{1, 70, 2, 4, key_dim, 16, 1}, Decay::slow, 1, false, unit_keys, true, {0, 20, 20, 70}, seed});
}

/// The log-decay of a gate, as params.h says.
double gated(const cuda::Options& options, double g, Index head, Index channel, Index dim) {
    const auto at = static_cast<std::size_t>(head * dim + channel);
    const double x = g + (options.dt_bias.empty() ? 0.0 : options.dt_bias[at]);
    const double rate = std::exp(double{options.A_log[static_cast<std::size_t>(head)]});
    if (options.decay == cuda::Decay::softplus)
        return -rate * (std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))));
    return options.lower_bound / (1 + std::exp(-rate * x));
}

void check_gate(cuda::Options options, bool bias) {
    Problem<double> p = problem_of(21);
    Random random(22);
    const Index dim = p.k.shape()[3];
    options.A_log = {-1.5f, 0.7f};
    if (bias)
        for (Index i = 0; i < 2 * dim; ++i)
            options.dt_bias.push_back(static_cast<float>(random.uniform(-4, 1)));
    for (Index i = 0; i < p.g.size(); ++i)  // mostly ordinary, now and then far out on either side
        p.g[i] =
            static_cast<float>(random.uniform() < 0.05 ? random.uniform(-90, 40) : random.uniform(-9, 2));
    p.g[3] = 88, p.g[30] = -88, p.g[50] = 0, p.g[57] = 19.999f, p.g[58] = 20.001f;
    const Problem<double> seen = rounded(p, options.precision);
    const Result<float> claim = cuda::forward(cast_problem<float>(seen), options);
    Problem<double> plain = seen;
    for (Index i = 0; i < p.g.size(); ++i) plain.g[i] = gated(options, p.g[i], i / dim % 2, i % dim, dim);
    INFO(std::string(cuda::name_of(options.precision)) << " " << name_of(options.path) << " bias " << bias);
    expect_device_close(plain, to_double(claim), options.precision);
}

TEST_CASE(
    "softplus in the kernels is that of the host with small and large arguments and with and without "
    "dt_bias") {
    for (const auto path : all_paths)
        for (const bool bias : {false, true})
            for (const auto precision : {f32, bf16}) {
                cuda::Options options = on_device(precision, path);
                options.decay = cuda::Decay::softplus;
                check_gate(options, bias);
            }
}

TEST_CASE("the bounded gate in the kernels is that of the host with and without dt_bias") {
    for (const auto path : all_paths)
        for (const bool bias : {false, true}) {
            cuda::Options options = on_device(f32, path);
            options.decay = cuda::Decay::bounded;
            options.lower_bound = bias ? -5.0f : -0.25f;
            check_gate(options, bias);
        }
}

/// Rows of q and k divided as the kernels do.
Tensor<double> normalised(Tensor<double> x, double epsilon) {
    const Index dim = x.shape()[3];
    for (Index row = 0; row < x.size(); row += dim) {
        double squares = epsilon;
        for (Index i = row; i < row + dim; ++i) squares += x[i] * x[i];
        for (Index i = row; i < row + dim; ++i) x[i] /= std::sqrt(squares);
    }
    return x;
}

/// The usual epsilon, and one that is seen.
float epsilon_for(Index key_dim) { return key_dim < 100 ? cuda::Options{}.norm_epsilon : 0.1f; }

void check_norms(cuda::Precision precision, cuda::ForwardPath path, double tiny, double huge,
                 Index key_dim = 19) {
    Problem<double> p = problem_of(23, false, key_dim);
    const Index dim = p.k.shape()[3];
    for (Tensor<double>* x : {&p.q, &p.k})
        for (Index row = 0; row < x->size() / dim; ++row) {
            const double factor = row % 7 == 3 ? tiny : row % 11 == 5 ? huge : row % 13 == 0 ? 0 : 1;
            for (Index i = row * dim; i < (row + 1) * dim; ++i)
                (*x)[i] = static_cast<float>(factor * (*x)[i]);
        }
    cuda::Options options = on_device(precision, path);
    options.normalise = true;
    options.norm_epsilon = epsilon_for(key_dim);
    const Problem<double> seen = rounded(p, precision);
    const Result<float> claim = cuda::forward(cast_problem<float>(seen), options);
    Problem<double> plain = seen;
    plain.q = normalised(seen.q, double{options.norm_epsilon});
    plain.k = normalised(seen.k, double{options.norm_epsilon});
    INFO(std::string(cuda::name_of(precision)) << " " << name_of(path));
    expect_device_close(plain, to_double(claim), precision);
}

TEST_CASE("norms in the kernels are those of the host with zero and tiny and huge rows") {
    for (const auto path : all_paths) {
        check_norms(f32, path, 1e-18, 1e15);
        check_norms(bf16, path, 1e-18, 1e15);
        check_norms(f16, path, 1e-3, 1e3);
        check_norms(f32, path, 1e-18, 1e15, 150);
    }
}

/// What gradients of log-decays become: by the derivatives of `gated`, taken as central differences.
void check_gate_gradient(cuda::Options options, Index key_dim, bool bias = true) {
    Problem<double> p = problem_of(24, true, key_dim);
    Random random(25);
    const Index dim = p.k.shape()[3];
    options.A_log = {-1.5f, 0.7f};
    for (Index i = 0; bias && i < 2 * dim; ++i)
        options.dt_bias.push_back(static_cast<float>(random.uniform(-4, 1)));
    for (double& g : p.g.values()) g = static_cast<float>(random.uniform(-9, 2));
    const Problem<double> seen = rounded_with_upstream(p, options.precision);
    const cuda::Gradients claim = cuda::gradient(cast_problem<float>(seen), options);
    Problem<double> plain = seen;
    for (Index i = 0; i < p.g.size(); ++i) plain.g[i] = gated(options, p.g[i], i / dim % 2, i % dim, dim);
    Result<double> truth = gradient(plain, {.path = Path::recurrent});
    Tensor<double> d_A_log({2}), d_dt_bias({2 * dim});
    for (Index i = 0; i < p.g.size(); ++i) {
        const Index head = i / dim % 2, channel = i % dim;
        const auto moved = [&](double by_g, double by_A) {
            cuda::Options other = options;
            other.A_log[static_cast<std::size_t>(head)] += static_cast<float>(by_A);
            return gated(other, p.g[i] + by_g, head, channel, dim);
        };
        const double d = truth.dg[i], h = 1.0 / 1024;
        d_A_log[head] += d * (moved(0, h) - moved(0, -h)) / (2 * h);
        truth.dg[i] = d * (moved(h, 0) - moved(-h, 0)) / (2 * h);
        d_dt_bias[head * dim + channel] += truth.dg[i];
    }
    const double tolerance = check::tolerance(pair_of(options.precision), check::Kind::decay_gradient);
    const auto tensor = [](const std::vector<float>& x) {
        Tensor<double> t({Index(x.size())});
        std::copy(x.begin(), x.end(), t.values().begin());
        return t;
    };
    expect_close("dg", truth.dg, cast<double>(claim.dg), tolerance);
    expect_close("d_A_log", d_A_log, tensor(claim.d_A_log), tolerance);
    expect_close("d_dt_bias", d_dt_bias, tensor(claim.d_dt_bias), tolerance);
    expect_close("dk", truth.dk, cast<double>(claim.dk),
                 check::tolerance(pair_of(options.precision), check::Kind::gradient));
}

TEST_CASE("gradients reach g and A_log and dt_bias through both gates and where there is no dt_bias") {
    for (const auto decay : {cuda::Decay::softplus, cuda::Decay::bounded})
        for (const auto precision : {f32, bf16}) {
            INFO(static_cast<int>(decay) << " " << std::string(cuda::name_of(precision)));
            cuda::Options options = on_device(precision);
            options.decay = decay;
            check_gate_gradient(options, 19);
            if (precision == f32) check_gate_gradient(options, 150);  // several warps have a part of A_log
            if (precision == f32) check_gate_gradient(options, 19, false);
        }
}

TEST_CASE("gradients reach q and k through their norms") {
    for (const auto precision : {f32, bf16})
        for (const Index key_dim : {19, 150}) {
            cuda::Options options = on_device(precision);
            options.normalise = true;
            options.norm_epsilon = epsilon_for(key_dim);
            Problem<double> p = problem_of(26, false, key_dim);
            for (Index row = 0; row < p.q.size() / key_dim; ++row)
                for (Index i = 0; row % 7 == 3 && i < key_dim; ++i) p.q[row * key_dim + i] *= 1e-3;
            const Problem<double> seen = rounded_with_upstream(p, precision);
            const cuda::Gradients claim = cuda::gradient(cast_problem<float>(seen), options);
            Problem<double> plain = seen;
            plain.q = normalised(seen.q, double{options.norm_epsilon});
            plain.k = normalised(seen.k, double{options.norm_epsilon});
            Result<double> truth = gradient(plain, {.path = Path::recurrent});
            const auto through_norm = [&](Tensor<double>& d, const Tensor<double>& x, const Tensor<double>& unit) {
                for (Index row = 0; row < d.size(); row += key_dim) {
                    double dot = 0, squares = double{options.norm_epsilon};
                    for (Index i = row; i < row + key_dim; ++i) dot += unit[i] * d[i], squares += x[i] * x[i];
                    for (Index i = row; i < row + key_dim; ++i) d[i] = (d[i] - unit[i] * dot) / std::sqrt(squares);
                }
            };
            through_norm(truth.dq, seen.q, plain.q);
            through_norm(truth.dk, seen.k, plain.k);
            INFO(key_dim << " " << std::string(cuda::name_of(precision)));
            const double tolerance = check::tolerance(pair_of(precision), check::Kind::gradient);
            expect_close("dq", truth.dq, cast<double>(claim.dq), tolerance);
            expect_close("dk", truth.dk, cast<double>(claim.dk), tolerance);
            expect_close("db", truth.db, cast<double>(claim.db), tolerance);
        }
}

}  // namespace
}  // namespace gdn2::test
