// Whichever way the memory goes, the numbers are those of the scan, which memory_scan_test.cpp holds to the delta rule.
#include "reference/layers/delta_memory.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

constexpr Batch batch{2, 37};

Matrix<double> uniform(Index cols, double low, double high, Random& random) {
    Matrix<double> m(batch.tokens(), cols);
    for (double& x : m.reshaped()) x = random.uniform(low, high);
    return m;
}

DeltaMemoryInput<double> draw(const ScanSizes& sizes) {
    Random random(3);
    const Index keys = sizes.key_heads * sizes.key_dim, values = sizes.value_heads * sizes.value_dim;
    const double unit = 1 / std::sqrt(static_cast<double>(sizes.key_dim));
    DeltaMemoryInput<double> x;
    x.q = normal_matrix<double>(batch.tokens(), keys, unit, random);
    x.k = normal_matrix<double>(batch.tokens(), keys, unit, random);
    x.b = uniform(keys, 0, 1, random);
    x.v = normal_matrix<double>(batch.tokens(), values, 1, random);
    x.w = uniform(values, 0, 1, random);
    x.g = uniform(keys, -0.3, 0, random);
    x.scale = unit;
    return x;
}

bool close(const Matrix<double>& a, const Matrix<double>& b) {
    return a.rows() == b.rows() && a.cols() == b.cols() && (a.size() == 0 || a.isApprox(b, 1e-11));
}

/// Against the scan on e = b * k and z = w * v, with what is absent written out.
void expect_scanned(const DeltaMemoryInput<double>& x, const ScanSizes& sizes) {
    const bool b = x.b.cols() > 0, w = x.w.cols() > 0;
    ScanInput<double> scan{x.q, x.k, {}, x.v, x.g, x.g_of_heads, x.scale};
    if (b) scan.e = x.b.cwiseProduct(x.k);
    if (w) scan.z = x.w.cwiseProduct(x.v);
    ScanKept<double> scan_kept;
    DeltaMemoryKept<double> kept;
    const Matrix<double> o = delta_memory(x, sizes, batch, &kept);
    CHECK(close(o, memory_scan(scan, sizes, batch, &scan_kept)));
    CHECK(o == delta_memory(x, sizes, batch));

    Random random(4);
    const Matrix<double> d_o = normal_matrix<double>(o.rows(), o.cols(), 1, random);
    const auto d = delta_memory_backward(x, sizes, batch, kept, d_o);
    const auto d_scan = memory_scan_backward(scan, sizes, batch, scan_kept, d_o);
    CHECK(close(d.q, d_scan.dq));
    CHECK(close(d.k, b ? Matrix<double>(d_scan.dk + d_scan.de.cwiseProduct(x.b)) : d_scan.dk));
    CHECK(close(d.v, w ? Matrix<double>(d_scan.dz.cwiseProduct(x.w)) : d_scan.dz));
    CHECK(close(d.g, d_scan.dg));
    CHECK(close(d.b, b ? Matrix<double>(d_scan.de.cwiseProduct(x.k)) : Matrix<double>()));
    CHECK(close(d.w, w ? Matrix<double>(d_scan.dz.cwiseProduct(x.v)) : Matrix<double>()));
}

TEST_CASE("large heads go in chunks and small ones token by token with the same numbers") {
    for (const ScanSizes sizes : {ScanSizes{1, 1, 48, 40}, {2, 4, 41, 43}, {2, 4, 5, 3}, {1, 1, 40, 40}}) {
        INFO(sizes.key_dim << " x " << sizes.value_dim);
        CHECK(goes_in_chunks(sizes) == (sizes.key_dim > 40));
        expect_scanned(draw(sizes), sizes);
    }
}

TEST_CASE("absent gates and decays are those that do nothing, either way") {
    for (const Index dim : {4, 48}) {
        const ScanSizes sizes{2, 2, dim, dim};
        DeltaMemoryInput<double> x = draw(sizes);
        x.b.resize(0, 0);
        x.w.resize(0, 0);
        x.g.resize(0, 0);
        x.k /= 4;  // nothing is forgotten: keep numbers small
        expect_scanned(x, sizes);
    }
}

TEST_CASE("one decay a head, either way") {
    for (const Index dim : {4, 48}) {
        const ScanSizes sizes{2, 2, dim, dim};
        DeltaMemoryInput<double> x = draw(sizes);
        x.g = x.g.leftCols(2).eval();
        x.g_of_heads = true;
        expect_scanned(x, sizes);
    }
}

TEST_CASE("steps of the memory are its tokens") {
    const ScanSizes sizes{1, 1, 48, 48};
    const DeltaMemoryInput<double> x = draw(sizes);
    const Matrix<double> o = delta_memory(x, sizes, batch);
    std::vector<double> S(48 * 48, 0);
    for (Index t = 0; t < batch.length; ++t) {
        DeltaMemoryInput<double> token{x.q.row(t), x.k.row(t), x.b.row(t), x.v.row(t), x.w.row(t), x.g.row(t)};
        token.scale = x.scale;
        CHECK(close(delta_memory_step(token, sizes, S), o.row(t)));
    }
}

TEST_CASE("the memory refuses shapes that disagree by name") {
    const ScanSizes sizes{1, 1, 48, 48};
    DeltaMemoryInput<double> x = draw(sizes);
    x.g = x.g.leftCols(3).eval();
    CHECK_THROWS_WITH_AS(delta_memory(x, sizes, batch), "`g` must be [74, 48], got [74, 3]", Error);
}

}  // namespace
}  // namespace gdn2
