// The chunkwise forms in float32, in which models train, against float64 token by token, from weak decay to one that
// wipes within a token.
#include <doctest/doctest.h>

#include "reference/baselines/gated_deltanet.h"
#include "reference/baselines/kda.h"
#include "reference/core/random.h"
#include "tests/support/expect_close.h"

namespace gdn2::baselines {
namespace {

constexpr Index length = 150, key_dim = 16, value_dim = 12;

struct Draw {
    Matrix<float> q, k, v, g, gamma, beta, S_0, d_o, d_S;

    explicit Draw(double strongest) {
        Random random(9);
        const auto uniform = [&](Index rows, Index cols, double low, double high) {
            const Tensor<float> t = cast<float>(random_uniform({rows, cols}, random, low, high));
            return Matrix<float>(Eigen::Map<const Matrix<float>>(t.data(), rows, cols));
        };
        q = uniform(length, key_dim, -1, 1);
        k = uniform(length, key_dim, -1, 1).rowwise().normalized();
        v = uniform(length, value_dim, -1, 1);
        g = uniform(length, key_dim, -strongest, 0);
        gamma = uniform(length, 1, -strongest, 0);
        beta = uniform(length, 1, 0, 1);
        S_0 = uniform(key_dim, value_dim, -1, 1);
        d_o = uniform(length, value_dim, -1, 1);
        d_S = uniform(key_dim, value_dim, -1, 1);
    }
};

void expect_near(const char* name, const Matrix<double>& reference, const Matrix<float>& claim) {
    const Matrix<double> wide = claim.cast<double>();
    const auto tensor = [](const Matrix<double>& m) {
        return Tensor<double>({m.rows(), m.cols()}, {m.data(), m.data() + m.size()});
    };
    test::expect_close(name, tensor(reference), tensor(wide),
                       check::tolerance(check::Pair::f32_chunk, check::kind_of(name)));
}

/// Input is Kda or GatedDeltaNet, with g or gamma as its decay.
template <template <class> class Input, class Run, class Backward, class Chunk, class ChunkBackward>
void expect_float_holds(const Draw& x, const Matrix<float>& decay, Run run, Backward backward, Chunk chunk,
                        ChunkBackward chunk_backward) {
    const Matrix<double> q = x.q.cast<double>(), k = x.k.cast<double>(), v = x.v.cast<double>(),
                         g = decay.cast<double>(), beta = x.beta.cast<double>(), S_0 = x.S_0.cast<double>(),
                         d_o = x.d_o.cast<double>(), d_S = x.d_S.cast<double>();
    const Input<double> wide{rows_of(q), rows_of(k), rows_of(v), rows_of(g), rows_of(beta), 0.25};
    const Input<float> in{rows_of(x.q), rows_of(x.k), rows_of(x.v), rows_of(decay), rows_of(x.beta), 0.25f};
    ChunkStarts<float> starts;
    const Forward<double> reference = run(wide, S_0);
    const Forward<float> claim = chunk(in, x.S_0, 32, &starts);
    expect_near("o", reference.o, claim.o);
    expect_near("final_state", reference.final_state, claim.final_state);
    const auto expected = backward(wide, S_0, rows_of(d_o), d_S);
    const auto found = chunk_backward(in, starts, rows_of(x.d_o), x.d_S, 32);
    expect_near("dq", expected.dq, found.dq);
    expect_near("dk", expected.dk, found.dk);
    expect_near("dv", expected.dv, found.dv);
    expect_near("dg", expected.dg, found.dg);
    expect_near("dbeta", expected.dbeta, found.dbeta);
    expect_near("d_initial_state", expected.d_initial_state, found.d_initial_state);
}

TEST_CASE("KDA and Gated DeltaNet keep float32's digits in chunks at any decay") {
    for (const double strongest : {0.0, 0.05, 5.0, 50.0}) {
        INFO("g from " << -strongest);
        const Draw x(strongest);
        expect_float_holds<Kda>(x, x.g, kda<double>, kda_backward<double>, kda_chunk<float>,
                                kda_chunk_backward<float>);
        expect_float_holds<GatedDeltaNet>(x, x.gamma, gated_deltanet<double>, gated_deltanet_backward<double>,
                                          gated_deltanet_chunk<float>, gated_deltanet_chunk_backward<float>);
    }
}

}  // namespace
}  // namespace gdn2::baselines
