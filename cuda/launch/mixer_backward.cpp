// The backward pass of mixer_run.h, in the reverse order of mixer_run.cpp. See api/mixer.h.
#include "cuda/launch/mixer_run.h"

namespace gdn2::cuda {
namespace {

constexpr std::int64_t rows_at_once = 256;  ///< of a tensor whose rows are summed in two passes

}  // namespace

void MixerRun::plan_sum(const std::string& parameter, const void* parts, Precision precision, std::int64_t rows,
                        std::int64_t columns) {
    float* sum = floats(columns, parameter.c_str());
    plan_.push_back(make_row_sum_call(precision, {parts, rows, rows, columns, sum}));
    gradients_[parameter] = sum;
}

void MixerRun::plan_input_gradient(const DeviceLinear& map, const void* dy, void* C, bool is_float,
                                   const float* addend) {
    ProductParams p{};
    p.A = dy, p.B = map.weight, p.C = C;
    p.C_is_float = is_float;
    p.rows = tokens_, p.depth = map.out, p.columns = map.in;
    p.splits = 1;
    p.addend = addend;
    p.most = 1;
    plan_.push_back(make_product_call(ProductKind::input_gradient, options_.precision, p));
}

void MixerRun::plan_linear_gradients(const DeviceLinear& map, const void* x, const void* dy) {
    // forward: y = x W^T + bias
    const std::int64_t count = std::int64_t{map.out} * map.in;
    ProductParams p{};
    p.A = dy, p.B = x;
    p.C_is_float = true;
    p.rows = map.out, p.depth = tokens_, p.columns = map.in;
    p.splits = weight_gradient_splits(tokens_, map.out, map.in);
    p.most = 1;
    float* parts = floats(p.splits * count, "a weight's gradient");
    p.C = parts;
    plan_.push_back(make_product_call(ProductKind::weight_gradient, options_.precision, p));
    plan_sum(map.name + "weight", parts, Precision::f32, p.splits, count);
    if (!map.bias) return;
    const std::int64_t groups = (tokens_ + rows_at_once - 1) / rows_at_once;
    float* sums = floats(groups * map.out, "a bias's gradient");
    plan_.push_back(make_row_sum_call(options_.precision, {dy, tokens_, rows_at_once, map.out, sums}));
    plan_sum(map.name + "bias", sums, Precision::f32, groups, map.out);
}

void MixerRun::plan_linear_backward(const DeviceLinear& map, const void* dy) {
    const float* before = dx_;
    if (!dx_) dx_ = floats(tokens_ * mixer_.d_model, "dx");
    plan_input_gradient(map, dy, dx_, true, before);
    plan_linear_gradients(map, x_, dy);
}

void MixerRun::plan_projection_backward(const DeviceProjection& projection, const ProjectionOutputs& outputs,
                                        const void* dy) {
    if (projection.size() == 1) return plan_linear_backward(projection.front(), dy);
    // forward: y = second(first(x))
    const DeviceLinear& second = projection.back();
    void* d_middle = elements(tokens_ * second.in, "d_middle");
    plan_input_gradient(second, dy, d_middle, false, nullptr);
    plan_linear_gradients(second, outputs.middle, dy);
    plan_linear_backward(projection.front(), d_middle);
}

void MixerRun::plan_gate_backward(const DeviceLinear& map, float most, const void* y, const void* dy) {
    // forward: y = most sigmoid(x W^T)
    const std::int64_t count = tokens_ * map.out;
    void* d_logits = elements(count, "a gate's logits' gradient");
    plan_.push_back(make_logit_gradient_call(options_.precision, {dy, false, y, most, d_logits, count}));
    plan_linear_backward(map, d_logits);
}

void MixerRun::plan_branch_backward(const DeviceBranch& branch, const BranchOutputs& outputs, const void* dy) {
    // forward: y = SiLU(conv(projected))
    const std::int64_t channels = branch.proj.out, slots = slot_of(sequences_.count, tokens_);
    ConvGradientParams p{};
    p.forward = conv_params(branch, outputs);
    p.dy = dy;
    p.dx = elements(tokens_ * channels, "a projection's gradient");
    if (branch.conv_weight) p.weight_partials = floats(slots * channels * branch.width, "parts of taps' gradients");
    if (branch.conv_bias) p.bias_partials = floats(slots * channels, "parts of a bias's gradient");
    plan_.push_back(make_conv_gradient_call(options_.precision, p, tokens_));
    if (branch.conv_weight)
        plan_sum(branch.conv_name + "weight", p.weight_partials, Precision::f32, slots, channels * branch.width);
    if (branch.conv_bias) plan_sum(branch.conv_name + "bias", p.bias_partials, Precision::f32, slots, channels);
    // forward: projected = x W^T
    plan_linear_backward(branch.proj, p.dx);
}

void* MixerRun::plan_norm_backward(const void* d_normed) {
    // forward: normed = RMSNorm(o) * act(gate), gate = g_proj(x)
    const std::int64_t count = tokens_ * mixer_.values(), rows = tokens_ * mixer_.value_heads;
    NormGradientParams p{};
    p.forward = norm_params();
    p.dy = d_normed;
    p.dx = elements(count, "d_o");
    if (p.forward.gate) p.d_gate = elements(count, "the output gate's gradient");
    p.partials = floats(norm_gradient_blocks(rows) * mixer_.value_dim, "parts of the norm's gradient");
    plan_.push_back(make_norm_gradient_call(options_.precision, p));
    plan_sum("o_norm.weight", p.partials, Precision::f32, norm_gradient_blocks(rows), mixer_.value_dim);
    if (p.d_gate) plan_projection_backward(mixer_.gate, gate_, p.d_gate);
    return p.dx;
}

void MixerRun::plan_memory_backward(const void* d_o) {
    // forward: o = the rule's memory of q, k, v, b, w and f, with norms and the decay's gate inside
    const std::int64_t keys = tokens_ * mixer_.keys(), values = tokens_ * mixer_.values();
    memory_.saved = true;
    memory_.d_o = d_o;
    for (void** d : {&memory_.d_q, &memory_.d_k, &memory_.d_b}) *d = elements(keys, "a gradient by the key side");
    for (void** d : {&memory_.d_v, &memory_.d_w}) *d = elements(values, "a gradient by the value side");
    memory_.d_g = floats(keys, "df");
    memory_.d_gate = floats(mixer_.keys() + mixer_.key_heads, "the decay gate's gradient");
    const auto plan = make_backward_plan(memory_, workspace_);                                   // Eqs. 26-28
    plan_.insert(plan_.end(), plan.begin(), plan.end());
    gradients_["dt_bias"] = memory_.d_gate;
    gradients_["A_log"] = memory_.d_gate + mixer_.keys();
    // forward: f = f_proj(x)
    void* df = elements(keys, "df, rounded");
    plan_.push_back(make_logit_gradient_call(options_.precision, {memory_.d_g, true, nullptr, 1, df, keys}));
    plan_projection_backward(mixer_.decay, f_, df);
}

void MixerRun::plan_backward(const Tensor<float>& dy) {
    require(dy.shape() == shape_, "`dy` must be " + to_string(shape_) + ", got " + to_string(dy.shape()));
    const void* d_y = uploads_.elements(dy, "dy");
    // forward: y = normed W_o^T
    void* d_normed = elements(tokens_ * mixer_.values(), "d_normed");
    plan_input_gradient(mixer_.o_proj, d_y, d_normed, false, nullptr);
    plan_linear_gradients(mixer_.o_proj, normed_, d_y);
    plan_memory_backward(plan_norm_backward(d_normed));
    plan_gate_backward(mixer_.w, 1, memory_.forward.value.w, memory_.d_w);
    plan_gate_backward(mixer_.b, most_of_b(), memory_.forward.key.b, memory_.d_b);
    plan_branch_backward(mixer_.q, q_, memory_.d_q);
    plan_branch_backward(mixer_.k, k_, memory_.d_k);
    plan_branch_backward(mixer_.v, v_, memory_.d_v);
}

MixerParameters MixerRun::gradients(const MixerParameters& parameters) {
    MixerParameters d;
    for (const auto& [name, numbers] : gradients_)
        d.emplace(name, uploads_.fetch(numbers, parameters.at(name).shape(), Precision::f32));
    return d;
}

MixerGradients backward_mixer(const MixerParameters& parameters, const Tensor<float>& x, const Tensor<float>& dy,
                              const MixerOptions& options, const std::vector<std::int64_t>& cu_seqlens) {
    MixerRun mixer(parameters, x, options, cu_seqlens);
    mixer.plan_forward(true);
    mixer.plan_backward(dy);
    mixer.run();
    return {mixer.y(), mixer.dx(), mixer.gradients(parameters)};
}

}  // namespace gdn2::cuda
