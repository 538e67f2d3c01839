// A layer of the rule gdn2 computed as it is written, forward and backward, with every tensor rounded as soon as it is
// there: the yardstick of low precision. The decay's logits and gradients of parameters are not rounded.
#pragma once

#include <map>
#include <string>

#include "reference/layers/activation.h"
#include "reference/layers/gated_rms_norm.h"
#include "reference/layers/gates.h"
#include "reference/layers/l2_norm.h"
#include "reference/layers/projection.h"
#include "reference/layers/short_conv.h"
#include "tests/support/device_gradient.h"
#include "tests/support/mixer_case.h"

namespace gdn2::test {

class PlainMixer {
public:
    /// Runs forward.
    explicit PlainMixer(const MixerCase& c) : c_(c) {
        for (const Parameter<double>& p : MixerCase::all(*c.mixer)) named_.emplace(p.name, p);
        const MixerOptions& o = c.options;
        for (const std::string name : {"q", "k", "v"}) branches_[name] = branch(name);
        memory_.q = heads(round(l2_norm(branches_["q"].y, o.key_dim)), o.key_dim);
        memory_.k = heads(round(l2_norm(branches_["k"].y, o.key_dim)), o.key_dim);
        memory_.v = heads(branches_["v"].y, o.value_dim);
        memory_.b = heads(round(gdn2::forward(erase(), c.x)), o.key_dim);
        memory_.w = heads(round(gdn2::forward(write(), c.x)), o.value_dim);
        f_ = projection("f_proj.", false);
        memory_.g = heads(gdn2::forward(decay(), f_), o.key_dim);
        memory_.scale = 1 / std::sqrt(static_cast<double>(o.key_dim));
        o_ = matrix_of(naive(memory_, c.precision).o);
        if (gated()) gate_ = projection("g_proj.", true);
        normed_ = round(gated() ? gdn2::forward(norm(), o_, gate_) : gdn2::forward(norm().norm, o_));
    }

    Matrix<double> y() const { return round(gdn2::forward(linear("o_proj."), normed_)); }

    /// dx; fills gradients().
    Matrix<double> backward(const Matrix<double>& dy) {
        const MixerOptions& o = c_.options;
        dx_ = Matrix<double>::Zero(c_.x.rows(), c_.x.cols());
        const Matrix<double> d_o = norm_backward(round(linear_backward("o_proj.", normed_, dy)));
        memory_.d_o = heads(d_o, o.value_dim);
        memory_.d_final_state = Tensor<double>(validate_shapes(memory_).state_shape());
        const Result<double> d = naive_gradient(memory_, c_.precision);
        DecayGate<double> d_decay = zeros_like(decay());
        projection_backward("f_proj.", round(gdn2::backward(decay(), f_, matrix_of(d.dg), d_decay)));
        keep("A_log", d_decay.A_log);
        keep("dt_bias", d_decay.dt_bias);
        edit_backward("b_proj.", erase(), memory_.b, d.db);
        edit_backward("w_proj.", write(), memory_.w, d.dw);
        branch_backward("q", round(l2_norm_backward(branches_["q"].y, o.key_dim, matrix_of(d.dq))));
        branch_backward("k", round(l2_norm_backward(branches_["k"].y, o.key_dim, matrix_of(d.dk))));
        branch_backward("v", matrix_of(d.dv));
        return dx_;
    }

    /// By name, numbers in the parameter's order.
    const std::map<std::string, std::vector<double>>& gradients() const { return gradients_; }

private:
    struct Branch {
        Matrix<double> projected, y;
    };

    Matrix<double> round(const Matrix<double>& x) const { return rounded(x, c_.precision); }
    bool gated() const { return c_.options.output_gate != "none"; }

    Tensor<double> heads(const Matrix<double>& x, Index dim) const {
        return tensor_of(x, {c_.batch.batch, c_.batch.length, x.cols() / dim, dim});
    }
    Matrix<double> matrix_of(const Tensor<double>& x) const {
        return Eigen::Map<const Matrix<double>>(x.data(), c_.batch.tokens(), x.size() / c_.batch.tokens());
    }
    void keep(const std::string& name, const auto& numbers) {
        gradients_[name].assign(numbers.data(), numbers.data() + numbers.size());
    }

    // -- Parts of the layer, from the parameters by name.
    Vector<double> vector(const std::string& name) const {
        if (!named_.contains(name)) return {};
        const Parameter<double>& p = named_.at(name);
        return Eigen::Map<const Vector<double>>(p.data, p.size());
    }
    Matrix<double> matrix(const std::string& name) const {
        const Parameter<double>& p = named_.at(name);
        return Eigen::Map<const Matrix<double>>(p.data, p.shape[0], p.size() / p.shape[0]);
    }
    Linear<double> linear(const std::string& name) const { return {matrix(name + "weight"), vector(name + "bias")}; }
    ShortConv<double> conv(const std::string& branch) const {
        return {matrix(branch + "_conv1d.weight"), vector(branch + "_conv1d.bias")};
    }
    bool convolves() const { return named_.contains("q_conv1d.weight"); }
    EditGate<double> erase() const { return {linear("b_proj."), c_.options.negative_eigenvalues ? 2.0 : 1.0}; }
    EditGate<double> write() const { return {linear("w_proj."), 1}; }
    DecayGate<double> decay() const { return {vector("A_log"), vector("dt_bias"), c_.options.decay_lower_bound}; }
    GatedRmsNorm<double> norm() const {
        const Activation activation = c_.options.output_gate == "sigmoid" ? Activation::sigmoid : Activation::silu;
        return {{vector("o_norm.weight"), c_.options.norm_epsilon}, activation};
    }

    // -- Forward.
    Matrix<double> middle(const std::string& name) const { return round(gdn2::forward(linear(name + "0."), c_.x)); }
    Matrix<double> projection(const std::string& name, bool rounds) const {
        const bool narrow = named_.contains(name + "0.weight");
        const Matrix<double> y =
            narrow ? gdn2::forward(linear(name + "1."), middle(name)) : gdn2::forward(linear(name), c_.x);
        return rounds ? round(y) : y;
    }
    Branch branch(const std::string& name) const {
        const Matrix<double> projected = round(gdn2::forward(linear(name + "_proj."), c_.x));
        return {projected, round(silu(convolved(name, projected)))};
    }
    Matrix<double> convolved(const std::string& name, const Matrix<double>& projected) const {
        return convolves() ? gdn2::forward(conv(name), projected, c_.batch) : projected;
    }

    // -- Backward.
    Matrix<double> linear_backward(const std::string& name, const Matrix<double>& x, const Matrix<double>& dy) {
        const Linear<double> layer = linear(name);
        Linear<double> d = zeros_like(layer);
        const Matrix<double> dx = gdn2::backward(layer, x, dy, d);
        keep(name + "weight", d.weight);
        if (d.bias.size() > 0) keep(name + "bias", d.bias);
        return dx;
    }
    void projection_backward(const std::string& name, const Matrix<double>& dy) {
        if (!named_.contains(name + "0.weight")) {
            dx_ += linear_backward(name, c_.x, dy);
        } else {
            const Matrix<double> d_middle = round(linear_backward(name + "1.", middle(name), dy));
            dx_ += linear_backward(name + "0.", c_.x, d_middle);
        }
    }
    void edit_backward(const std::string& name, const EditGate<double>& gate, const Tensor<double>& y,
                       const Tensor<double>& dy) {
        const Matrix<double> of = matrix_of(y);
        const Matrix<double> slope = of.array() * (1 - of.array() / gate.most);
        dx_ += linear_backward(name, c_.x, round(matrix_of(dy).cwiseProduct(slope)));
    }
    void branch_backward(const std::string& name, const Matrix<double>& dy) {
        const Matrix<double>& projected = branches_[name].projected;
        Matrix<double> d = silu_backward(convolved(name, projected), dy);
        if (convolves()) {
            ShortConv<double> d_conv = zeros_like(conv(name));
            d = gdn2::backward(conv(name), projected, c_.batch, d, d_conv);
            keep(name + "_conv1d.weight", d_conv.weight);
            if (d_conv.bias.size() > 0) keep(name + "_conv1d.bias", d_conv.bias);
        }
        dx_ += linear_backward(name + "_proj.", c_.x, round(d));
    }
    Matrix<double> norm_backward(const Matrix<double>& d_normed) {
        GatedRmsNorm<double> d = zeros_like(norm());
        GatedGradient<double> both;
        if (gated())
            both = gdn2::backward(norm(), o_, gate_, d_normed, d);
        else
            both.dx = gdn2::backward(norm().norm, o_, d_normed, d.norm);
        keep("o_norm.weight", d.norm.weight);
        if (gated()) projection_backward("g_proj.", round(both.d_gate));
        return round(both.dx);
    }

    const MixerCase& c_;
    std::map<std::string, Parameter<double>> named_;
    std::map<std::string, Branch> branches_;
    Problem<double> memory_;
    Matrix<double> f_, o_, gate_, normed_, dx_;
    std::map<std::string, std::vector<double>> gradients_;
};

}  // namespace gdn2::test
