// The scan cut into segments, held to the same reference and tolerances as the serial one: lengths, packings, decays,
// groups, dims and formats; integer problems, bit for bit; what must repeat and what a token may not move; gradients.
//   sources  scan_part.cuh carry_segments.cuh scan.cuh scan_plan.cpp
#include <doctest/doctest.h>

#include "cuda/launch/host_call.h"
#include "tests/support/device_cases.h"
#include "tests/support/device_gradient.h"

namespace gdn2::test {
namespace {

using enum cuda::ForwardPath;
using enum cuda::Precision;

/// Segments of so many chunks.
cuda::Options in_segments(cuda::Precision precision, int chunks) {
    cuda::Options options = on_device(precision);
    options.scan = {cuda::ScanChoice::segments, chunks};
    return options;
}

cuda::Options serially(cuda::Precision precision) {
    cuda::Options options = on_device(precision);
    options.scan.kind = cuda::ScanChoice::serial;
    return options;
}

void check_cases(cuda::Precision precision, Index first, Index last, bool large = false) {
    for (Index i = first; i < last; ++i) {
        const Draw draw = draw_case(i, large);
        INFO("case " << i << ": " << to_string(draw));
        const double slack = draw.sizes.key_dim <= 2 ? check::near_singular_factor : 1;
        expect_forward(draw_problem(draw), in_segments(precision, 1), slack);
    }
}

TEST_CASE("segments of one chunk agree with the reference in f32") { check_cases(f32, 0, 24); }
TEST_CASE("segments of one chunk agree with the reference in bf16") { check_cases(bf16, 0, 24); }
TEST_CASE("segments of one chunk agree with the reference in f16") { check_cases(f16, 24, 36); }
TEST_CASE("segments of one chunk agree with the reference on wide heads") {
    check_cases(f32, 0, 9, true);
    check_cases(bf16, 9, 18, true);
    check_cases(f16, 18, 22, true);
}

TEST_CASE("segments of one chunk agree with the reference in the long set of cases") {
    if (!long_tests()) return;
    for (const auto precision : all_precisions) {
        check_cases(precision, 36, 120);
        check_cases(precision, 36, 63, true);
    }
}

TEST_CASE("segments of any length agree with the reference where neither they nor chunks come out even") {
    for (const auto precision : {f32, bf16})
        for (const Decay decay : {Decay::slow, Decay::steep, Decay::mixed})
            for (const int chunks : {1, 2, 3, 4, 9, 10, 11}) {
                const Draw draw{{1, 9 * 64 + 13, 1, 2, 16, 20, 1}, decay, 1, false, true, true, {}, 21};
                INFO("segments of " << chunks << " chunks, decay " << name_of(decay));
                expect_forward(draw_problem(draw), in_segments(precision, chunks));
            }
}

/// Empty sequences, some shorter than a segment, some that end with one, and a long one.
const std::vector<Index> pack = {0, 0, 70, 70, 198, 199, 455, 455, 456, 800, 800};

TEST_CASE("packed sequences may be empty and shorter than a segment and end with one") {
    for (const auto precision : {f32, bf16})
        for (const int chunks : {1, 2, 4}) {
            const bool initial_state = chunks > 1;
            const Draw draw{{1, 800, 2, 4, 13, 29, 1}, Decay::slow, 1, false, true, initial_state, pack, 22};
            INFO("segments of " << chunks << " chunks");
            expect_forward(draw_problem(draw), in_segments(precision, chunks));
        }
}

TEST_CASE("segments agree with the reference where keys resemble each other with b near 2 and no decay") {
    for (const auto precision : all_precisions)
        for (const Index key_dim : {32, 200}) {
            INFO("key_dim " << key_dim);
            Problem<double> p =
                draw_problem({{1, 330, 1, 1, key_dim, 16, 1}, Decay::zero, 2, false, true, true, {}, 11});
            for (Index i = 0; i < p.k.size(); ++i) p.k[i] = p.k[i % key_dim] + 0.02 * p.k[i];
            p.k = unit_rows(p.k);
            for (double& b : p.b.values()) b = 1.9 + 0.05 * b;
            p = cast_problem<double>(cast_problem<float>(p));
            expect_forward(p, in_segments(precision, 2), check::near_singular_factor);
        }
}

TEST_CASE("wide states of every format cross five segments") {
    const std::pair<Index, Index> dims[] = {{16, 128}, {64, 16}, {128, 70}, {256, 40}, {129, 100}};
    for (const auto precision : all_precisions)
        for (const auto& [key_dim, value_dim] : dims) {
            INFO(key_dim << " x " << value_dim);
            const Draw draw{{1, 270, 1, 2, key_dim, value_dim, 1}, Decay::slow, 1, false, true, true, {}, 23};
            expect_forward(draw_problem(draw), in_segments(precision, 1));
        }
}

/// Keys of one 1 each, nothing decays: every number on the way, M's too, is an integer below 256.
Problem<double> integer_problem(Index key_dim, Index value_dim) {
    Problem<double> p = draw_problem(
        {{1, 400, 1, 2, key_dim, value_dim, 1}, Decay::zero, 1, false, true, true, {0, 0, 90, 400}, 3});
    Random random(24);
    const auto fill = [&](Tensor<double>& t, Index low, Index high) {
        for (double& x : t.values()) x = static_cast<double>(random.integer(low, high));
    };
    for (Tensor<double>* t : {&p.q, &p.v, &*p.initial_state}) fill(*t, -1, 1);
    fill(p.b, 0, 1);
    fill(p.w, 0, 1);
    p.k = Tensor<double>(p.k.shape());
    for (Index row = 0; row < p.k.size(); row += key_dim)
        p.k[row + random.integer(0, key_dim - 1)] = random.uniform() < 0.5 ? -1 : 1;
    p.scale = 1;
    return p;
}

TEST_CASE("integer problems give the bits of the reference in segments") {
    for (const Index key_dim : {5, 70, 130}) {
        const Problem<double> p = integer_problem(key_dim, 20);
        const Result<double> truth = forward(p, {.path = Path::recurrent});
        for (const auto precision : all_precisions)
            for (const int chunks : {1, 2}) {
                INFO("key_dim " << key_dim << " " << std::string(cuda::name_of(precision)));
                const Result<double> claim =
                    to_double(cuda::forward(cast_problem<float>(p), in_segments(precision, chunks)));
                CHECK(identical(rounded(truth.o, precision), claim.o));
                CHECK(identical(truth.final_state, claim.final_state));
            }
    }
}

Problem<float> problem_of(Sizes sizes, std::vector<Index> offsets = {}) {
    return cast_problem<float>(
        draw_problem({sizes, Decay::slow, 1, false, true, true, std::move(offsets), 25}));
}

/// Tokens [first, end) of the first batch row.
Tensor<float> tokens_of(const Tensor<float>& t, Index first, Index end) {
    Tensor<float> part({1, end - first, t.shape()[2], t.shape()[3]});
    const Index row = t.shape()[2] * t.shape()[3];
    std::copy_n(t.values().begin() + first * row, (end - first) * row, part.values().begin());
    return part;
}

TEST_CASE("sequences of one or two segments have the serial bits and longer ones have them up to there") {
    for (const auto precision : {f32, bf16}) {
        const Problem<float> p = problem_of({1, 300, 1, 2, 24, 16, 1});
        const Result<float> serial = cuda::forward(p, serially(precision));
        for (const int chunks : {5, 3}) {
            const Result<float> whole = cuda::forward(p, in_segments(precision, chunks));
            CHECK(same_bits(whole.o, serial.o));
            CHECK(same_bits(whole.final_state, serial.final_state));
        }
        const Result<float> cut = cuda::forward(p, in_segments(precision, 2));
        CHECK(same_bits(tokens_of(cut.o, 0, 256), tokens_of(serial.o, 0, 256)));
        CHECK_FALSE(same_bits(cut.o, serial.o));
        CHECK(same_bits(cuda::forward(p, on_device(precision)).o, serial.o));  // so short a one is not cut
    }
}

TEST_CASE("ten runs in segments give the same bits on one to four host threads") {
    for (const auto precision : {f32, bf16}) {
        const Problem<float> p = problem_of({1, 300, 1, 2, 24, 16, 2}, {0, 230, 300});
        const Result<float> first = cuda::forward(p, in_segments(precision, 1));
        for (int run = 0; run < 10; ++run) {
            cuda::Options options = in_segments(precision, 1);
            options.threads = 1 + run % 4;
            const Result<float> result = cuda::forward(p, options);
            CHECK(same_bits(result.o, first.o));
            CHECK(same_bits(result.final_state, first.final_state));
        }
    }
}

TEST_CASE("a changed token moves no bit of any output before it in segments") {
    const Problem<float> p = problem_of({1, 270, 1, 1, 40, 16, 1});
    for (const auto precision : {f32, bf16}) {
        const Tensor<float> before = cuda::forward(p, in_segments(precision, 1)).o;
        for (const Index t : {1, 63, 64, 65, 127, 128, 150, 255, 256, 269}) {
            INFO(std::string(cuda::name_of(precision)) << " token " << t);
            Problem<float> other = p;
            for (Tensor<float>* x : {&other.q, &other.k, &other.v, &other.g, &other.b, &other.w}) {
                const Index row = x->shape()[2] * x->shape()[3];
                for (Index i = t * row; i < (t + 1) * row; ++i) (*x)[i] = x == &other.g ? -40.0f : 0.75f - (*x)[i];
            }
            const Tensor<float> after = cuda::forward(other, in_segments(precision, 1)).o;
            CHECK(same_bits(tokens_of(before, 0, t), tokens_of(after, 0, t)));
            CHECK_FALSE(same_bits(tokens_of(before, t, t + 1), tokens_of(after, t, t + 1)));
        }
    }
}

TEST_CASE("a sequence has the same bits alone and in a pack in segments of one length") {
    for (const auto precision : {f32, bf16}) {
        const std::vector<Index> starts = {0, 30, 30, 250, 400};
        const Problem<float> p = problem_of({1, 400, 1, 2, 13, 16, 1}, starts);
        const Result<float> together = cuda::forward(p, in_segments(precision, 1));
        for (std::size_t n = 0; n + 1 < starts.size(); ++n) {
            const Index first = starts[n], end = starts[n + 1];
            if (first == end) continue;
            Problem<float> alone;
            for (const auto x : {&Problem<float>::q, &Problem<float>::k, &Problem<float>::g, &Problem<float>::b,
                                 &Problem<float>::v, &Problem<float>::w})
                alone.*x = tokens_of(p.*x, first, end);
            alone.initial_state = Tensor<float>({1, 2, 13, 16});
            const Index size = alone.initial_state->size(), at = static_cast<Index>(n) * size;
            std::copy_n(p.initial_state->values().begin() + at, size, alone.initial_state->values().begin());
            const Result<float> result = cuda::forward(alone, in_segments(precision, 1));
            CHECK(same_bits(result.o, tokens_of(together.o, first, end)));
            CHECK(std::equal(result.final_state.values().begin(), result.final_state.values().end(),
                             together.final_state.values().begin() + at));
        }
    }
}

TEST_CASE("states in either layout give the same bits in segments") {
    const Problem<float> p = problem_of({1, 300, 1, 2, 65, 13, 1});
    for (const auto precision : {f32, bf16}) {
        cuda::Options options = in_segments(precision, 1);
        const Result<float> key_first = cuda::forward(p, options);
        options.value_first = true;
        const Result<float> value_first = cuda::forward(p, options);
        CHECK(same_bits(key_first.o, value_first.o));
        CHECK(same_bits(key_first.final_state, value_first.final_state));
    }
}

TEST_CASE("nothing is made of a last segment and no M of a first one and M once for a group of value heads") {
    if (device() == cuda::Device::cuda) return;  // only the emulator counts
    const Problem<float> p = problem_of({1, 600, 2, 6, 70, 20, 1}, {0, 0, 64, 192, 600});
    std::vector<cuda::LaunchRecord> launches;
    cuda::Execution execution(in_segments(bf16, 1), &launches);
    cuda::Uploads uploads(execution.backend(), bf16);
    const cuda::ForwardArguments arguments =
        cuda::upload_forward(uploads, p, validate_shapes(p), in_segments(bf16, 1));
    void* workspace = uploads.empty(cuda::forward_workspace_bytes(arguments), "workspace");
    execution.run(cuda::make_forward_plan(arguments, workspace));
    const std::int64_t row = 128 * 4, N = row * 6 * 20, M = row * 2 * 70;  // key channels fill two slabs
    REQUIRE(launches.size() == 4);
    CHECK(launches[1].counters.global.bytes_stored == (1 + 6) * N + (0 + 5) * M);  // of 0, 1, 2 and 7 chunks
    CHECK(launches[2].counters.global.bytes_stored == 5 * N);
}

TEST_CASE("gradients agree with the reference where the scan that saves walks over segments") {
    for (const auto precision : all_precisions)
        for (const Index key_dim : {24, 130})
            for (const bool saving : {false, true}) {
                INFO("key_dim " << key_dim);
                const Draw draw{{1, 330, 1, 2, key_dim, 20, 1}, Decay::slow, 1, false, true, true, {0, 70, 330}, 26};
                expect_gradient(draw_problem(draw), in_segments(precision, 2), saving);
            }
}

TEST_CASE("gradients have the same bits whether the forward pass saved in segments or not") {
    const Problem<float> p = problem_of({1, 330, 1, 2, 24, 20, 1});
    const cuda::Gradients again = cuda::gradient(p, in_segments(bf16, 1)),
                          saved = cuda::gradient(p, in_segments(bf16, 1), true);
    CHECK(same_bits(again.o, saved.o));
    CHECK(same_bits(again.dk, saved.dk));
    CHECK(same_bits(again.dg, saved.dg));
    CHECK(same_bits(again.d_initial_state, saved.d_initial_state));
}

}  // namespace
}  // namespace gdn2::test
