// See common.h.
#include "tools/gdn2/common.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include "reference/io/text.h"
#include "tools/gdn2/device.h"

namespace gdn2::tools {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> devices{"cpu", "emulator", "cuda"}, precisions{"f64", "f32", "bf16", "f16"},
    cpu_paths{"recurrent", "chunk", "residual"}, device_paths{"recurrent", "chunk", "recurrent_1", "recurrent_2"};

bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// "a, b (not in this build) or c"
std::string choices(const std::vector<std::string>& names, bool (*in_build)(const std::string&)) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += i == 0 ? "" : i + 1 < names.size() ? ", " : " or ";
        text += names[i] + (in_build(names[i]) ? "" : " (not in this build)");
    }
    return text;
}

}  // namespace

void require_device(const std::string& device) {
    std::string reason;
    if (device_available(device, &reason)) return;
    throw Error(fmt::format("--device {}: {}; there is {}", device, reason, fmt::join(available_devices(), ", ")));
}

void check_failed() { throw CheckFailed{}; }

void say(const std::string& line) { std::fputs((io::escaped(line) + "\n").c_str(), stderr); }

std::string counted(Index count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
    const auto check = [low, high](const std::string& text) -> std::string {
        std::int64_t value = 0;
        const char* end = text.data() + text.size();
        const auto [stop, failure] = std::from_chars(text.data(), end, value);
        if (failure == std::errc() && stop == end && low <= value && value <= high) return "";
        return fmt::format("`{}` is not a whole number from {} to {}", text, low, high);
    };
    return CLI::Validator(check, fmt::format("{}..{}", low, high), "whole number");
}

std::vector<std::string> available_devices() {
    std::vector<std::string> found;
    std::copy_if(devices.begin(), devices.end(), std::back_inserter(found),
                 [](const std::string& name) { return device_available(name); });
    return found;
}

std::vector<std::string> available_precisions() {
    return device_in_build("emulator") ? precisions : std::vector<std::string>{"f64", "f32"};
}

void add_device_options(CLI::App& command, std::string& device, std::string& precision) {
    command.add_option("--device", device, choices(devices, device_in_build))
        ->check(CLI::IsMember(devices))
        ->capture_default_str();
    command
        .add_option("--precision", precision,
                    "on the cpu f64 (if not said) or f32; on a device f32 (if not said), bf16 or f16")
        ->check(CLI::IsMember(precisions));
}

void add_compute_options(CLI::App& command, ComputeOptions& options) {
    command.add_option("--path", options.path,
                       "recurrent (token by token), chunk (the paper's chunkwise form); on the cpu also residual "
                       "(another chunkwise form), on a device recurrent_1 and recurrent_2 (the kernels' first rungs)")
        ->check(CLI::IsMember({"recurrent", "chunk", "residual", "recurrent_1", "recurrent_2"}))
        ->capture_default_str();
    command.add_option("--chunk", options.chunk, "tokens per chunk, 1 or more; on a device 64")
        ->check(whole_number(1, max_chunk))
        ->capture_default_str();
    add_device_options(command, options.device, options.precision);
    command
        .add_option("--scan", options.scan,
                    "on a device, how --path chunk walks over a sequence: serial, all segments of it at once "
                    "(segments, or how many chunks one has), or auto, by the shape")
        ->check(CLI::IsMember({"auto", "serial", "segments"}) | whole_number(1, max_segment))
        ->capture_default_str();
    command.add_option("--threads", options.threads, "threads over sequences and heads, 0 for all")
        ->check(whole_number(0, max_threads))
        ->capture_default_str();
}

void settle(ComputeOptions& options) {
    const bool on_cpu = options.device == "cpu";
    if (options.precision.empty()) options.precision = on_cpu ? "f64" : "f32";
    require_device(options.device);
    require(on_cpu ? options.precision == "f64" || options.precision == "f32" : options.precision != "f64",
            fmt::format("--device {} does not compute in --precision {}, but in {}", options.device,
                        options.precision,
                        on_cpu ? "f64 and f32; bf16 files are read exactly" : "f32, bf16 and f16"));
    const std::vector<std::string>& paths = on_cpu ? cpu_paths : device_paths;
    require(holds(paths, options.path), fmt::format("--device {} has no --path {}, but {}", options.device,
                                                    options.path, fmt::join(paths, ", ")));
    require(on_cpu || options.chunk == 64,
            fmt::format("--chunk {}: on a device chunks have 64 tokens, which is how the kernels are cut",
                        options.chunk));
    require(options.scan == "auto" || (!on_cpu && options.path == "chunk"),
            fmt::format("--scan {}: for --path chunk on a device, not for --device {} --path {}", options.scan,
                        options.device, options.path));
}

Options library_options(const ComputeOptions& options) {
    Options result;
    result.path = options.path == "recurrent"  ? Path::recurrent
                  : options.path == "residual" ? Path::residual
                                               : Path::chunk;
    result.chunk = options.chunk;
    result.threads = options.threads;
    return result;
}

Problem<float> to_f32(const Problem<double>& problem, const std::string& file) {
    Problem<float> rounded = cast_problem<float>(problem);
    try {
        validate_values(rounded);
    } catch (const Error& error) {
        throw Error(io::quote_file(file) + ": " + error.what() + " once it is rounded to f32");
    }
    return rounded;
}

void require_writable(const std::string& output, const std::string& input) {
    const fs::path path(output);
    const std::string named = io::quote_file(output);
    require(path.extension() == ".npz" || path.extension() == ".safetensors",
            named + ": the output must end in .npz or .safetensors");
    std::error_code ignored;
    require(!fs::is_directory(path, ignored), named + ": is a directory, not a file to write");
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const std::string named_folder = io::quote_file(folder.string());
    require(fs::is_directory(folder, ignored), named + ": there is no directory " + named_folder);
    require(access(folder.c_str(), W_OK) == 0, named + ": the directory " + named_folder + " is not writable");
    require(!fs::equivalent(path, fs::path(input), ignored),
            named + ": the output would overwrite the input; give another name");
}

void print_warnings(const std::vector<std::string>& warnings) {
    for (const std::string& line : warnings) say("gdn2: warning: " + line);
}

void print_json(const nlohmann::json& document) {
    fmt::print("{}\n", document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

nlohmann::json new_document(const std::string& command) {
    return {{"program", "gdn2"}, {"version", GDN2_VERSION}, {"command", command}};
}

}  // namespace gdn2::tools
