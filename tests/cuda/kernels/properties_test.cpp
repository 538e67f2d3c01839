// What holds bit for bit: a token moves nothing before it, a sequence and a head do not notice their neighbours, a run
// repeats, and a sequence cut at a chunk's end is the uncut one.
//   sources  recurrent_1_naive.cuh recurrent_2_warp.cuh prepare.cuh scan.cuh tile/sequence.h
#include <doctest/doctest.h>

#include "tests/support/device.h"

namespace gdn2::test {
namespace {

using enum cuda::ForwardPath;
using enum cuda::Precision;

/// Heads [first_head, end_head) of tokens [first, end) of one batch row.
Tensor<float> cut(const Tensor<float>& t, Index batch, Index first, Index end, Index first_head,
                  Index end_head) {
    Tensor<float> part({1, end - first, end_head - first_head, t.shape()[3]});
    for (Index head = first_head; head < end_head; ++head)
        head_rows(part, 0, head - first_head, 0, end - first) = head_rows(t, batch, head, first, end - first);
    return part;
}

/// State of one sequence, all heads or one value head.
Tensor<float> cut_state(const Tensor<float>& t, Index sequence, Index first_head, Index end_head) {
    Tensor<float> part({1, end_head - first_head, t.shape()[2], t.shape()[3]});
    for (Index head = first_head; head < end_head; ++head)
        state_of(part, 0, head - first_head) = state_of(t, sequence, head);
    return part;
}

/// One sequence by itself: tokens [first, end) of one batch row, with state `sequence`.
Problem<float> cut(const Problem<float>& p, Index batch, Index first, Index end, Index sequence) {
    const Index key_heads = p.k.shape()[2], value_heads = p.v.shape()[2];
    Problem<float> part;
    for (const auto member : {&Problem<float>::q, &Problem<float>::k, &Problem<float>::g, &Problem<float>::b})
        part.*member = cut(p.*member, batch, first, end, 0, key_heads);
    for (const auto member : {&Problem<float>::v, &Problem<float>::w})
        part.*member = cut(p.*member, batch, first, end, 0, value_heads);
    if (p.initial_state) part.initial_state = cut_state(*p.initial_state, sequence, 0, value_heads);
    return part;
}

Problem<float> problem_of(Sizes sizes, Decay decay = Decay::slow, std::vector<Index> offsets = {}) {
    Draw draw{sizes, decay, 1, false, true, true, std::move(offsets), 9};
    return cast_problem<float>(draw_problem(draw));
}

/// Another number in every input at token t.
void disturb(Problem<float>& p, Index t) {
    for (Tensor<float>* x : {&p.q, &p.k, &p.v, &p.g, &p.b, &p.w}) {
        const Index row = x->shape()[2] * x->shape()[3];
        for (Index i = t * row; i < (t + 1) * row; ++i) (*x)[i] = x == &p.g ? -40.0f : 0.75f - (*x)[i];
    }
}

void check_causality(cuda::Precision precision, cuda::ForwardPath path, const std::vector<Index>& tokens,
                     Index length) {
    const Problem<float> p = problem_of({1, length, 1, 1, 40, 16, 1});
    const Tensor<float> before = cuda::forward(p, on_device(precision, path)).o;
    for (const Index t : tokens) {
        INFO(std::string(cuda::name_of(precision)) << " " << name_of(path) << " token " << t);
        Problem<float> other = p;
        disturb(other, t);
        const Tensor<float> after = cuda::forward(other, on_device(precision, path)).o;
        if (t > 0) CHECK(same_bits(cut(before, 0, 0, t, 0, 1), cut(after, 0, 0, t, 0, 1)));
        CHECK_FALSE(same_bits(cut(before, 0, t, t + 1, 0, 1), cut(after, 0, t, t + 1, 0, 1)));
    }
}

TEST_CASE("a changed token moves no bit of any output before it in f32") {
    check_causality(f32, chunk, {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 80, 89},
                    90);
    for (const auto path : {recurrent_1, recurrent_2}) check_causality(f32, path, {0, 1, 30, 39}, 40);
}
TEST_CASE("a changed token moves no bit of any output before it in bf16") {
    check_causality(bf16, chunk, {0, 1, 5, 6, 12, 15, 16, 23, 24, 31, 32, 40, 56, 63, 64, 127, 128, 129},
                    130);
    check_causality(f16, chunk, {0, 16, 33, 64}, 70);
    for (const auto path : {recurrent_1, recurrent_2}) check_causality(bf16, path, {0, 1, 30, 39}, 40);
}

void check_alone(const Problem<float>& p, const std::vector<Index>& starts, bool packed,
                 const cuda::Options& options) {
    const Result<float> together = cuda::forward(p, options);
    const Index heads = p.v.shape()[2];
    for (std::size_t n = 0; n + 1 < starts.size(); ++n) {
        const auto sequence = static_cast<Index>(n);
        if (starts[n] == starts[n + 1]) continue;
        const Index batch = packed ? 0 : sequence, first = packed ? starts[n] : 0,
                    end = first + starts[n + 1] - starts[n];
        INFO(std::string(cuda::name_of(options.precision)) << " " << name_of(options.path) << " sequence " << n);
        const Result<float> alone = cuda::forward(cut(p, batch, first, end, sequence), options);
        CHECK(same_bits(cut(together.o, batch, first, end, 0, heads), alone.o));
        CHECK(same_bits(cut_state(together.final_state, sequence, 0, heads), alone.final_state));
    }
}

TEST_CASE("a sequence has the same bits alone and in a batch and in a pack") {
    for (const auto precision : {f32, bf16})
        for (const auto path : all_paths) {
            const cuda::Options options = on_device(precision, path);
            check_alone(problem_of({3, 70, 1, 2, 16, 12, 3}), {0, 70, 140, 210}, false, options);
            const std::vector<Index> starts = {0, 30, 30, 31, 95, 160, 161, 200};
            check_alone(problem_of({1, 200, 1, 2, 13, 16, 7}, Decay::mixed, starts), starts, true, options);
        }
}

TEST_CASE("a head has the same bits alone and beside others and in a group") {
    for (const auto precision : {f32, bf16})
        for (const auto path : all_paths) {
            const Problem<float> p = problem_of({1, 80, 3, 6, 20, 72, 1});
            const Result<float> together = cuda::forward(p, on_device(precision, path));
            for (const Index head : {0, 1, 4, 5}) {
                INFO(std::string(cuda::name_of(precision)) << " " << name_of(path) << " head " << head);
                Problem<float> alone;
                for (const auto member :
                     {&Problem<float>::q, &Problem<float>::k, &Problem<float>::g, &Problem<float>::b})
                    alone.*member = cut(p.*member, 0, 0, 80, head / 2, head / 2 + 1);
                for (const auto member : {&Problem<float>::v, &Problem<float>::w})
                    alone.*member = cut(p.*member, 0, 0, 80, head, head + 1);
                alone.initial_state = cut_state(*p.initial_state, 0, head, head + 1);
                const Result<float> result = cuda::forward(alone, on_device(precision, path));
                CHECK(same_bits(result.o, cut(together.o, 0, 0, 80, head, head + 1)));
                CHECK(same_bits(result.final_state, cut_state(together.final_state, 0, head, head + 1)));
            }
        }
}

TEST_CASE("ten runs give the same bits on one to four host threads") {
    for (const auto precision : {f32, bf16}) {
        const Problem<float> p = problem_of({2, 70, 2, 2, 24, 16, 2}, Decay::mild);
        Result<float> first;
        for (int run = 0; run < 10; ++run) {
            cuda::Options options = on_device(precision);
            options.threads = 1 + run % 4;
            const Result<float> result = cuda::forward(p, options);
            if (run == 0) first = result;
            CHECK(same_bits(result.o, first.o));
            CHECK(same_bits(result.final_state, first.final_state));
        }
    }
}

/// The sequence in two calls, the state handed on.
Result<float> in_two(const Problem<float>& p, Index at, const cuda::Options& options) {
    const Index length = p.q.shape()[1], heads = p.v.shape()[2], dim = p.v.shape()[3];
    const Result<float> head = cuda::forward(cut(p, 0, 0, at, 0), options);
    Problem<float> rest = cut(p, 0, at, length, 0);
    rest.initial_state = head.final_state;
    const Result<float> tail = cuda::forward(rest, options);
    Result<float> both;
    both.o = Tensor<float>({1, length, heads, dim});
    std::copy(head.o.values().begin(), head.o.values().end(), both.o.values().begin());
    std::copy(tail.o.values().begin(), tail.o.values().end(), both.o.values().begin() + head.o.size());
    both.final_state = tail.final_state;
    return both;
}

TEST_CASE("a sequence cut at the end of a chunk has the same bits and cut elsewhere stays within tolerance") {
    for (const auto precision : {f32, bf16}) {
        const Problem<float> p = problem_of({1, 150, 1, 2, 24, 16, 1});
        const Result<float> whole = cuda::forward(p, on_device(precision));
        for (const Index at : {64, 128}) {
            const Result<float> cut_there = in_two(p, at, on_device(precision));
            CHECK(same_bits(cut_there.o, whole.o));
            CHECK(same_bits(cut_there.final_state, whole.final_state));
        }
        for (const Index at : {1, 33, 100, 149}) {
            INFO(std::string(cuda::name_of(precision)) << " cut at " << at);
            const Problem<double> seen = rounded(cast_problem<double>(p), precision);
            expect_device_close(seen, to_double(in_two(p, at, on_device(precision))), precision);
        }
        for (const auto path : {recurrent_1, recurrent_2})
            for (const Index at : {1, 100}) {
                const Result<float> cut_there = in_two(p, at, on_device(precision, path));
                const Result<float> uncut = cuda::forward(p, on_device(precision, path));
                CHECK(same_bits(cut_there.o, uncut.o));
                CHECK(same_bits(cut_there.final_state, uncut.final_state));
            }
    }
}

}  // namespace
}  // namespace gdn2::test
