// See flat_api.h.
#include "tools/bench/side_by_side/flat_api.h"

#include <exception>
#include <string>

#include "cuda/api/backward.h"
#include "cuda/api/decode.h"

using namespace gdn2::cuda;

namespace {

thread_local std::string error;

KeySide key_side(const Gdn2Problem& p) {
    KeySide key{};
    key.q = p.q, key.k = p.k, key.b = p.b, key.g = p.g;
    key.g_is_float = true;
    key.decay = static_cast<Decay>(p.decay);
    key.A_log = p.A_log, key.dt_bias = p.dt_bias, key.lower_bound = p.lower_bound;
    key.normalise = p.normalise, key.norm_epsilon = 1e-6f;
    key.scale = p.scale;
    key.heads = p.heads, key.dim = p.key_dim;
    return key;
}

ValueSide value_side(const Gdn2Problem& p) {
    ValueSide value{};
    value.v = p.v, value.w = p.w, value.o = p.o;
    value.heads = p.value_heads, value.dim = p.value_dim;
    return value;
}

ForwardArguments forward_arguments(const Gdn2Problem& p) {
    ForwardArguments a;
    a.precision = static_cast<Precision>(p.precision);
    a.tokens = p.batch * p.length;
    a.sequences = p.cu_seqlens ? Sequences{p.sequences, 0, p.cu_seqlens, true}
                               : Sequences{p.batch, p.length, nullptr, false};
    a.key = key_side(p);
    a.value = value_side(p);
    a.states = {p.initial_state, p.final_state, p.value_first != 0};
    return a;
}

BackwardArguments backward_arguments(const Gdn2Problem& p, const Gdn2Gradients& d) {
    BackwardArguments a;
    a.forward = forward_arguments(p);
    a.d_o = d.d_o, a.d_final_state = d.d_final_state;
    a.d_q = d.d_q, a.d_k = d.d_k, a.d_b = d.d_b, a.d_v = d.d_v, a.d_w = d.d_w, a.d_g = d.d_g;
    a.d_initial_state = d.d_initial_state, a.d_gate = d.d_gate;
    a.saved = d.saved;
    return a;
}

DecodeArguments decode_arguments(const Gdn2Problem& p, void* states, bool state_is_bf16) {
    DecodeArguments a;
    a.precision = static_cast<Precision>(p.precision);
    a.state_is_bf16 = state_is_bf16;
    a.sequences = static_cast<int>(p.batch), a.tokens = static_cast<int>(p.length);
    a.key = key_side(p);
    a.value = value_side(p);
    a.states = states;
    return a;
}

/// What `call` gives back, or `failed` where it throws.
template <class Call>
auto guarded(Call&& call, decltype(call()) failed) noexcept {
    try {
        return call();
    } catch (const std::exception& caught) {
        error = caught.what();
        return failed;
    }
}

}  // namespace

const char* gdn2_error() { return error.c_str(); }

std::int64_t gdn2_forward_workspace(const Gdn2Problem* p) {
    return guarded([&] { return static_cast<std::int64_t>(forward_workspace_bytes(forward_arguments(*p))); }, -1);
}

std::int64_t gdn2_backward_workspace(const Gdn2Problem* p) {
    return guarded([&] { return static_cast<std::int64_t>(backward_workspace_bytes(backward_arguments(*p, {}))); }, -1);
}

int gdn2_forward(const Gdn2Problem* p, void* workspace, void* stream) {
    return guarded([&] { return enqueue_forward(forward_arguments(*p), workspace, stream), 0; }, 1);
}

int gdn2_forward_saving(const Gdn2Problem* p, void* workspace, void* stream) {
    return guarded([&] { return enqueue_forward_saving(backward_arguments(*p, {}), workspace, stream), 0; }, 1);
}

int gdn2_backward(const Gdn2Problem* p, const Gdn2Gradients* d, void* workspace, void* stream) {
    return guarded([&] { return enqueue_backward(backward_arguments(*p, *d), workspace, stream), 0; }, 1);
}

int gdn2_decode(const Gdn2Problem* p, void* states, int state_is_bf16, void* stream) {
    return guarded([&] { return enqueue_decode(decode_arguments(*p, states, state_is_bf16), stream), 0; }, 1);
}
