// gdn2 info: what a file holds; without a file, what this program is and what it runs on.
//   tests  tests/tools/gdn2/command_test.cpp
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "reference/core/parallel.h"
#include "reference/delta_rule/problem_file.h"
#include "reference/io/file.h"
#include "reference/io/text.h"
#include "reference/model/model_file.h"
#include "reference/trace/trace_file.h"
#include "reference/train/checkpoint.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/device.h"

namespace gdn2::tools {
namespace {

using nlohmann::json;

struct Arguments {
    std::string file;
    bool as_json = false;
};

/// Vector units, widest first, that the compiler was told of.
std::string compiled_units() {
#if defined(__AVX512F__)
    return "AVX-512";
#elif defined(__AVX2__)
    return "AVX2";
#elif defined(__AVX__)
    return "AVX";
#elif defined(__ARM_NEON)
    return "NEON";
#elif defined(__SSE2__)
    return "SSE2";
#else
    return "none";
#endif
}

/// Vector units, widest first, that this CPU has.
std::string cpu_units() {
#if defined(__x86_64__) || defined(__i386__)
    if (__builtin_cpu_supports("avx512f")) return "AVX-512";
    if (__builtin_cpu_supports("avx2")) return "AVX2";
    if (__builtin_cpu_supports("avx")) return "AVX";
    return "SSE2";
#else
    return compiled_units();
#endif
}

json program_document() {
    json document = new_document("info");
    document["build"] = GDN2_BUILD_TYPE;
    document["compiler"] = fmt::format(
#ifdef __clang__
        "clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__
#else
        "g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__
#endif
    );
    document["portable"] = GDN2_PORTABLE == 1;
    document["vector_units"] = {{"compiled", compiled_units()}, {"cpu", cpu_units()}};
    document["threads"] = available_threads();
    document["devices"] = available_devices();
    document["precisions"] = available_precisions();
    document["cuda"] = cuda_document();
    return document;
}

std::string cuda_line(const json& cuda) {
    if (cuda["toolkit"].is_null()) return "not in this build, which was configured without nvcc";
    const std::string card =
        cuda.contains("card") ? cuda["card"].get<std::string>() : "no card: " + cuda["no_card"].get<std::string>();
    return fmt::format("{}, compiled for sm_{}; {}", cuda["toolkit"].get<std::string>(),
                       cuda["architectures"].get<std::string>(), card);
}

void print_program(const json& document) {
    const std::string compiled = document["vector_units"]["compiled"], cpu = document["vector_units"]["cpu"];
    fmt::print("gdn2 {}, {} build, {}\n", GDN2_VERSION, document["build"].get<std::string>(),
               document["compiler"].get<std::string>());
    fmt::print("vector units  {} compiled, {} in this CPU\n", compiled, cpu);
    fmt::print("threads       {}\n", document["threads"].get<int>());
    fmt::print("devices       {}\n", fmt::join(available_devices(), ", "));
    fmt::print("precisions    {}\n", fmt::join(available_precisions(), ", "));
    fmt::print("CUDA          {}\n", cuda_line(document["cuda"]));
    if (cpu.starts_with("AVX") && !compiled.starts_with("AVX"))
        fmt::print(
            "\nSLOW BUILD: this CPU has {} but the program was compiled for {}{}.\n"
            "Configure with -DGDN2_NATIVE=ON, on this machine, for several times the speed.\n",
            cpu, compiled, GDN2_PORTABLE ? " (a portable build)" : "");
}

/// Smallest and largest finite value, and how many are not finite.
struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    Index not_finite = 0;
};

Range range_of(const io::Array& array, const std::string& name) {
    Range range;
    const Tensor<double> tensor = io::to_tensor<double>(array, name);
    for (const double value : tensor.values()) {
        if (!std::isfinite(value)) {
            ++range.not_finite;
            continue;
        }
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
    }
    return range;
}

json array_document(const std::string& name, const io::Array& array) {
    json entry{{"name", name},
               {"format", io::name_of(array.dtype)},
               {"shape", array.shape},
               {"bytes", array.bytes.size()}};
    if (!io::is_floating_point(array.dtype) || array.bytes.empty()) return entry;
    const Range range = range_of(array, name);
    entry["not_finite"] = range.not_finite;
    if (range.low <= range.high) entry["range"] = {range.low, range.high};
    return entry;
}

/// "model" or "checkpoint" where the archive says that it is one, or "".
std::string kind_of_training(const io::Archive& archive) {
    const auto format = archive.metadata.find("format");
    if (format == archive.metadata.end()) return "";
    return format->second == model_format ? "model" : format->second == checkpoint_format ? "checkpoint" : "";
}

/// What the archive is good for: "trace", "model", "checkpoint", "problem", "result" or "archive", and what is wrong
/// with it as a problem.
json kind_document(const io::Archive& archive) {
    json document;
    std::vector<std::string> notes;
    if (trace::is_trace(archive)) {
        document["kind"] = "trace";
    } else if (const std::string kind = kind_of_training(archive); !kind.empty()) {
        document["kind"] = kind;
    } else if (archive.find("q") && archive.find("k")) {
        document["kind"] = "problem";
        try {
            const Sizes sizes = validate_shapes(problem_of(archive, notes));
            document["sizes"] = {{"batch", sizes.batch},         {"length", sizes.length},
                                 {"key_heads", sizes.key_heads}, {"value_heads", sizes.value_heads},
                                 {"key_dim", sizes.key_dim},     {"value_dim", sizes.value_dim},
                                 {"sequences", sizes.sequences}};
        } catch (const Error& error) {
            document["refused"] = error.what();
        }
    } else {
        const bool any =
            archive.find("o") || archive.find("final_state") || archive.find("ht") || archive.find("dq");
        document["kind"] = any ? "result" : "archive";
    }
    document["notes"] = notes;
    return document;
}

json file_document(const std::string& file) {
    const io::Archive archive = io::read_file(file);
    json document = new_document("info");
    document["file"] = file;
    document.update(kind_document(archive));
    document["metadata"] = archive.metadata;
    json arrays = json::array();
    for (const auto& [name, array] : archive.entries()) arrays.push_back(array_document(name, array));
    document["arrays"] = std::move(arrays);
    return document;
}

void print_array(const json& array, std::size_t width) {
    std::string values;
    if (array.contains("range"))
        values =
            fmt::format("{:.4g} to {:.4g}", array["range"][0].get<double>(), array["range"][1].get<double>());
    if (array.value("not_finite", Index{0}) > 0)
        values +=
            fmt::format("{}{} NaN or Inf", values.empty() ? "" : ", ", array["not_finite"].get<Index>());
    fmt::print("{:<{}} {:<5} {:<20} {:>12} bytes  {}\n", io::escaped(array["name"].get<std::string>()), width,
               array["format"].get<std::string>(), to_string(array["shape"].get<Shape>()),
               array["bytes"].get<std::size_t>(), values);
}

/// Wide enough for every name, but for one that is out of all measure.
std::size_t width_of_names(const json& arrays) {
    std::size_t width = 18;
    for (const json& array : arrays)
        width = std::max(width, io::escaped(array["name"].get<std::string>()).size());
    return std::min<std::size_t>(width, 60);
}

void print_file(const json& document) {
    const std::string kind = document["kind"];
    fmt::print("{}: {} {}\n", io::quote_file(document["file"].get<std::string>()), kind == "archive" ? "an" : "a",
               kind);
    const std::size_t width = width_of_names(document["arrays"]);
    for (const json& array : document["arrays"]) print_array(array, width);
    for (const auto& [key, value] : document["metadata"].items())
        fmt::print("metadata {}: {}\n", io::escaped(key), io::escaped(value.get<std::string>()));
    if (document.contains("sizes")) {
        std::string sizes;
        for (const char* name :
             {"batch", "length", "key_heads", "value_heads", "key_dim", "value_dim", "sequences"})
            sizes +=
                fmt::format("{}{} {}", sizes.empty() ? "" : ", ", name, document["sizes"][name].get<Index>());
        fmt::print("valid as a problem: {}\n", sizes);
    }
    if (document.contains("refused"))
        fmt::print("refused as a problem: {}\n", io::escaped(document["refused"].get<std::string>()));
    for (const json& note : document["notes"]) fmt::print("note: {}\n", io::escaped(note.get<std::string>()));
}

void run(const Arguments& arguments) {
    const json document = arguments.file.empty() ? program_document() : file_document(arguments.file);
    if (arguments.as_json)
        print_json(document);
    else if (arguments.file.empty())
        print_program(document);
    else
        print_file(document);
}

}  // namespace

void add_info(CLI::App& program) {
    CLI::App* command =
        program.add_subcommand("info", "what a file holds; without FILE: version, build, CPU");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("FILE", arguments->file, ".npz or .safetensors")->check([](const std::string& file) {
        return file.empty() ? "FILE is empty" : "";
    });
    command->add_flag("--json", arguments->as_json, "print a JSON document (docs/json.md)");
    command->footer("Example: gdn2 info problem.npz");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace gdn2::tools
