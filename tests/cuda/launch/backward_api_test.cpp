// The backward pass on tensors as a caller on the device may hold them: any address, g in either format, either width
// of cu_seqlens. None of it changes a bit.
//   sources  backward_plan.cpp run_backward.cpp key_adjoint.cuh chunk_grad.cuh chunk_grad_values.cuh
#include <doctest/doctest.h>

#include <limits>

#include "cuda/launch/host_backward.h"
#include "tests/support/device.h"

namespace gdn2::test {
namespace {

using enum cuda::Precision;

Problem<float> problem_of(Index key_dim, Index value_dim, std::vector<Index> offsets = {}) {
    return cast_problem<float>(draw_problem(
        {{1, 100, 1, 2, key_dim, value_dim, 1}, Decay::mild, 1, false, true, true, std::move(offsets), 18}));
}

cuda::Options gated_by(cuda::Decay decay, cuda::Precision precision) {
    cuda::Options options = on_device(precision);
    options.decay = decay;
    if (decay != cuda::Decay::log) options.A_log = {-0.5f};
    return options;
}

/// One backward pass through the device API, whose arguments a test may change before it runs.
class Pass {
public:
    Pass(const Problem<float>& problem, const cuda::Options& options)
        : sizes(validate_shapes(problem)),
          execution(options),
          uploads(execution.backend(), options.precision),
          arguments(cuda::upload_backward(uploads, problem, sizes, options)) {}

    /// o and final_state come from a forward pass, which saves or does not.
    cuda::Gradients run(bool saved = false) {
        void* workspace = uploads.empty(cuda::backward_workspace_bytes(arguments), "workspace");
        execution.run(saved ? cuda::make_saving_plan(arguments, workspace)
                            : cuda::make_forward_plan(arguments.forward, workspace));
        arguments.saved = saved;
        execution.run(cuda::make_backward_plan(arguments, workspace));
        cuda::Gradients result{cuda::fetch_result(uploads, arguments.forward, sizes), {}, {}};
        cuda::fetch_gradients(result, uploads, arguments, sizes);
        return result;
    }

    /// Room for `count` numbers that begins one number after a 256-byte boundary.
    void* shifted(Index count, std::size_t size) {
        return static_cast<char*>(uploads.empty((static_cast<std::size_t>(count) + 1) * size, "shifted")) + size;
    }

    Sizes sizes;
    cuda::Execution execution;
    cuda::Uploads uploads;
    cuda::BackwardArguments arguments;
};

void expect_same_gradients(const cuda::Gradients& a, const cuda::Gradients& b) {
    for (const auto member : {&Result<float>::dq, &Result<float>::dk, &Result<float>::dv, &Result<float>::dg,
                              &Result<float>::db, &Result<float>::dw, &Result<float>::d_initial_state})
        CHECK(same_bits(a.*member, b.*member));
    CHECK(a.d_A_log == b.d_A_log);
    CHECK(a.d_dt_bias == b.d_dt_bias);
}

TEST_CASE("g in the format of the other inputs gives the gradients of g in float with and without a gate") {
    for (const auto decay : {cuda::Decay::log, cuda::Decay::softplus, cuda::Decay::bounded})
        for (const auto precision : {bf16, f16})
            for (const Index key_dim : {32, 13}) {
                INFO(static_cast<int>(decay) << " " << std::string(cuda::name_of(precision)) << " " << key_dim);
                Problem<float> p = problem_of(key_dim, 16);
                for (float& g : p.g.values()) g = static_cast<float>(rounded(g, precision));
                const cuda::Options options = gated_by(decay, precision);
                Pass wide(p, options), narrow(p, options);
                narrow.arguments.forward.key.g = narrow.uploads.elements(p.g, "g");
                narrow.arguments.forward.key.g_is_float = false;
                expect_same_gradients(wide.run(), narrow.run());
            }
}

TEST_CASE("a log-decay of minus infinity has the outputs and gradients of one that forgets all") {
    for (const auto precision : {f32, bf16})
        for (const Index key_dim : {24, 130}) {
            INFO(std::string(cuda::name_of(precision)) << " " << key_dim);
            Problem<float> p = problem_of(key_dim, 20);
            for (Index i = 0; i < p.g.size(); i += 3) p.g[i] = -1e4f;
            Pass finite(p, on_device(precision)), infinite(p, on_device(precision));
            for (float& g : p.g.values())
                if (g == -1e4f) g = -std::numeric_limits<float>::infinity();
            infinite.arguments.forward.key.g =
                infinite.uploads.floats(p.g.data(), static_cast<std::size_t>(p.g.size()), "g");
            const bool saved = precision == bf16;
            const cuda::Gradients a = finite.run(saved), b = infinite.run(saved);
            expect_same_gradients(a, b);
            CHECK(same_bits(a.o, b.o));
            CHECK(same_bits(a.final_state, b.final_state));
        }
}

TEST_CASE("gradients do not depend on the width of cu_seqlens") {
    const Problem<float> p = problem_of(16, 16, {0, 33, 33, 100});
    Pass wide(p, on_device(bf16)), narrow(p, on_device(bf16));
    const std::vector<std::int32_t> starts(p.cu_seqlens->begin(), p.cu_seqlens->end());
    narrow.arguments.forward.sequences.cu_seqlens =
        narrow.uploads.bytes(starts.data(), starts.size() * 4, "cu_seqlens");
    narrow.arguments.forward.sequences.wide = false;
    expect_same_gradients(wide.run(), narrow.run());
}

TEST_CASE("gradients at odd addresses have the bits of aligned ones") {
    for (const auto precision : all_precisions) {
        const Problem<float> p = problem_of(32, 32);
        Pass aligned(p, on_device(precision)), odd(p, on_device(precision));
        const std::size_t size = cuda::size_of(precision);
        cuda::BackwardArguments& a = odd.arguments;
        for (void** d : {&a.d_q, &a.d_k, &a.d_b}) *d = odd.shifted(p.k.size(), size);
        for (void** d : {&a.d_v, &a.d_w}) *d = odd.shifted(p.v.size(), size);
        a.d_g = static_cast<float*>(odd.shifted(p.k.size(), 4));
        expect_same_gradients(aligned.run(), odd.run());
    }
}

}  // namespace
}  // namespace gdn2::test
