// A device takes the place of delta_memory's own paths in float, and of nothing else.
#include "reference/layers/delta_device.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

constexpr Batch batch{2, 21};

/// The reference, token by token, as a device; counts its calls.
class Plain final : public DeltaDevice {
public:
    Tensor<float> forward(const Problem<float>& problem) const override {
        ++calls;
        return gdn2::forward(problem, {.path = Path::recurrent}).o;
    }
    Result<float> gradient(const Problem<float>& problem) const override {
        ++calls;
        Problem<float> whole = problem;
        const Shape& k = problem.k.shape();
        whole.d_final_state = Tensor<float>({k[0], problem.v.shape()[2], k[3], problem.v.shape()[3]});
        return gdn2::gradient(whole, {.path = Path::recurrent});
    }
    mutable int calls = 0;
};

Matrix<float> uniform(Index cols, double low, double high, Random& random) {
    Matrix<float> m(batch.tokens(), cols);
    for (float& x : m.reshaped()) x = static_cast<float>(random.uniform(low, high));
    return m;
}

DeltaMemoryInput<float> draw(const ScanSizes& sizes, bool gates, bool g_of_heads) {
    Random random(3);
    const Index keys = sizes.key_heads * sizes.key_dim, values = sizes.value_heads * sizes.value_dim;
    DeltaMemoryInput<float> x;
    x.q = normal_matrix<float>(batch.tokens(), keys, 0.4f, random);
    x.k = normal_matrix<float>(batch.tokens(), keys, 0.4f, random);
    x.v = normal_matrix<float>(batch.tokens(), values, 1.0f, random);
    x.scale = 0.5f;
    if (!gates) return x;
    x.b = uniform(keys, 0, 1, random);
    x.w = uniform(values, 0, 1, random);
    x.g_of_heads = g_of_heads;
    x.g = uniform(g_of_heads ? sizes.value_heads : keys, -0.3, 0, random);
    return x;
}

bool close(const Matrix<float>& a, const Matrix<float>& b) {
    return a.rows() == b.rows() && a.cols() == b.cols() && (a.size() == 0 || a.isApprox(b, 1e-5f));
}

void expect_same(const ScanSizes& sizes, bool gates, bool g_of_heads) {
    const DeltaMemoryInput<float> x = draw(sizes, gates, g_of_heads);
    DeltaMemoryKept<float> kept;
    const Matrix<float> o = delta_memory(x, sizes, batch, &kept);
    Random random(4);
    const Matrix<float> d_o = normal_matrix<float>(o.rows(), o.cols(), 1.0f, random);
    const auto d = delta_memory_backward(x, sizes, batch, kept, d_o);

    const Plain device;
    set_delta_device(&device);
    DeltaMemoryKept<float> other;
    CHECK(close(delta_memory(x, sizes, batch, &other), o));
    const auto by_device = delta_memory_backward(x, sizes, batch, other, d_o);
    CHECK(device.calls == 2);
    for (const auto member : {&DeltaMemoryInput<float>::q, &DeltaMemoryInput<float>::k, &DeltaMemoryInput<float>::b,
                              &DeltaMemoryInput<float>::v, &DeltaMemoryInput<float>::w, &DeltaMemoryInput<float>::g})
        CHECK(close(by_device.*member, d.*member));
}

TEST_CASE("a device gives what delta_memory gives with gates and without and with grouped heads") {
    expect_same({2, 2, 5, 7}, true, false);
    expect_same({1, 3, 8, 4}, true, false);
    expect_same({2, 2, 5, 7}, true, true);
    expect_same({2, 2, 5, 7}, false, false);
    expect_same({1, 1, 64, 48}, true, false);
}

TEST_CASE("a device is asked in float only and not once it is taken away") {
    const ScanSizes sizes{1, 1, 4, 4};
    const Plain device;
    const DeltaMemoryInput<float> x = draw(sizes, true, false);
    const DeltaMemoryInput<double> wide{x.q.cast<double>(), x.k.cast<double>(), x.b.cast<double>(), x.v.cast<double>(),
                                        x.w.cast<double>(), x.g.cast<double>()};
    set_delta_device(&device);
    delta_memory(wide, sizes, batch);
    CHECK(device.calls == 0);
    set_delta_device(nullptr);
    delta_memory(x, sizes, batch);
    CHECK(device.calls == 0);
}

TEST_CASE("a device that goes takes itself away and no other") {
    const Plain other;
    {
        const Plain device;
        set_delta_device(&device);
    }
    CHECK(delta_device() == nullptr);
    {
        const Plain device;
        set_delta_device(&other);
    }
    CHECK(delta_device() == &other);
}

}  // namespace
}  // namespace gdn2
