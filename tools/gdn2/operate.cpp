// See operate.h.
#include "tools/gdn2/operate.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>

#include "reference/delta_rule/problem_file.h"
#include "reference/io/file.h"
#include "reference/io/text.h"
#include "tools/gdn2/device.h"
#include "tools/gdn2/progress.h"

namespace gdn2::tools {
namespace {

using nlohmann::json;

/// One warning for each tensor of a result that overflowed the precision it was computed in.
std::vector<std::string> overflows(const io::Archive& archive, const std::string& precision) {
    std::vector<std::string> lines;
    for (const auto& [name, array] : archive.entries()) {
        const Tensor<double> tensor = io::to_tensor<double>(array, name);
        for (Index i = 0; i < tensor.size(); ++i) {
            if (std::isfinite(tensor[i])) continue;
            lines.push_back(fmt::format("`{}`{} = {}: the numbers outgrew {}", name,
                                        to_string(unravel(i, tensor.shape())), io::number(tensor[i]), precision));
            break;
        }
    }
    return lines;
}

/// Gradients need what they are gradients of, said in the file rather than guessed.
void require_upstream(const std::string& file, const Problem<double>& problem, const Sizes& sizes) {
    const auto require_one = [&](const char* name, bool present, const Shape& shape) {
        require(present,
                fmt::format("{}: gradients need `{}` {}; add it (zeros where the loss does not depend on it)",
                            io::quote_file(file), name, to_string(shape)));
    };
    require_one("do", problem.d_o.has_value(), sizes.value_shape());
    require_one("dht", problem.d_final_state.has_value(), sizes.state_shape());
}

template <class Scalar>
io::Archive on_cpu(const Problem<Scalar>& problem, const Options& options, bool with_gradient) {
    return archive_of(with_gradient ? gradient(problem, options) : forward(problem, options));
}

io::Archive compute(const Problem<double>& problem, const OperateArguments& arguments, bool with_gradient,
                    const ProgressFunction& progress) {
    const ComputeOptions& asked = arguments.compute;
    if (asked.device != "cpu")
        return archive_of(
            run_on_device(round_problem(problem, asked.precision, arguments.problem, with_gradient), asked,
                          with_gradient, progress));
    Options options = library_options(asked);
    options.progress = progress;
    return asked.precision == "f32" ? on_cpu(to_f32(problem, arguments.problem), options, with_gradient)
                                    : on_cpu(problem, options, with_gradient);
}

json shapes_of(const io::Archive& archive) {
    json shapes = json::object();
    for (const auto& [name, array] : archive.entries()) shapes[name] = array.shape;
    return shapes;
}

bool is_chunked(const ComputeOptions& compute) { return !compute.path.starts_with("recurrent"); }

void report(const std::string& command, const OperateArguments& arguments, const io::Archive& result,
            double seconds) {
    const ComputeOptions& compute = arguments.compute;
    if (arguments.as_json) {
        json document = new_document(command);
        document["problem"] = arguments.problem;
        document["result"] = arguments.output;
        document["path"] = compute.path;
        if (is_chunked(compute)) document["chunk"] = compute.chunk;
        document["device"] = compute.device;
        document["precision"] = compute.precision;
        document["seconds"] = seconds;
        document["tensors"] = shapes_of(result);
        print_json(document);
        return;
    }
    std::string names;
    for (const auto& entry : result.entries()) names += " " + entry.name;
    std::string how = compute.device == "cpu" ? "" : compute.device + ", ";
    how += compute.path;
    if (is_chunked(compute)) how += fmt::format(", {} each", counted(compute.chunk, "token"));
    fmt::print("{}:{} ({}, {}, {:.3f} s)\n", io::quote_file(arguments.output), names, how, compute.precision, seconds);
}

}  // namespace

void add_operate_options(CLI::App& command, OperateArguments& arguments) {
    command
        .add_option("PROBLEM", arguments.problem, ".npz or .safetensors with q k g b v w (docs/formats.md)")
        ->required();
    command.add_option("-o,--output", arguments.output, "the result, .npz or .safetensors")->required();
    add_compute_options(command, arguments.compute);
    command.add_flag("--json", arguments.as_json, "print a JSON document about the run (docs/json.md)");
}

void operate(const std::string& command, OperateArguments arguments, bool with_gradient) {
    settle(arguments.compute);
    require(!with_gradient || arguments.compute.device == "cpu" || arguments.compute.path == "chunk",
            fmt::format("--path {}: on a device gradients are computed by --path chunk", arguments.compute.path));
    require_writable(arguments.output, arguments.problem);
    std::vector<std::string> warnings;
    const Problem<double> problem = read_problem(arguments.problem, warnings);
    if (with_gradient) require_upstream(arguments.problem, problem, validate_shapes(problem));
    print_warnings(warnings);

    const auto start = std::chrono::steady_clock::now();
    io::Archive result;
    {
        Progress bar("gdn2 " + command);
        result = compute(problem, arguments, with_gradient,
                         [&bar](Index done, Index total) { bar.update(done, total); });
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    print_warnings(overflows(result, arguments.compute.precision));
    io::write_file(arguments.output, result);
    report(command, arguments, result, elapsed.count());
}

}  // namespace gdn2::tools
