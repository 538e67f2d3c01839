// The backward pass of tensors in the host's memory. See api/run.h.
#include "cuda/api/run.h"
#include "cuda/launch/host_backward.h"

namespace gdn2::cuda {

BackwardArguments upload_backward(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes,
                                  const Options& options) {
    BackwardArguments a;
    a.forward = upload_forward(uploads, problem, sizes, options);
    const std::size_t element = size_of(options.precision), keys = static_cast<std::size_t>(problem.k.size()),
                      values = static_cast<std::size_t>(problem.v.size()),
                      states = static_cast<std::size_t>(element_count(sizes.state_shape()));
    a.d_o = uploads.elements(problem.d_o ? *problem.d_o : Tensor<float>(sizes.value_shape()), "do");
    if (problem.d_final_state) {
        const Tensor<float>& d = *problem.d_final_state;
        a.d_final_state = uploads.floats((options.value_first ? transpose_states(d) : d).data(), states, "dht");
    }
    a.d_q = uploads.empty(keys * element, "dq");
    a.d_k = uploads.empty(keys * element, "dk");
    a.d_b = uploads.empty(keys * element, "db");
    a.d_v = uploads.empty(values * element, "dv");
    a.d_w = uploads.empty(values * element, "dw");
    a.d_g = static_cast<float*>(uploads.empty(keys * sizeof(float), "dg"));
    a.d_initial_state = static_cast<float*>(uploads.empty(states * sizeof(float), "dh0"));
    const std::size_t gates = static_cast<std::size_t>(sizes.key_heads * (sizes.key_dim + 1));
    if (options.decay != Decay::log)
        a.d_gate = static_cast<float*>(uploads.empty(gates * sizeof(float), "d_gate"));
    return a;
}

void fetch_gradients(Gradients& result, Uploads& uploads, const BackwardArguments& a, const Sizes& sizes) {
    const Precision precision = a.forward.precision;
    result.dq = uploads.fetch(a.d_q, sizes.key_shape(), precision);
    result.dk = uploads.fetch(a.d_k, sizes.key_shape(), precision);
    result.db = uploads.fetch(a.d_b, sizes.key_shape(), precision);
    result.dv = uploads.fetch(a.d_v, sizes.value_shape(), precision);
    result.dw = uploads.fetch(a.d_w, sizes.value_shape(), precision);
    result.dg = uploads.fetch(a.d_g, sizes.key_shape(), Precision::f32);
    result.d_initial_state = uploads.fetch_states(a.d_initial_state, sizes, a.forward.states.value_first);
    if (!a.d_gate) return;
    const Index heads = sizes.key_heads, channels = heads * sizes.key_dim;
    const Tensor<float> gates = uploads.fetch(a.d_gate, {channels + heads}, Precision::f32);
    result.d_dt_bias.assign(gates.data(), gates.data() + channels);
    result.d_A_log.assign(gates.data() + channels, gates.data() + channels + heads);
}

Gradients gradient(const Problem<float>& problem, const Options& options, bool saving) {
    const Sizes sizes = validate(problem, options);
    Execution execution(options);
    Uploads uploads(execution.backend(), options.precision);
    BackwardArguments arguments = upload_backward(uploads, problem, sizes, options);
    void* workspace = uploads.empty(backward_workspace_bytes(arguments), "workspace");
    arguments.saved = saving;
    std::vector<KernelCall> plan =
        saving ? make_saving_plan(arguments, workspace) : make_forward_plan(arguments.forward, workspace);
    for (KernelCall& call : make_backward_plan(arguments, workspace)) plan.push_back(std::move(call));
    execution.run(plan);
    Gradients result{fetch_result(uploads, arguments.forward, sizes), {}, {}};
    fetch_gradients(result, uploads, arguments, sizes);
    return result;
}

}  // namespace gdn2::cuda
