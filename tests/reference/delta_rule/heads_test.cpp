// Batch, heads, packing, threads, and the theorems that hold across them.
#include "reference/delta_rule/heads.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>

#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/expect_close.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

constexpr Path all_paths[] = {Path::recurrent, Path::chunk, Path::residual};

/// Positions [first, first + count) along `axis`.
Tensor<double> slice(const Tensor<double>& t, std::size_t axis, Index first, Index count) {
    Shape shape = t.shape();
    Index inner = 1;
    for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
    const Index size = shape[axis];
    shape[axis] = count;
    Tensor<double> part(shape);
    for (Index i = 0; i < part.size(); ++i) {
        const Index outer = i / (inner * count), rest = i % (inner * count);
        part[i] = t[outer * inner * size + first * inner + rest];
    }
    return part;
}

Problem<double> slice_length(const Problem<double>& p, Index first, Index count) {
    Problem<double> part = p;
    for (auto member : {&Problem<double>::q, &Problem<double>::k, &Problem<double>::v, &Problem<double>::g,
                        &Problem<double>::b, &Problem<double>::w})
        part.*member = slice(p.*member, 1, first, count);
    part.d_o = slice(*p.d_o, 1, first, count);
    return part;
}

TEST_CASE("a sequence cut anywhere with its state carried gives the same answer") {
    const Problem<double> p = test::draw_problem(test::killer());
    for (const Path path : all_paths) {
        const Options options{.path = path};
        const Result<double> whole = gradient(p, options);
        for (const Index cut : {1, 63, 64, 65, 149}) {
            INFO("cut " << cut);
            Problem<double> early = slice_length(p, 0, cut), late = slice_length(p, cut, 150 - cut);
            late.initial_state = forward(early, options).final_state;
            const Result<double> after = gradient(late, options);
            early.d_final_state = after.d_initial_state;
            const Result<double> before = gradient(early, options);
            test::expect_close("final_state", whole.final_state, after.final_state, 1e-12);
            test::expect_close("o", slice(whole.o, 1, 0, cut), before.o, 1e-12);
            test::expect_close("dg early", slice(whole.dg, 1, 0, cut), before.dg, 1e-11);
            test::expect_close("dk late", slice(whole.dk, 1, cut, 150 - cut), after.dk, 1e-11);
            test::expect_close("d_initial_state", whole.d_initial_state, before.d_initial_state, 1e-11);
        }
    }
}

TEST_CASE("a packed batch equals its sequences on their own") {
    const std::vector<Index> offsets{0, 0, 7, 7, 8, 80, 80};
    const Problem<double> p =
        test::draw_problem({{1, 80, 2, 4, 6, 5, 6}, test::Decay::slow, 1, false, true, true, offsets, 21});
    for (const Path path : all_paths) {
        const Result<double> packed = gradient(p, {.path = path, .chunk = 24});
        for (std::size_t n = 0; n + 1 < offsets.size(); ++n) {
            INFO("sequence " << n);
            const Index first = offsets[n], length = offsets[n + 1] - first, i = static_cast<Index>(n);
            const Tensor<double> state = slice(packed.final_state, 0, i, 1);
            if (length == 0) {
                CHECK(test::identical(state, slice(*p.initial_state, 0, i, 1)));
                CHECK(test::identical(slice(packed.d_initial_state, 0, i, 1), slice(*p.d_final_state, 0, i, 1)));
                continue;
            }
            Problem<double> alone = slice_length(p, first, length);
            alone.cu_seqlens.reset();
            alone.initial_state = slice(*p.initial_state, 0, i, 1);
            alone.d_final_state = slice(*p.d_final_state, 0, i, 1);
            const Result<double> single = gradient(alone, {.path = path, .chunk = 24});
            CHECK(test::identical(state, single.final_state));
            CHECK(test::identical(slice(packed.o, 1, first, length), single.o));
            CHECK(test::identical(slice(packed.dk, 1, first, length), single.dk));
            CHECK(test::identical(slice(packed.dg, 1, first, length), single.dg));
        }
    }
}

TEST_CASE("grouped value heads equal repeated key heads and their gradients are sums over the group") {
    const Problem<double> p =
        test::draw_problem({{2, 20, 2, 6, 4, 3, 2}, test::Decay::mild, 1, false, true, true, {}, 22});
    Problem<double> repeated = p;
    const auto repeat = [](const Tensor<double>& t) {
        const Shape& s = t.shape();
        Tensor<double> r({s[0], s[1], s[2] * 3, s[3]});
        for (Index i = 0; i < r.size(); ++i) {
            const Index c = i % s[3], head = i / s[3] % (s[2] * 3), token = i / s[3] / (s[2] * 3);
            r[i] = t[(token * s[2] + head / 3) * s[3] + c];
        }
        return r;
    };
    for (auto member : {&Problem<double>::q, &Problem<double>::k, &Problem<double>::g, &Problem<double>::b})
        repeated.*member = repeat(p.*member);
    for (const Path path : all_paths) {
        const Result<double> grouped = gradient(p, {.path = path}), plain = gradient(repeated, {.path = path});
        CHECK(test::identical(grouped.o, plain.o));
        CHECK(test::identical(grouped.dv, plain.dv));
        for (auto member : {&Result<double>::dq, &Result<double>::dk, &Result<double>::dg, &Result<double>::db}) {
            const Tensor<double>&sum = grouped.*member, &parts = plain.*member;
            for (Index i = 0; i < sum.size(); ++i) {
                const Index c = i % 4, row = i / 4;  // row = token * key_heads + head
                const double expected =
                    parts[(row * 3) * 4 + c] + parts[(row * 3 + 1) * 4 + c] + parts[(row * 3 + 2) * 4 + c];
                CHECK(sum[i] == doctest::Approx(expected).epsilon(1e-13));
            }
        }
    }
}

TEST_CASE("heads and batch rows commute with everything") {
    const Problem<double> p =
        test::draw_problem({{2, 33, 2, 2, 4, 3, 2}, test::Decay::mild, 1, false, true, true, {}, 23});
    const Result<double> all = gradient(p, {});
    for (Index n = 0; n < 2; ++n)
        for (Index h = 0; h < 2; ++h) {
            const auto pick = [&](const Tensor<double>& t, std::size_t head_axis) {
                return slice(slice(t, 0, n, 1), head_axis, h, 1);
            };
            Problem<double> one{pick(p.q, 2), pick(p.k, 2), pick(p.v, 2), pick(p.g, 2), pick(p.b, 2), pick(p.w, 2),
                                {},           {},           {},           {},           {}};
            one.initial_state = pick(*p.initial_state, 1);
            one.d_o = pick(*p.d_o, 2);
            one.d_final_state = pick(*p.d_final_state, 1);
            const Result<double> alone = gradient(one, {});
            CHECK(test::identical(pick(all.o, 2), alone.o));
            CHECK(test::identical(pick(all.db, 2), alone.db));
            CHECK(test::identical(pick(all.d_initial_state, 1), alone.d_initial_state));
        }
}

TEST_CASE("the future does not move a bit of the past") {
    const Problem<double> p = test::draw_problem(test::killer());
    for (const Path path : all_paths) {
        const Result<double> before = forward(p, {.path = path});
        Problem<double> changed = p;
        for (Index i = 100 * 13; i < 150 * 13; ++i) changed.k[i] = -changed.k[i] + 0.5;
        const Result<double> after = forward(changed, {.path = path});
        CHECK(test::identical(slice(before.o, 1, 0, 100), slice(after.o, 1, 0, 100)));
        CHECK_FALSE(test::identical(before.final_state, after.final_state));
    }
}

TEST_CASE("a NaN reaches only its own head and only later tokens") {
    const test::AllowFpExceptions allowed;
    Problem<double> p = test::draw_problem({{1, 70, 2, 2, 5, 4, 1}, test::Decay::mild, 1, false, true, true, {}, 24});
    p.k[(40 * 2 + 1) * 5 + 3] = std::nan("");  // token 40 of head 1
    for (const Path path : {Path::recurrent, Path::chunk}) {
        const Result<double> r = forward(p, {.path = path, .chunk = 16});
        for (Index t = 0; t < 70; ++t)
            for (Index j = 0; j < 4; ++j) {
                CHECK(std::isfinite(r.o[(t * 2 + 0) * 4 + j]));
                if (t < 32) CHECK(std::isfinite(r.o[(t * 2 + 1) * 4 + j]));
                if (t >= 40) CHECK(std::isnan(r.o[(t * 2 + 1) * 4 + j]));
            }
    }
}

TEST_CASE("threads do not move a bit and every piece is reported") {
    const Problem<double> p =
        test::draw_problem({{2, 40, 2, 4, 6, 5, 2}, test::Decay::slow, 1, false, true, true, {}, 25});
    const Result<double> one = gradient(p, {.threads = 1});
    for (const int threads : {2, 3, 0}) {
        std::atomic<Index> last{0}, calls{0};
        Options options{.threads = threads};
        options.progress = [&](Index done, Index total) {
            CHECK(total == 8);
            last = done;
            ++calls;
        };
        CHECK(test::identical(one, gradient(p, options)));
        CHECK(calls == 8);
        CHECK(last == 8);
    }
}

TEST_CASE("thirty identical runs give identical bits") {
    const Problem<float> p = cast_problem<float>(test::draw_problem(test::killer()));
    const Result<double> first = test::to_double(gradient(p, {}));
    for (int run = 1; run < 30; ++run) CHECK(test::identical(first, test::to_double(gradient(p, {}))));
}

TEST_CASE("a gradient needs something from above and a chunk needs a length") {
    Problem<double> p = test::draw_problem(test::killer());
    CHECK_THROWS_WITH_AS(gradient(p, {.chunk = 0}), "the chunk length must be at least 1, got 0", Error);
    p.d_o.reset();
    CHECK_NOTHROW(gradient(p, {}));
    p.d_final_state.reset();
    CHECK_THROWS_WITH_AS(gradient(p, {}), "a gradient needs `do` or `dht`, and the problem has neither", Error);
}

TEST_CASE("an absent upstream gradient or initial state is a zero one") {
    Problem<double> p = test::draw_problem(test::killer()), zeros = p;
    p.initial_state.reset();
    p.d_final_state.reset();
    zeros.initial_state = Tensor<double>(zeros.initial_state->shape());
    zeros.d_final_state = Tensor<double>(zeros.d_final_state->shape());
    CHECK(test::identical(gradient(p, {}), gradient(zeros, {})));
    p.d_final_state = zeros.d_final_state;
    p.d_o.reset();
    zeros.d_o = Tensor<double>(zeros.d_o->shape());
    CHECK(test::identical(gradient(p, {}), gradient(zeros, {})));
}

}  // namespace
}  // namespace gdn2
