// See host_call.h.
#include "cuda/launch/host_call.h"

#include <cmath>
#include <cstring>

#include "reference/core/small_float.h"

namespace gdn2::cuda {
namespace {

void require_gate(const Options& options, const Sizes& sizes) {
    const auto heads = static_cast<std::size_t>(sizes.key_heads),
               channels = heads * static_cast<std::size_t>(sizes.key_dim);
    if (options.decay == Decay::log) return;
    require(options.A_log.size() == heads, "A_log must have one number for each of " + std::to_string(heads) +
                                               " key heads, got " + std::to_string(options.A_log.size()));
    require(options.dt_bias.empty() || options.dt_bias.size() == channels,
            "dt_bias must have key_heads * key_dim = " + std::to_string(channels) + " numbers, got " +
                std::to_string(options.dt_bias.size()));
}

Sequences upload_sequences(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes) {
    if (!problem.cu_seqlens) return {sizes.batch, sizes.length, nullptr, false};
    const std::vector<std::int64_t> starts(problem.cu_seqlens->begin(), problem.cu_seqlens->end());
    return {sizes.sequences, 0, uploads.bytes(starts.data(), starts.size() * 8, "cu_seqlens"), true};
}

States upload_states(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes, bool value_first) {
    const auto count = static_cast<std::size_t>(element_count(sizes.state_shape()));
    States states{nullptr, static_cast<float*>(uploads.empty(count * sizeof(float), "final_state")),
                  value_first};
    if (problem.initial_state) {
        const Tensor<float> initial =
            value_first ? transpose_states(*problem.initial_state) : *problem.initial_state;
        states.initial_state = uploads.floats(initial.data(), count, "initial_state");
    }
    return states;
}

}  // namespace

std::vector<unsigned char> encode_numbers(const Tensor<float>& tensor, Precision precision) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(tensor.size()) * size_of(precision));
    if (precision == Precision::f32) {
        if (!bytes.empty()) std::memcpy(bytes.data(), tensor.data(), bytes.size());
        return bytes;
    }
    for (Index i = 0; i < tensor.size(); ++i) {
        const double x = tensor[i];
        const std::uint16_t bits = precision == Precision::bf16 ? BFloat16::encode(x) : Half::encode(x);
        std::memcpy(bytes.data() + 2 * i, &bits, 2);
    }
    return bytes;
}

Tensor<float> decode_numbers(const std::vector<unsigned char>& bytes, const Shape& shape,
                             Precision precision) {
    Tensor<float> tensor(shape);
    for (Index i = 0; i < tensor.size(); ++i) {
        if (precision == Precision::f32) {
            std::memcpy(&tensor[i], bytes.data() + 4 * i, 4);
            continue;
        }
        std::uint16_t bits = 0;
        std::memcpy(&bits, bytes.data() + 2 * i, 2);
        tensor[i] =
            static_cast<float>(precision == Precision::bf16 ? BFloat16::decode(bits) : Half::decode(bits));
    }
    return tensor;
}

Tensor<float> transpose_states(const Tensor<float>& states) {
    const Index rows = states.shape()[2], columns = states.shape()[3];
    Tensor<float> result({states.shape()[0], states.shape()[1], columns, rows});
    for (Index at = 0; at < states.size(); ++at) {
        const Index matrix = at / (rows * columns), row = at / columns % rows, column = at % columns;
        result[(matrix * columns + column) * rows + row] = states[at];
    }
    return result;
}

Execution::Execution(const Options& options, std::vector<LaunchRecord>* launches)
    : progress_(options.progress),
      emulator_({options.threads,
                 progress_ ? [this] { progress_(++done_, blocks_); } : std::function<void()>(), launches}),
      backend_(options.device == Device::cuda ? cuda_backend() : emulator_) {}

void Execution::run(const std::vector<KernelCall>& plan) {
    for (const KernelCall& call : plan) blocks_ += std::int64_t{call.grid.x} * call.grid.y;
    for (const KernelCall& call : plan) backend_.launch(call);
}

void* Uploads::bytes(const void* data, std::size_t count, const char* name) {
    void* memory = empty(count, name);
    backend_.upload(memory, data, count);
    return memory;
}

void* Uploads::elements(const Tensor<float>& tensor, const char* name) {
    constexpr double largest_f16 = 65504, half_a_place = 16;  // beyond their sum a number rounds to infinity
    for (Index i = 0; precision_ == Precision::f16 && i < tensor.size(); ++i)
        require(std::abs(tensor[i]) < largest_f16 + half_a_place,
                std::string(name) + " holds " + std::to_string(tensor[i]) + " at " + std::to_string(i) +
                    ", which f16 cannot: at most 65504");
    const auto encoded = encode_numbers(tensor, precision_);
    return bytes(encoded.data(), encoded.size(), name);
}

Tensor<float> Uploads::fetch(const void* memory, const Shape& shape, Precision precision) {
    std::vector<unsigned char> data(static_cast<std::size_t>(element_count(shape)) * size_of(precision));
    backend_.download(data.data(), memory, data.size());
    return decode_numbers(data, shape, precision);
}

Tensor<float> Uploads::fetch_states(const void* memory, const Sizes& sizes, bool value_first) {
    Shape shape = sizes.state_shape();
    if (value_first) std::swap(shape[2], shape[3]);
    const Tensor<float> states = fetch(memory, shape, Precision::f32);
    return value_first ? transpose_states(states) : states;
}

Sizes validate(const Problem<float>& problem, const Options& options) {
    const Sizes sizes = validate_shapes(problem);
    if (options.decay == Decay::log) {
        validate_values(problem);
    } else {
        Problem<float> without_g = problem;
        for (float& g : without_g.g.values()) g = std::isfinite(g) ? std::min(g, 0.0f) : g;
        validate_values(without_g);
    }
    return sizes;
}

KeySide upload_keys(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes,
                    const Options& options) {
    require_gate(options, sizes);
    const bool gated = options.decay != Decay::log;
    KeySide key{};
    key.q = uploads.elements(problem.q, "q");
    key.k = uploads.elements(problem.k, "k");
    key.b = uploads.elements(problem.b, "b");
    key.g = uploads.floats(problem.g.data(), static_cast<std::size_t>(problem.g.size()), "g");
    key.g_is_float = true;
    key.decay = options.decay;
    if (gated) key.A_log = uploads.floats(options.A_log.data(), options.A_log.size(), "A_log");
    if (gated && !options.dt_bias.empty())
        key.dt_bias = uploads.floats(options.dt_bias.data(), options.dt_bias.size(), "dt_bias");
    key.lower_bound = options.lower_bound;
    key.normalise = options.normalise;
    key.norm_epsilon = options.norm_epsilon;
    key.scale = scale_of(problem);
    key.heads = static_cast<int>(sizes.key_heads);
    key.dim = static_cast<int>(sizes.key_dim);
    return key;
}

ValueSide upload_values(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes,
                        Precision precision) {
    ValueSide value{};
    value.v = uploads.elements(problem.v, "v");
    value.w = uploads.elements(problem.w, "w");
    value.o = uploads.empty(static_cast<std::size_t>(problem.v.size()) * size_of(precision), "o");
    value.heads = static_cast<int>(sizes.value_heads);
    value.dim = static_cast<int>(sizes.value_dim);
    return value;
}

ForwardArguments upload_forward(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes,
                                const Options& options) {
    ForwardArguments arguments;
    arguments.precision = options.precision;
    arguments.path = options.path;
    arguments.scan = options.scan;
    arguments.tokens = sizes.batch * sizes.length;
    arguments.sequences = upload_sequences(uploads, problem, sizes);
    arguments.key = upload_keys(uploads, problem, sizes, options);
    arguments.value = upload_values(uploads, problem, sizes, options.precision);
    arguments.states = upload_states(uploads, problem, sizes, options.value_first);
    return arguments;
}

Result<float> fetch_result(Uploads& uploads, const ForwardArguments& arguments, const Sizes& sizes) {
    Result<float> result;
    result.o = uploads.fetch(arguments.value.o, sizes.value_shape(), arguments.precision);
    result.final_state =
        uploads.fetch_states(arguments.states.final_state, sizes, arguments.states.value_first);
    return result;
}

}  // namespace gdn2::cuda
