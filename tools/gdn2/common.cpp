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

namespace gdn2::tools {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> devices{"cpu", "emulator", "cuda"}, precisions{"f64", "f32", "bf16"};

using Available = bool (*)(const std::string&);

/// "a, b (not in this build) or c"
std::string choices(const std::vector<std::string>& names, Available available) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += i == 0 ? "" : i + 1 < names.size() ? ", " : " or ";
        text += names[i] + (available(names[i]) ? "" : " (not in this build)");
    }
    return text;
}

std::vector<std::string> those(const std::vector<std::string>& names, Available available) {
    std::vector<std::string> found;
    std::copy_if(names.begin(), names.end(), std::back_inserter(found), available);
    return found;
}

}  // namespace

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

bool device_available(const std::string& name) { return name == "cpu"; }

bool precision_available(const std::string& name) { return name == "f64" || name == "f32"; }

std::vector<std::string> available_devices() { return those(devices, device_available); }

std::vector<std::string> available_precisions() { return those(precisions, precision_available); }

void add_device_options(CLI::App& command, std::string& device, std::string& precision) {
    command.add_option("--device", device, choices(devices, device_available))
        ->check(CLI::IsMember(devices))
        ->capture_default_str();
    command.add_option("--precision", precision, choices(precisions, precision_available))
        ->check(CLI::IsMember(precisions))
        ->capture_default_str();
}

void add_compute_options(CLI::App& command, ComputeOptions& options) {
    command.add_option("--path", options.path,
                       "recurrent (token by token), chunk (the paper's chunkwise form) or residual (another one)")
        ->check(CLI::IsMember({"recurrent", "chunk", "residual"}))
        ->capture_default_str();
    command.add_option("--chunk", options.chunk, "tokens per chunk, 1 or more")
        ->check(whole_number(1, max_chunk))
        ->capture_default_str();
    add_device_options(command, options.device, options.precision);
    command.add_option("--threads", options.threads, "threads over sequences and heads, 0 for all")
        ->check(whole_number(0, max_threads))
        ->capture_default_str();
}

void require_supported(const ComputeOptions& options) {
    require(device_available(options.device),
            fmt::format("--device {} is not in this build, which computes on {}", options.device,
                        fmt::join(available_devices(), ", ")));
    require(precision_available(options.precision),
            fmt::format("--precision {} is not in this build, which computes in {}; bf16 files are read exactly",
                        options.precision, fmt::join(available_precisions(), ", ")));
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
