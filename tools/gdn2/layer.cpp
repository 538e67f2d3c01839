// gdn2 layer: one layer of a file, trained here or in PyTorch, run on an input; with a gradient from above also its
// adjoint. Somebody else's layer is held against it.
//   tests  tests/tools/gdn2/layer_test.cpp
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "reference/check/compare.h"
#include "reference/io/file.h"
#include "reference/io/text.h"
#include "reference/model/layer_file.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"

namespace gdn2::tools {
namespace {

struct Arguments {
    std::string layer, input, output, claim, prefix, rule, output_gate, precision = "f64";
    Index heads = 0;
    std::optional<double> lower_bound, norm_epsilon;
    bool negative_eigenvalues = false, as_json = false;
};

LayerReading reading_of(const Arguments& arguments) {
    LayerReading reading;
    if (!arguments.prefix.empty()) reading.prefix = arguments.prefix;
    if (!arguments.rule.empty()) reading.rule = arguments.rule;
    if (!arguments.output_gate.empty()) reading.output_gate = arguments.output_gate;
    if (arguments.heads > 0) reading.heads = arguments.heads;
    reading.decay_lower_bound = arguments.lower_bound;
    reading.norm_epsilon = arguments.norm_epsilon;
    if (arguments.negative_eigenvalues) reading.negative_eigenvalues = true;
    return reading;
}

/// x or dy of a file: [batch, length, d_model].
template <class Scalar>
Tensor<Scalar> activation(const io::Archive& archive, const std::string& name, const Shape& shape) {
    const Tensor<Scalar> tensor = io::to_tensor<Scalar>(archive.at(name), name);
    require(tensor.rank() == 3,
            io::quote(name) + " must be [batch, length, d_model], got " + to_string(tensor.shape()));
    require(shape.empty() || tensor.shape() == shape,
            io::quote(name) + " must be " + to_string(shape) + ", got " + to_string(tensor.shape()));
    return tensor;
}

template <class Scalar>
Matrix<Scalar> rows_of(const Tensor<Scalar>& tensor) {
    const Index cols = tensor.shape().back();
    return Eigen::Map<const Matrix<Scalar>>(tensor.data(), tensor.shape()[0] * tensor.shape()[1], cols);
}

template <class Scalar>
io::Array array_of(const Matrix<Scalar>& rows, const Shape& shape) {
    return io::from_tensor(Tensor<Scalar>(shape, {rows.data(), rows.data() + rows.size()}));
}

/// y; with dy also dx and d_NAME of every parameter.
template <class Scalar>
io::Archive result_of(const LayerOfFile<Scalar>& layer, const io::Archive& input) {
    const Tensor<Scalar> x = activation<Scalar>(input, "x", {});
    require(x.shape()[2] == layer.options.d_model, "`x` must be [batch, length, " +
                                                       std::to_string(layer.options.d_model) + "], got " +
                                                       to_string(x.shape()));
    const Batch batch{x.shape()[0], x.shape()[1]};
    std::unique_ptr<typename Mixer<Scalar>::Kept> kept;
    io::Archive result;
    result.add("y", array_of(layer.mixer->forward(rows_of(x), batch, &kept), x.shape()));
    if (!input.find("dy")) return result;
    const auto d = layer.mixer->zeros();
    const Tensor<Scalar> dy = activation<Scalar>(input, "dy", x.shape());
    result.add("dx", array_of(layer.mixer->backward(*kept, rows_of(dy), *d), x.shape()));
    Parameters<Scalar> gradients;
    d->collect("d_", gradients);
    for (const Parameter<Scalar>& p : gradients)
        result.add(p.name, io::from_tensor(Tensor<Scalar>(p.shape, {p.data, p.data + p.size()})));
    return result;
}

/// A claim in the shape of ours. Axes of one element say nothing: A_log is [heads] today and was [1, 1, heads, 1].
Tensor<double> claim_like(const io::Array& claimed, const Shape& shape, const std::string& name) {
    Shape long_axes = shape, claimed_axes = claimed.shape;
    std::erase(long_axes, 1);
    std::erase(claimed_axes, 1);
    require(claimed_axes == long_axes,
            io::quote(name) + " must be " + to_string(shape) + ", got " + to_string(claimed.shape));
    const Tensor<double> tensor = io::to_tensor<double>(claimed, name);
    return {shape, tensor.values()};
}

/// A tensor that the claim and the result share.
struct Shared {
    std::string name;
    check::Precision precision;
    Tensor<double> ours, claimed;
};

/// All of them. Throws Error, before anything is compared, on a shape that is not ours and when there is none.
std::vector<Shared> shared_by(const io::Archive& result, const io::Archive& claim) {
    std::vector<Shared> shared;
    for (const auto& [name, array] : result.entries())
        if (const io::Array* claimed = claim.find(name))
            shared.push_back({name, check::precision_of(claimed->dtype), io::to_tensor<double>(array, name),
                              claim_like(*claimed, array.shape, name)});
    require(!shared.empty(), "holds none of y, dx and d_NAME");
    return shared;
}

struct Compared {
    std::string name;
    check::Comparison found;
};

std::vector<Compared> compare(const std::vector<Shared>& tensors) {
    std::vector<Compared> all;
    for (const Shared& tensor : tensors) {
        check::CompareOptions options;
        options.tolerance = check::tolerance(check::claim_pair(tensor.precision),
                                             tensor.name == "y" ? check::Kind::output : check::Kind::gradient);
        options.precision = tensor.precision;
        all.push_back({tensor.name, check::compare(tensor.ours, tensor.claimed, options)});
    }
    return all;
}

/// What was held against a claim, where there is one.
std::vector<Compared> compared_with(const std::string& file, const io::Archive& result) {
    if (file.empty()) return {};
    const io::Archive claim = io::read_file(file);
    return compare(io::naming(file, [&] { return shared_by(result, claim); }));
}

bool all_passed(const std::vector<Compared>& compared) {
    return std::all_of(compared.begin(), compared.end(), [](const Compared& each) { return each.found.passed; });
}

void print_text(const std::vector<Compared>& compared) {
    for (const auto& [name, found] : compared)
        fmt::print("{:<4}  {:<28} relative error {:.1e} of {:.0e} allowed{}{}\n", found.passed ? "ok" : "FAIL", name,
                   found.relative, found.tolerance, found.why.empty() ? "" : ": ", found.why);
}

nlohmann::json document_of(const Arguments& arguments, const MixerOptions& options, const std::string& prefix,
                           const io::Archive& result, const std::vector<Compared>& compared) {
    nlohmann::json document = new_document("layer"), tensors = nlohmann::json::object();
    for (const auto& [name, array] : result.entries()) tensors[name] = array.shape;
    document["layer"] = arguments.layer;
    document["input"] = arguments.input;
    document["prefix"] = prefix;
    document["rule"] = options.rule;
    document["precision"] = arguments.precision;
    document["tensors"] = std::move(tensors);
    if (!arguments.output.empty()) document["result"] = arguments.output;
    if (arguments.claim.empty()) return document;
    document["claim"] = arguments.claim;
    document["passed"] = all_passed(compared);
    for (const auto& [name, found] : compared) {
        nlohmann::json entry{{"name", name},
                             {"passed", found.passed},
                             {"relative", found.relative},
                             {"tolerance", found.tolerance}};
        if (!found.why.empty()) entry["why"] = found.why;
        document["compared"].push_back(std::move(entry));
    }
    return document;
}

template <class Scalar>
void run_in(const Arguments& arguments) {
    const io::Archive file = io::read_file(arguments.layer), input = io::read_file(arguments.input);
    const auto layer =
        io::naming(arguments.layer, [&] { return layer_of<Scalar>(file, reading_of(arguments)); });
    const io::Archive result = io::naming(arguments.input, [&] { return result_of(layer, input); });
    const std::vector<Compared> compared = compared_with(arguments.claim, result);
    if (!arguments.output.empty()) io::write_file(arguments.output, result);
    if (arguments.as_json)
        print_json(document_of(arguments, layer.options, layer.prefix, result, compared));
    else
        print_text(compared);
    if (!all_passed(compared)) check_failed();
}

void run(const Arguments& arguments) {
    require(!arguments.output.empty() || !arguments.claim.empty(), "say where to write (-o) or what to --check");
    require(!arguments.lower_bound || (std::isfinite(*arguments.lower_bound) && *arguments.lower_bound < 0),
            "--lower-bound must be a number below 0");
    require(!arguments.norm_epsilon || (std::isfinite(*arguments.norm_epsilon) && *arguments.norm_epsilon > 0),
            "--norm-epsilon must be a number above 0");
    if (!arguments.output.empty()) {
        require_writable(arguments.output, arguments.input);
        require_writable(arguments.output, arguments.layer);
    }
    arguments.precision == "f32" ? run_in<float>(arguments) : run_in<double>(arguments);
}

}  // namespace

void add_layer(CLI::App& program) {
    CLI::App* command = program.add_subcommand("layer", "run a layer of a file, of PyTorch's too, and its adjoint");
    const auto a = std::make_shared<Arguments>();
    command->add_option("LAYER", a->layer, "a .safetensors with the layer's parameters (docs/formats.md)")->required();
    command->add_option("INPUT", a->input, "x [batch, length, d_model], and dy for gradients")->required();
    command->add_option("-o,--output", a->output, "y; with dy also dx and d_NAME of every parameter");
    command->add_option("--check", a->claim, "hold these y, dx, d_NAME against ours; exit 1 when one is off");
    command->add_option("--prefix", a->prefix, "before the names, where a file has several layers");
    command->add_option("--rule", a->rule, "gdn2, kda, gated_deltanet, ...; else by the names there are");
    command->add_option("--heads", a->heads, "of q and k, where the file does not say it")
        ->check(whole_number(1, 1'000'000));
    command->add_option("--lower-bound", a->lower_bound, "of a safe decay gate, such as -5");
    command->add_option("--output-gate", a->output_gate, "silu, sigmoid or none; else as the peers' layers have it");
    command->add_option("--norm-epsilon", a->norm_epsilon, "of the norm before the output gate; else 1e-5");
    command->add_flag("--negative-eigenvalues", a->negative_eigenvalues, "b (or beta) in [0, 2]");
    command->add_option("--precision", a->precision, "f64 or f32")
        ->check(CLI::IsMember({"f64", "f32"}))
        ->capture_default_str();
    command->add_flag("--json", a->as_json, "print a JSON document (docs/json.md)");
    command->footer("Example: gdn2 layer layer.safetensors x.npz -o y.npz --prefix model.layers.0.attn.");
    command->callback([a] { run(*a); });
}

}  // namespace gdn2::tools
