// What only a card can show: a forward pass and a decoding step are captured in a graph and replayed with other
// inputs, packed sequences moved on the device included. Built where nvcc is, run where a card is.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "cuda/api/decode.h"
#include "cuda/api/forward.h"
#include "cuda/api/run.h"
#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using namespace cuda;

void good(cudaError_t status) {
    INFO(cudaGetErrorString(status));
    REQUIRE(status == cudaSuccess);
}

/// Numbers on the card.
class Card {
public:
    explicit Card(std::size_t bytes) : bytes_(bytes) { good(cudaMalloc(&data_, bytes)); }
    template <class T>
    explicit Card(const std::vector<T>& values) : Card(values.size() * sizeof(T)) { fill(values); }
    Card(const Card&) = delete;
    Card& operator=(const Card&) = delete;
    ~Card() { cudaFree(data_); }

    template <class T>
    void fill(const std::vector<T>& values) {
        REQUIRE(values.size() * sizeof(T) == bytes_);
        good(cudaMemcpy(data_, values.data(), bytes_, cudaMemcpyHostToDevice));
    }
    std::vector<float> read() const {
        std::vector<float> values(bytes_ / sizeof(float));
        good(cudaMemcpy(values.data(), data_, bytes_, cudaMemcpyDeviceToHost));
        return values;
    }
    template <class T = float>
    T* as() const {
        return static_cast<T*>(data_);
    }

private:
    void* data_ = nullptr;
    std::size_t bytes_;
};

/// Captures what `enqueue` puts on a stream and gives back something that replays it once.
template <class Enqueue>
cudaGraphExec_t capture(cudaStream_t stream, const Enqueue& enqueue) {
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t replay = nullptr;
    good(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    enqueue();
    good(cudaStreamEndCapture(stream, &graph));
    good(cudaGraphInstantiate(&replay, graph, 0));
    good(cudaGraphDestroy(graph));
    return replay;
}

Problem<float> drawn(const Sizes& sizes, std::vector<Index> offsets, std::uint64_t seed) {
    Draw draw;
    draw.sizes = sizes;
    draw.offsets = std::move(offsets);
    draw.seed = seed;
    draw.initial_state = false;
    return cast_problem<float>(draw_problem(draw));
}

KeySide key_side(const Card& q, const Card& k, const Card& g, const Card& b, const Sizes& sizes,
                 float scale) {
    KeySide key{};
    key.q = q.as();
    key.k = k.as();
    key.g = g.as();
    key.b = b.as();
    key.g_is_float = true;
    key.scale = scale;
    key.heads = static_cast<int>(sizes.key_heads);
    key.dim = static_cast<int>(sizes.key_dim);
    return key;
}

ValueSide value_side(const Card& v, const Card& w, const Card& o, const Sizes& sizes) {
    ValueSide value{};
    value.v = v.as();
    value.w = w.as();
    value.o = o.as<void>();
    value.heads = static_cast<int>(sizes.value_heads);
    value.dim = static_cast<int>(sizes.value_dim);
    return value;
}

void check_replay(ScanChoice scan) {
    const Sizes sizes{1, 300, 2, 4, 64, 48, 3};
    const Problem<float> first = drawn(sizes, {0, 100, 100, 300}, 1), second = drawn(sizes, {0, 1, 130, 300}, 2);
    const auto starts = [](const Problem<float>& p) {
        return std::vector<std::int32_t>(p.cu_seqlens->begin(), p.cu_seqlens->end());
    };
    Card q(first.q.values()), k(first.k.values()), g(first.g.values()), b(first.b.values()), v(first.v.values()),
        w(first.w.values()), o(first.v.values().size() * 4), cu_seqlens(starts(first)),
        final_state(static_cast<std::size_t>(3 * 4 * 64 * 48) * 4);
    ForwardArguments arguments;
    arguments.precision = Precision::f32;
    arguments.scan = scan;
    arguments.tokens = 300;
    arguments.sequences = {3, 0, cu_seqlens.as<void>(), false};
    arguments.key = key_side(q, k, g, b, sizes, scale_of(first));
    arguments.value = value_side(v, w, o, sizes);
    arguments.states = {nullptr, final_state.as(), false};
    const Card workspace(forward_workspace_bytes(arguments));

    cudaStream_t stream = nullptr;
    good(cudaStreamCreate(&stream));
    cudaGraphExec_t replay =
        capture(stream, [&] { enqueue_forward(arguments, workspace.as<void>(), stream); });
    for (const Problem<float>* problem : {&first, &second, &first}) {
        q.fill(problem->q.values());
        k.fill(problem->k.values());
        g.fill(problem->g.values());
        b.fill(problem->b.values());
        v.fill(problem->v.values());
        w.fill(problem->w.values());
        cu_seqlens.fill(starts(*problem));
        good(cudaGraphLaunch(replay, stream));
        good(cudaStreamSynchronize(stream));
        const Result<float> expected = cuda::forward(*problem, {.device = Device::cuda, .scan = scan});
        CHECK(o.read() == expected.o.values());
        CHECK(final_state.read() == expected.final_state.values());
    }
    good(cudaGraphExecDestroy(replay));
    good(cudaStreamDestroy(stream));
}

}  // namespace

TEST_CASE("a captured forward pass replays with other inputs and other packed sequences") {
    check_replay({ScanChoice::serial});
    check_replay({ScanChoice::segments, 1});
}

TEST_CASE("a captured decoding step moves the states on at every replay") {
    const Sizes sizes{5, 1, 2, 2, 128, 64, 5};
    const Problem<float> step = drawn(sizes, {}, 3);
    Card q(step.q.values()), k(step.k.values()), g(step.g.values()), b(step.b.values()), v(step.v.values()),
        w(step.w.values()), o(step.v.values().size() * 4), states(std::vector<float>(5 * 2 * 64 * 128, 0.0f));
    DecodeArguments arguments;
    arguments.precision = Precision::f32;
    arguments.sequences = 5;
    arguments.key = key_side(q, k, g, b, sizes, scale_of(step));
    arguments.value = value_side(v, w, o, sizes);
    arguments.states = states.as<void>();

    cudaStream_t stream = nullptr;
    good(cudaStreamCreate(&stream));
    cudaGraphExec_t replay = capture(stream, [&] { enqueue_decode(arguments, stream); });
    Tensor<float> expected_states(sizes.state_shape());
    for (int i = 0; i < 3; ++i) {
        good(cudaGraphLaunch(replay, stream));
        good(cudaStreamSynchronize(stream));
        const Tensor<float> expected = decode(step, expected_states, {}, false, {.device = Device::cuda});
        CHECK(o.read() == expected.values());
    }
    good(cudaGraphExecDestroy(replay));
    good(cudaStreamDestroy(stream));
}

}  // namespace gdn2::test
