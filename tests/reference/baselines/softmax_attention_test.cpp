// Softmax attention against the definition written out, against its own decoding, and at logits no exp survives.
#include "reference/baselines/softmax_attention.h"

#include <doctest/doctest.h>

#include "reference/core/random.h"

namespace gdn2::baselines {
namespace {

constexpr Index key_dim = 6, value_dim = 4;

struct Draw {
    Matrix<double> q, k, v;

    explicit Draw(Index length) {
        Random random(3);
        const auto normal = [&](Index cols) {
            const Tensor<double> t = random_normal({length, cols}, random);
            return Matrix<double>(Eigen::Map<const Matrix<double>>(t.data(), length, cols));
        };
        q = normal(key_dim);
        k = normal(key_dim);
        v = normal(value_dim);
    }

    SoftmaxAttention<double> view(Index window, double scale = 0.4) const {
        return {rows_of(q), rows_of(k), rows_of(v), scale, window};
    }
};

Matrix<double> written_out(const SoftmaxAttention<double>& in) {
    Matrix<double> o = Matrix<double>::Zero(in.length(), value_dim);
    for (Index t = 0; t < in.length(); ++t) {
        double sum = 0;
        for (Index s = 0; s <= t; ++s) {
            if (in.window > 0 && s <= t - in.window) continue;
            const double weight = std::exp(in.scale * in.q.row(t).dot(in.k.row(s)));
            sum += weight;
            o.row(t) += weight * in.v.row(s);
        }
        o.row(t) /= sum;
    }
    return o;
}

TEST_CASE("softmax attention is its definition at every window") {
    for (const Index length : {0, 1, 5, 64, 150}) {
        const Draw d(length);
        for (const Index window : {0, 1, 2, 16, 64, 65, 1000}) {
            INFO("length " << length << " window " << window);
            const Matrix<double> o = softmax_attention(d.view(window)), expected = written_out(d.view(window));
            CHECK((o - expected).norm() <= 1e-13 * expected.norm());
        }
    }
}

TEST_CASE("decoding softmax attention gives what the sequence gives and a window bounds its memory") {
    const Draw d(150);
    for (const Index window : {0, 1, 7, 200}) {
        INFO("window " << window);
        const SoftmaxAttention<double> in = d.view(window);
        const Matrix<double> o = softmax_attention(in);
        SoftmaxAttentionState<double> state;
        for (Index t = 0; t < in.length(); ++t) {
            const Vector<double> o_t = softmax_attention_step(in, t, state);
            CHECK((o_t - o.row(t).transpose()).norm() <= 1e-13);
        }
        CHECK(state.keys.rows() == (window > 0 ? window : 256));
    }
}

TEST_CASE_TEMPLATE("logits of ten thousand choose the largest and leave no NaN in gradients", Scalar, float, double) {
    const Draw d(40);
    const Matrix<Scalar> q = 100 * d.q.cast<Scalar>(), k = 100 * d.k.cast<Scalar>(), v = d.v.cast<Scalar>();
    const SoftmaxAttention<Scalar> in{rows_of(q), rows_of(k), rows_of(v), 1, 0};
    const Matrix<Scalar> o = softmax_attention(in), logits = q * k.transpose();
    CHECK(logits.cwiseAbs().maxCoeff() > Scalar(1e4));
    for (Index t = 0; t < 40; ++t) {
        Index largest = 0;
        logits.row(t).head(t + 1).maxCoeff(&largest);
        CHECK((o.row(t) - v.row(largest)).norm() <= Scalar(1e-5));
    }
    const Matrix<Scalar> d_o = Matrix<Scalar>::Ones(40, value_dim);
    const SoftmaxAttentionGradient<Scalar> g = softmax_attention_backward(in, rows_of(d_o));
    CHECK(g.dq.allFinite());
    CHECK(g.dk.allFinite());
    CHECK(g.dv.allFinite());
}

TEST_CASE("softmax attention is blind to what all keys share and to later tokens") {
    Draw d(20);
    const Matrix<double> o = softmax_attention(d.view(0));
    Draw shifted = d;
    shifted.k.rowwise() += d.q.row(3);
    CHECK((softmax_attention(shifted.view(0)) - o).norm() <= 1e-12);
    d.k.row(12).setConstant(9);
    d.v.row(12).setConstant(9);
    CHECK(softmax_attention(d.view(0)).topRows(12) == o.topRows(12));
    CHECK_THROWS_AS(softmax_attention(d.view(-1)), Error);
}

}  // namespace
}  // namespace gdn2::baselines
