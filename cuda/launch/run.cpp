// The forward pass and decoding of tensors in the host's memory. See api/run.h.
#include "cuda/api/run.h"

#include <limits>

#include "cuda/launch/host_call.h"

namespace gdn2::cuda {
namespace {

/// Slots must be among the states, and no state may have two sequences.
void require_slots(const std::vector<std::int32_t>& slots, Index states) {
    std::vector<bool> taken(static_cast<std::size_t>(states));
    for (const std::int32_t slot : slots) {
        if (slot < 0) continue;
        const std::string name = "slot " + std::to_string(slot);
        require(slot < states, name + " is beyond the " + std::to_string(states) + " states");
        require(!taken[static_cast<std::size_t>(slot)], name + " is given to two sequences");
        taken[static_cast<std::size_t>(slot)] = true;
    }
}

}  // namespace

const char* name_of(Precision precision) {
    return precision == Precision::f32 ? "f32" : precision == Precision::bf16 ? "bf16" : "f16";
}

bool device_available(Device device, std::string* reason) {
    if (device == Device::emulator) return true;
    const char* why = "";
    const bool available = cuda_available(&why);
    if (reason) *reason = why;
    return available;
}

Result<float> forward(const Problem<float>& problem, const Options& options) {
    const Sizes sizes = validate(problem, options);
    Execution execution(options);
    Uploads uploads(execution.backend(), options.precision);
    const ForwardArguments arguments = upload_forward(uploads, problem, sizes, options);
    void* workspace = uploads.empty(forward_workspace_bytes(arguments), "workspace");
    execution.run(make_forward_plan(arguments, workspace));
    return fetch_result(uploads, arguments, sizes);
}

Tensor<float> decode(const Problem<float>& problem, Tensor<float>& states, const std::vector<std::int32_t>& slots,
                     bool state_is_bf16, const Options& options) {
    const Sizes sizes = validate(problem, options);
    require(!problem.cu_seqlens && !problem.initial_state, "decode takes a dense problem without states");
    const Precision state_precision = state_is_bf16 ? Precision::bf16 : Precision::f32;
    require(states.rank() == 4 && states.shape()[1] == sizes.value_heads && states.shape()[2] == sizes.key_dim &&
                states.shape()[3] == sizes.value_dim,
            "states must be [slots, value_heads, key_dim, value_dim], got " + to_string(states.shape()));
    require(slots.empty() ? states.shape()[0] == sizes.batch : static_cast<Index>(slots.size()) == sizes.batch,
            "decode needs a state or slot for each of " + std::to_string(sizes.batch) + " sequences");
    require_slots(slots, states.shape()[0]);
    Execution execution(options);
    Uploads uploads(execution.backend(), options.precision);
    const Tensor<float> value_first = transpose_states(states);
    DecodeArguments arguments;
    arguments.precision = options.precision;
    arguments.state_is_bf16 = state_is_bf16;
    arguments.sequences = static_cast<int>(sizes.batch);
    arguments.tokens = static_cast<int>(sizes.length);
    arguments.key = upload_keys(uploads, problem, sizes, options);
    arguments.value = upload_values(uploads, problem, sizes, options.precision);
    const auto encoded = encode_numbers(value_first, state_precision);
    arguments.states = uploads.bytes(encoded.data(), encoded.size(), "states");
    if (!slots.empty())
        arguments.slots = static_cast<std::int32_t*>(uploads.bytes(slots.data(), slots.size() * 4, "slots"));
    if (!slots.empty()) {
        const std::vector<unsigned char> nan = encode_numbers(
            Tensor<float>(sizes.value_shape(), std::numeric_limits<float>::quiet_NaN()), options.precision);
        execution.backend().upload(arguments.value.o, nan.data(), nan.size());
    }
    execution.run({make_decode_call(arguments)});
    states = transpose_states(uploads.fetch(arguments.states, value_first.shape(), state_precision));
    return uploads.fetch(arguments.value.o, sizes.value_shape(), options.precision);
}

}  // namespace gdn2::cuda
