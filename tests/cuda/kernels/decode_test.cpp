// Decoding against the reference, token by token, and against the recurrent kernel bit for bit; slots; states of bf16.
//   sources  decode.cuh tile/token_step.h
#include <doctest/doctest.h>

#include "tests/support/device.h"

namespace gdn2::test {
namespace {

using enum cuda::ForwardPath;
using enum cuda::Precision;

/// One step of `sequences` sequences, without states.
Problem<double> step_of(Index sequences, Index tokens, Index key_dim, Index value_dim, std::uint64_t seed,
                        Decay decay = Decay::mild) {
    return draw_problem(
        {{sequences, tokens, 2, 4, key_dim, value_dim, 1}, decay, 1, false, true, false, {}, seed});
}

Tensor<double> states_of(Index slots, const Problem<double>& p, cuda::Precision precision,
                         std::uint64_t seed) {
    Random random(seed);
    return rounded(random_normal({slots, p.v.shape()[2], p.k.shape()[3], p.v.shape()[3]}, random), precision);
}

/// Elements [n size, (n + 1) size) of a tensor whose first axis counts pieces.
std::vector<float> piece(const Tensor<float>& t, Index n) {
    const Index size = t.size() / t.shape()[0];
    return {t.values().begin() + n * size, t.values().begin() + (n + 1) * size};
}

void check_step(const Problem<double>& p, cuda::Precision precision, bool state_is_bf16) {
    const cuda::Precision of_state = state_is_bf16 ? bf16 : f32;
    Problem<double> seen = rounded(p, precision);
    const Tensor<double> before = states_of(p.q.shape()[0], p, of_state, 31);
    Tensor<float> states = cast<float>(before);
    INFO("dims " << p.k.shape()[3] << "x" << p.v.shape()[3] << " tokens " << p.q.shape()[1] << " "
                 << std::string(cuda::name_of(precision)) << " states " << std::string(cuda::name_of(of_state)));
    const Tensor<float> o =
        cuda::decode(cast_problem<float>(seen), states, {}, state_is_bf16, on_device(precision));
    seen.initial_state = before;
    const Result<double> truth = forward(seen, {.path = Path::recurrent, .threads = 1});
    const auto tolerance = [](cuda::Precision of) {
        return check::tolerance(pair_of(of), check::Kind::output);
    };
    expect_close("o", truth.o, cast<double>(o), tolerance(precision));
    expect_close("states", truth.final_state, cast<double>(states), tolerance(of_state));
}

TEST_CASE("decoding agrees with the reference over dims and tokens and precisions") {
    constexpr Index dims[][2] = {{1, 1},   {13, 29},  {16, 8},   {64, 60}, {128, 32},
                                 {130, 9}, {200, 16}, {256, 40}, {4, 33}};
    for (std::size_t i = 0; i < std::size(dims); ++i)
        for (const bool state_is_bf16 : {false, true}) {
            const auto tokens = static_cast<Index>(1 + 7 * i % 16);
            check_step(step_of(2, tokens, dims[i][0], dims[i][1], i), all_precisions[(i + state_is_bf16) % 3],
                       state_is_bf16);
        }
    for (const Index tokens : {1, 2, 3, 15, 16})
        check_step(step_of(3, tokens, 24, 12, 5, Decay::wiped), bf16, false);
}

TEST_CASE("decoding has the bits of the recurrent kernel with states of float") {
    for (const auto precision : {f32, bf16})
        for (const Index key_dim : {20, 128, 200}) {
            const Problem<double> p = rounded(step_of(3, 16, key_dim, 21, 7), precision);
            Tensor<float> states = cast<float>(states_of(3, p, f32, 8));
            Problem<float> single = cast_problem<float>(p);
            single.initial_state = states;
            const Result<float> whole = cuda::forward(single, on_device(precision, recurrent_2));
            single.initial_state.reset();
            const Tensor<float> o = cuda::decode(single, states, {}, false, on_device(precision));
            CHECK(same_bits(o, whole.o));
            CHECK(same_bits(states, whole.final_state));
        }
}

TEST_CASE("slots pick states in any order and leave all others and skipped outputs alone") {
    for (const bool state_is_bf16 : {false, true}) {
        const Index value_dim = state_is_bf16 ? 40 : 10;  // one block a head, and two
        const Problem<double> p = rounded(step_of(5, 2, 18, value_dim, 9), bf16);
        const Tensor<float> before = cast<float>(states_of(8, p, bf16, 10));
        const std::vector<std::int32_t> slots = {6, -1, 0, 3, -7};
        Tensor<float> states = before, one_by_one = cast<float>(states_of(5, p, bf16, 11));
        const Index size = before.size() / 8;
        for (Index n = 0; n < 5; ++n)
            if (slots[std::size_t(n)] >= 0)
                std::copy_n(before.data() + slots[std::size_t(n)] * size, size, one_by_one.data() + n * size);
        const cuda::Options options = on_device(bf16);
        const Tensor<float> o = cuda::decode(cast_problem<float>(p), states, slots, state_is_bf16, options);
        const Tensor<float> expected =
            cuda::decode(cast_problem<float>(p), one_by_one, {}, state_is_bf16, options);
        for (Index n = 0; n < 5; ++n) {
            const std::int32_t slot = slots[std::size_t(n)];
            if (slot >= 0) {
                CHECK(piece(o, n) == piece(expected, n));
                CHECK(piece(states, slot) == piece(one_by_one, n));
                CHECK(piece(states, slot) != piece(before, slot));
            } else {
                for (const float x : piece(o, n)) CHECK(std::isnan(x));
            }
        }
        for (const Index untouched : {1, 2, 4, 5, 7})
            CHECK(piece(states, untouched) == piece(before, untouched));
    }
}

/// Tokens [first, first + count) of every sequence.
Problem<float> tokens_of(const Problem<float>& p, Index first, Index count) {
    Problem<float> part;
    for (const auto member : {&Problem<float>::q, &Problem<float>::k, &Problem<float>::v, &Problem<float>::g,
                              &Problem<float>::b, &Problem<float>::w}) {
        const Tensor<float>& from = p.*member;
        const Shape& shape = from.shape();
        const Index row = shape[2] * shape[3];
        Tensor<float> to({shape[0], count, shape[2], shape[3]});
        for (Index n = 0; n < shape[0]; ++n)
            std::copy_n(from.data() + (n * shape[1] + first) * row, count * row, to.data() + n * count * row);
        part.*member = std::move(to);
    }
    return part;
}

TEST_CASE("fifty steps in a row are one forward pass") {
    for (const auto precision : {f32, bf16}) {
        const Problem<double> p = rounded(step_of(2, 50, 24, 12, 12, Decay::slow), precision);
        const Problem<float> single = cast_problem<float>(p);
        Tensor<float> states({2, 4, 24, 12}), o(p.v.shape());
        for (Index t = 0; t < 50; ++t) {
            const Tensor<float> step =
                cuda::decode(tokens_of(single, t, 1), states, {}, false, on_device(precision));
            for (Index n = 0; n < 2; ++n) std::copy_n(step.data() + n * 48, 48, o.data() + (n * 50 + t) * 48);
        }
        Result<float> claim;
        claim.o = o, claim.final_state = states;
        INFO(std::string(cuda::name_of(precision)));
        expect_device_close(p, to_double(claim), precision);
        const Result<float> whole = cuda::forward(single, on_device(precision, recurrent_2));
        CHECK(same_bits(o, whole.o));
        CHECK(same_bits(states, whole.final_state));
    }
}

TEST_CASE("fifty steps with states of bf16 drift no further than rounding each step allows") {
    const Problem<double> p = rounded(step_of(1, 50, 24, 12, 13), bf16);
    Tensor<float> states({1, 4, 24, 12});
    for (Index t = 0; t < 50; ++t)
        cuda::decode(tokens_of(cast_problem<float>(p), t, 1), states, {}, true, on_device(bf16));
    const Result<double> truth = forward(p, {.path = Path::recurrent});
    expect_close("states", truth.final_state, cast<double>(states), 2e-2);
}

TEST_CASE("decoding takes 256 sequences at once") {
    const Problem<double> p = rounded(step_of(256, 1, 16, 8, 14), bf16);
    check_step(p, bf16, false);
}

TEST_CASE("gates and norms in decoding are those of the recurrent kernel") {
    const Problem<double> p = rounded(step_of(2, 4, 22, 9, 15), bf16);
    for (const auto decay : {cuda::Decay::softplus, cuda::Decay::bounded}) {
        cuda::Options options = on_device(bf16, recurrent_2);
        options.decay = decay;
        options.A_log = {0.1f, -0.4f};
        options.dt_bias.assign(44, -1.25f);
        options.normalise = true;
        Tensor<float> states({2, 4, 22, 9});
        const Problem<float> single = cast_problem<float>(p);
        const Tensor<float> o = cuda::decode(single, states, {}, false, options);
        const Result<float> whole = cuda::forward(single, options);
        CHECK(same_bits(o, whole.o));
        CHECK(same_bits(states, whole.final_state));
    }
}

TEST_CASE("decoding refuses by name what does not fit") {
    const Problem<float> p = cast_problem<float>(step_of(2, 3, 8, 4, 16));
    Tensor<float> states({2, 4, 8, 4});
    const cuda::Options options = on_device(f32);
    const auto refusal = [&](const Problem<float>& problem, Tensor<float> given,
                             const std::vector<std::int32_t>& slots) {
        try {
            cuda::decode(problem, given, slots, false, options);
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK(refusal(p, states, {}) == "accepted");
    CHECK(refusal(p, Tensor<float>({2, 4, 4, 8}), {}) ==
          "states must be [slots, value_heads, key_dim, value_dim], got [2, 4, 4, 8]");
    CHECK(refusal(p, Tensor<float>({3, 4, 8, 4}), {}) ==
          "decode needs a state or slot for each of 2 sequences");
    CHECK(refusal(p, states, {0}) == "decode needs a state or slot for each of 2 sequences");
    CHECK(refusal(p, states, {0, 2}) == "slot 2 is beyond the 2 states");
    CHECK(refusal(p, states, {1, 1}) == "slot 1 is given to two sequences");
    Problem<float> other = p;
    other.initial_state = states;
    CHECK(refusal(other, states, {}) == "decode takes a dense problem without states");
    CHECK(refusal(cast_problem<float>(step_of(2, 17, 8, 4, 16)), states, {}) ==
          "decode takes 1 to 16 tokens, got 17");
}

}  // namespace
}  // namespace gdn2::test
