// See mixer_run.h and api/mixer.h.
#include "cuda/launch/mixer_run.h"

#include <algorithm>
#include <cmath>

namespace gdn2::cuda {
namespace {

Options execution_options(const MixerOptions& options) {
    Options of_execution;
    of_execution.device = options.device;
    of_execution.threads = options.threads;
    return of_execution;
}

void require_input(const Shape& shape, const std::vector<std::int64_t>& cu_seqlens, int d_model) {
    require(shape.size() == 3 && shape[0] >= 1 && shape[1] >= 1 && shape[2] == d_model,
            "`x` must be [batch, length, d_model = " + std::to_string(d_model) + "] with tokens, got " +
                to_string(shape));
    if (cu_seqlens.empty()) return;
    require(shape[0] == 1, "packed sequences need a batch of 1, got " + std::to_string(shape[0]));
    require(cu_seqlens.front() == 0 && cu_seqlens.back() == shape[1] &&
                std::is_sorted(cu_seqlens.begin(), cu_seqlens.end()),
            "cu_seqlens must rise from 0 to " + std::to_string(shape[1]));
}

}  // namespace

MixerRun::MixerRun(const MixerParameters& parameters, const Tensor<float>& x, const MixerOptions& options,
                   const std::vector<std::int64_t>& cu_seqlens)
    : options_(options), shape_(x.shape()), execution_(execution_options(options)),
      uploads_(execution_.backend(), options.precision), mixer_(upload_mixer(uploads_, parameters, options)) {
    require_input(shape_, cu_seqlens, mixer_.d_model);
    require(!options.decay_lower_bound || *options.decay_lower_bound < 0, "decay_lower_bound must be below 0");
    tokens_ = shape_[0] * shape_[1];
    sequences_ = {shape_[0], shape_[1], nullptr, false};
    if (!cu_seqlens.empty())
        sequences_ = {static_cast<std::int64_t>(cu_seqlens.size()) - 1, 0,
                      uploads_.bytes(cu_seqlens.data(), cu_seqlens.size() * 8, "cu_seqlens"), true};
    x_ = uploads_.elements(x, "x");
}

void* MixerRun::elements(std::int64_t count, const char* name) {
    return uploads_.empty(static_cast<std::size_t>(count) * size_of(options_.precision), name);
}

float* MixerRun::floats(std::int64_t count, const char* name) {
    return static_cast<float*>(uploads_.empty(static_cast<std::size_t>(count) * sizeof(float), name));
}

void MixerRun::plan_linear(const DeviceLinear& map, const void* x, void* y, bool y_is_float, Activation activation,
                           float most) {
    ProductParams p{};
    p.A = x, p.B = map.weight, p.C = y;
    p.C_is_float = y_is_float;
    p.rows = tokens_, p.depth = map.in, p.columns = map.out;
    p.splits = 1;
    p.bias = map.bias;
    p.activation = activation;
    p.most = most;
    plan_.push_back(make_product_call(ProductKind::linear, options_.precision, p));
}

ProjectionOutputs MixerRun::plan_projection(const DeviceProjection& projection, bool y_is_float) {
    const DeviceLinear& last = projection.back();
    ProjectionOutputs outputs{nullptr, nullptr};
    if (projection.size() > 1) {
        outputs.middle = elements(tokens_ * last.in, "a projection's middle");
        plan_linear(projection.front(), x_, outputs.middle);
    }
    const std::int64_t count = tokens_ * last.out;
    outputs.y = y_is_float ? floats(count, "f") : elements(count, "a projection's output");
    plan_linear(last, outputs.middle ? outputs.middle : x_, outputs.y, y_is_float);
    return outputs;
}

void* MixerRun::plan_gate(const DeviceLinear& map, float most) {
    void* gate = elements(tokens_ * map.out, map.name.c_str());
    plan_linear(map, x_, gate, false, Activation::sigmoid, most);
    return gate;
}

ConvParams MixerRun::conv_params(const DeviceBranch& branch, const BranchOutputs& outputs) const {
    ConvParams p{};
    p.sequences = sequences_;
    p.x = outputs.projected;
    p.weight = branch.conv_weight;
    p.bias = branch.conv_bias;
    p.channels = branch.proj.out;
    p.width = branch.width;
    p.activation = Activation::silu;
    p.y = outputs.y;
    return p;
}

BranchOutputs MixerRun::plan_branch(const DeviceBranch& branch) {
    const std::int64_t count = tokens_ * branch.proj.out;
    const BranchOutputs outputs{elements(count, "a branch's projection"), elements(count, "a branch's output")};
    plan_linear(branch.proj, x_, outputs.projected);
    plan_.push_back(make_conv_call(options_.precision, conv_params(branch, outputs), tokens_));
    return outputs;
}

void MixerRun::plan_memory(bool saving) {
    ForwardArguments& memory = memory_.forward;
    memory.precision = options_.precision;
    memory.tokens = tokens_;
    memory.sequences = sequences_;
    KeySide& key = memory.key;
    key.q = q_.y, key.k = k_.y, key.g = f_.y;
    key.b = plan_gate(mixer_.b, most_of_b());                                                    // Eq. 12
    key.g_is_float = true;
    key.decay = options_.decay_lower_bound ? Decay::bounded : Decay::softplus;                   // Eq. 11
    key.A_log = mixer_.A_log, key.dt_bias = mixer_.dt_bias;
    key.lower_bound = options_.decay_lower_bound.value_or(0);
    key.normalise = true;
    key.norm_epsilon = Options{}.norm_epsilon;
    key.scale = 1 / std::sqrt(static_cast<float>(mixer_.key_dim));
    key.heads = mixer_.key_heads, key.dim = mixer_.key_dim;
    ValueSide& value = memory.value;
    value.v = v_.y;
    value.w = plan_gate(mixer_.w, 1);                                                            // Eq. 12
    value.o = elements(tokens_ * mixer_.values(), "o");
    value.heads = mixer_.value_heads, value.dim = mixer_.value_dim;
    workspace_ =
        uploads_.empty(saving ? backward_workspace_bytes(memory_) : forward_workspace_bytes(memory), "workspace");
    const auto plan = saving ? make_saving_plan(memory_, workspace_) : make_forward_plan(memory, workspace_);
    plan_.insert(plan_.end(), plan.begin(), plan.end());                                         // Eqs. 20-25
}

NormParams MixerRun::norm_params() const {
    const bool gated = options_.output_gate != Activation::none;
    return {memory_.forward.value.o, gated ? gate_.y : nullptr,     mixer_.norm_weight,   tokens_ * mixer_.value_heads,
            mixer_.value_dim,        options_.norm_epsilon,        options_.output_gate, normed_};
}

void MixerRun::plan_norm() {
    if (!mixer_.gate.empty()) gate_ = plan_projection(mixer_.gate, false);
    normed_ = elements(tokens_ * mixer_.values(), "normed");
    plan_.push_back(make_norm_call(options_.precision, norm_params()));
}

void MixerRun::plan_forward(bool saving) {
    q_ = plan_branch(mixer_.q);
    k_ = plan_branch(mixer_.k);
    v_ = plan_branch(mixer_.v);
    f_ = plan_projection(mixer_.decay, true);
    plan_memory(saving);
    plan_norm();
    y_ = elements(tokens_ * mixer_.d_model, "y");
    plan_linear(mixer_.o_proj, normed_, y_);
}

Tensor<float> forward_mixer(const MixerParameters& parameters, const Tensor<float>& x, const MixerOptions& options,
                            const std::vector<std::int64_t>& cu_seqlens) {
    MixerRun mixer(parameters, x, options, cu_seqlens);
    mixer.plan_forward(false);
    mixer.run();
    return mixer.y();
}

}  // namespace gdn2::cuda
