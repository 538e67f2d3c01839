// Tensors as a caller on the device may hold them: either state layout, any address, g in either format, either width
// of cu_seqlens, no final state wanted. None of it changes a bit.
//   sources  forward_plan.cpp host_call.cpp tile/state.h tile/key_row.h tile/tape.h scan.cuh
#include <doctest/doctest.h>

#include <limits>

#include "cuda/launch/host_call.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/device.h"

namespace gdn2::test {
namespace {

using enum cuda::ForwardPath;
using enum cuda::Precision;

Problem<float> problem_of(Index key_dim, Index value_dim, std::vector<Index> offsets = {}) {
    const Draw draw{
        {1, 100, 1, 2, key_dim, value_dim, 1}, Decay::mild, 1, false, true, true, std::move(offsets), 17};
    return cast_problem<float>(draw_problem(draw));
}

/// One forward pass through the device API, whose arguments a test may change before it runs.
class Pass {
public:
    Pass(const Problem<float>& problem, const cuda::Options& options)
        : sizes(validate_shapes(problem)),
          execution(options),
          uploads(execution.backend(), options.precision),
          arguments(cuda::upload_forward(uploads, problem, sizes, options)) {}

    /// o and, where it is wanted, final_state.
    Result<float> run() {
        void* workspace = uploads.empty(cuda::forward_workspace_bytes(arguments), "workspace");
        execution.run(cuda::make_forward_plan(arguments, workspace));
        if (arguments.states.final_state) return cuda::fetch_result(uploads, arguments, sizes);
        Result<float> result;
        result.o = uploads.fetch(arguments.value.o, sizes.value_shape(), arguments.precision);
        return result;
    }

    /// A copy of a tensor that begins one number after a 256-byte boundary.
    const void* shifted(const Tensor<float>& tensor, cuda::Precision precision) {
        const std::vector<unsigned char> bytes = cuda::encode_numbers(tensor, precision);
        std::vector<unsigned char> behind(cuda::size_of(precision));
        behind.insert(behind.end(), bytes.begin(), bytes.end());
        return static_cast<char*>(uploads.bytes(behind.data(), behind.size(), "shifted")) +
               cuda::size_of(precision);
    }

    Sizes sizes;
    cuda::Execution execution;
    cuda::Uploads uploads;
    cuda::ForwardArguments arguments;
};

TEST_CASE("states in either layout give the same bits") {
    for (const auto& [key_dim, value_dim] : {std::pair<Index, Index>{24, 40}, {65, 13}})
        for (const auto path : all_paths)
            for (const auto precision : {f32, bf16}) {
                cuda::Options options = on_device(precision, path);
                const Problem<float> p = problem_of(key_dim, value_dim);
                const Result<float> key_first = cuda::forward(p, options);
                options.value_first = true;
                const Result<float> value_first = cuda::forward(p, options);
                INFO(std::string(cuda::name_of(precision)) << " " << name_of(path) << " " << key_dim << "x"
                                                           << value_dim);
                CHECK(same_bits(key_first.o, value_first.o));
                CHECK(same_bits(key_first.final_state, value_first.final_state));
            }
}

TEST_CASE("tensors at odd addresses give the bits of aligned ones") {
    for (const auto path : all_paths)
        for (const auto precision : all_precisions) {
            const Problem<float> p = problem_of(64, 32);
            const cuda::Options options = on_device(precision, path);
            const Result<float> aligned = cuda::forward(p, options);
            Pass pass(p, options);
            cuda::KeySide& key = pass.arguments.key;
            cuda::ValueSide& value = pass.arguments.value;
            key.q = pass.shifted(p.q, precision);
            key.k = pass.shifted(p.k, precision);
            key.b = pass.shifted(p.b, precision);
            key.g = pass.shifted(p.g, f32);
            value.v = pass.shifted(p.v, precision);
            value.w = pass.shifted(p.w, precision);
            const std::size_t size = cuda::size_of(precision);
            value.o = static_cast<char*>(
                          pass.uploads.empty(static_cast<std::size_t>(p.v.size()) * size + size, "o")) +
                      size;
            const Result<float> odd = pass.run();
            INFO(std::string(cuda::name_of(precision)) << " " << name_of(path));
            CHECK(same_bits(aligned.o, odd.o));
            CHECK(same_bits(aligned.final_state, odd.final_state));
        }
}

TEST_CASE("g in the format of the other inputs gives the bits of g in float") {
    for (const auto path : all_paths)
        for (const auto precision : {bf16, f16})
            for (const Index key_dim : {32, 13}) {
                Problem<float> p = problem_of(key_dim, 16);
                for (float& g : p.g.values()) g = static_cast<float>(rounded(g, precision));
                const cuda::Options options = on_device(precision, path);
                const Result<float> wide = cuda::forward(p, options);
                Pass pass(p, options);
                pass.arguments.key.g = pass.uploads.elements(p.g, "g");
                pass.arguments.key.g_is_float = false;
                const Result<float> narrow = pass.run();
                CHECK(same_bits(wide.o, narrow.o));
                CHECK(same_bits(wide.final_state, narrow.final_state));
            }
}

TEST_CASE("cu_seqlens may be 32 or 64 bits wide") {
    for (const auto path : all_paths) {
        const Problem<float> p = problem_of(16, 16, {0, 33, 33, 100});
        const Result<float> wide = cuda::forward(p, on_device(bf16, path));
        Pass pass(p, on_device(bf16, path));
        const std::vector<std::int32_t> starts(p.cu_seqlens->begin(), p.cu_seqlens->end());
        pass.arguments.sequences.cu_seqlens =
            pass.uploads.bytes(starts.data(), starts.size() * 4, "cu_seqlens");
        pass.arguments.sequences.wide = false;
        const Result<float> narrow = pass.run();
        CHECK(same_bits(wide.o, narrow.o));
        CHECK(same_bits(wide.final_state, narrow.final_state));
    }
}

TEST_CASE("outputs are the same where no final state is wanted") {
    for (const auto path : all_paths) {
        const Problem<float> p = problem_of(16, 16);
        Pass pass(p, on_device(bf16, path));
        pass.arguments.states.final_state = nullptr;
        CHECK(same_bits(pass.run().o, cuda::forward(p, on_device(bf16, path)).o));
    }
}

TEST_CASE("packs of empty sequences hand every state through") {
    for (const auto path : all_paths) {
        const Problem<float> p = problem_of(16, 16, {0, 50, 100});
        Pass pass(p, on_device(bf16, path));
        const std::vector<std::int64_t> starts = {0, 0, 0};
        pass.arguments.sequences.cu_seqlens = pass.uploads.bytes(starts.data(), 24, "cu_seqlens");
        pass.arguments.tokens = 0;
        void* workspace = pass.uploads.empty(cuda::forward_workspace_bytes(pass.arguments), "workspace");
        pass.execution.run(cuda::make_forward_plan(pass.arguments, workspace));
        const Tensor<float> states =
            pass.uploads.fetch(pass.arguments.states.final_state, pass.sizes.state_shape(), f32);
        CHECK(same_bits(states, *p.initial_state));
    }
}

TEST_CASE("no sequences launch nothing") {
    for (const auto path : all_paths) {
        Pass pass(problem_of(16, 16), on_device(bf16, path));
        pass.arguments.sequences.count = pass.arguments.tokens = 0;
        CHECK(cuda::make_forward_plan(pass.arguments, nullptr).empty());
    }
}

TEST_CASE("gates refuse parameters of the wrong length and a device refuses what the reference refuses") {
    const AllowFpExceptions allow;
    const Problem<float> p = problem_of(16, 16);
    cuda::Options options = on_device(f32);
    options.decay = cuda::Decay::softplus;
    CHECK_THROWS_WITH_AS(cuda::forward(p, options),
                         "A_log must have one number for each of 1 key heads, got 0", Error);
    options.A_log = {0.0f};
    options.dt_bias = {0.0f, 0.0f};
    CHECK_THROWS_WITH_AS(cuda::forward(p, options),
                         "dt_bias must have key_heads * key_dim = 16 numbers, got 2", Error);
    Problem<float> bad = p;
    bad.g[5] = 0.5f;
    CHECK_THROWS_AS(cuda::forward(bad, on_device(f32)), Error);
    bad = p;
    bad.v[5] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(cuda::forward(bad, on_device(f32)), Error);
    options.dt_bias.clear();
    bad = p;
    bad.g[5] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(cuda::forward(bad, options), Error);
    const Draw wide{{1, 2, 1, 1, 257, 4, 1}, Decay::slow, 1, false, true, true, {}, 1};
    CHECK_THROWS_WITH_AS(cuda::forward(cast_problem<float>(draw_problem(wide)), on_device(f32)),
                         "on a device dims are 1 to 256, got key_dim = 257, value_dim = 4", Error);
}

TEST_CASE("a number that f16 cannot hold is refused by name and the largest it can is not") {
    Problem<float> p = problem_of(16, 16);
    p.v[3] = 65504;
    CHECK_NOTHROW(cuda::forward(p, on_device(f16)));
    p.v[3] = 70000;
    CHECK_THROWS_WITH_AS(cuda::forward(p, on_device(f16)),
                         "v holds 70000.000000 at 3, which f16 cannot: at most 65504", Error);
    CHECK_NOTHROW(cuda::forward(p, on_device(bf16)));
}

}  // namespace
}  // namespace gdn2::test
