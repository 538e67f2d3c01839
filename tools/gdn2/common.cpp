// See common.h.
#include "tools/gdn2/common.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <charconv>
#include <filesystem>

namespace gdn2::tools {

namespace fs = std::filesystem;

void check_failed() { throw CheckFailed{}; }

std::string one_line(std::string text) {
    for (char& c : text)
        if (std::iscntrl(static_cast<unsigned char>(c))) c = ' ';
    return text;
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

void add_compute_options(CLI::App& command, ComputeOptions& options) {
    command.add_option("--path", options.path, "recurrent, chunk (Appendix B) or residual (R form)")
        ->check(CLI::IsMember({"recurrent", "chunk", "residual"}))
        ->capture_default_str();
    command.add_option("--chunk", options.chunk, "tokens per chunk, 1 or more")
        ->check(whole_number(1, max_chunk))
        ->capture_default_str();
    command.add_option("--device", options.device, "cpu, emulator or cuda")
        ->check(CLI::IsMember({"cpu", "emulator", "cuda"}))
        ->capture_default_str();
    command.add_option("--precision", options.precision, "f64, f32 or bf16")
        ->check(CLI::IsMember({"f64", "f32", "bf16"}))
        ->capture_default_str();
    command.add_option("--threads", options.threads, "threads over sequences and heads, 0 for all")
        ->check(whole_number(0, max_threads))
        ->capture_default_str();
}

void require_supported(const ComputeOptions& options) {
    require(options.device == "cpu", "--device " + options.device +
                                         ": this build has no GPU kernels; only --device cpu computes here");
    require(options.precision != "bf16",
            "--precision bf16: this build computes in f64 and f32 only; bf16 files are read exactly");
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

void require_writable(const std::string& output, const std::string& input) {
    const fs::path path(output);
    require(path.extension() == ".npz" || path.extension() == ".safetensors",
            output + ": the output must end in .npz or .safetensors");
    std::error_code ignored;
    require(!fs::is_directory(path, ignored), output + ": is a directory, not a file to write");
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    require(fs::is_directory(folder, ignored), output + ": there is no directory " + folder.string());
    require(access(folder.c_str(), W_OK) == 0,
            output + ": the directory " + folder.string() + " is not writable");
    require(!fs::equivalent(path, fs::path(input), ignored),
            output + ": the output would overwrite the input; give another name");
}

void print_warnings(const std::vector<std::string>& warnings) {
    for (const std::string& line : warnings) fmt::print(stderr, "gdn2: warning: {}\n", one_line(line));
}

void print_json(const nlohmann::json& document) {
    fmt::print("{}\n", document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

nlohmann::json new_document(const std::string& command) {
    return {{"program", "gdn2"}, {"version", GDN2_VERSION}, {"command", command}};
}

}  // namespace gdn2::tools
