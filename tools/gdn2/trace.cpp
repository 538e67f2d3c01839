// gdn2 trace: records the intermediate tensors of a problem or a built-in scenario into a file.
//   tests  tests/tools/gdn2/trace_command_test.cpp
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include "reference/delta_rule/problem_file.h"
#include "reference/io/file.h"
#include "reference/io/text.h"
#include "reference/scenarios/scenario.h"
#include "reference/trace/trace_file.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/progress.h"

namespace gdn2::tools {
namespace {

using trace::Field;
using trace::Kind;
using trace::Recorder;

struct Arguments {
    std::string source, output;
    std::string fields = "all", path = "both", precision = "f64", device = "cpu";
    Index chunk = 64;
    double limit_gib = 4;
};

struct Source {
    Problem<double> problem;
    std::string scenario;
    std::vector<std::string> labels;
};

/// A file when there is one of that name, else a scenario.
Source read_source(const std::string& name) {
    if (is_scenario(name) && !std::filesystem::exists(name)) {
        const Scenario& found = scenario(name);
        return {found.problem, found.name, found.labels};
    }
    const bool is_path = name.find_first_of("/.") != std::string::npos || std::filesystem::exists(name);
    if (!is_path) (void)scenario(name);  // says which there are
    std::vector<std::string> notes;
    Source source{read_problem(name, notes), "", {}};
    print_warnings(notes);
    return source;
}

/// Whether a run that --path allows, of a problem like this, makes the field.
bool is_made(Kind kind, const Arguments& arguments, bool has_upstream) {
    if (kind == Kind::chunk) return arguments.path != "recurrent";
    return arguments.path != "chunk" && (kind == Kind::token || has_upstream);
}

std::string why_not(const trace::FieldInfo& line, const Arguments& arguments) {
    const std::string field = "field `" + std::string(line.id) + "` ";
    if (line.kind == Kind::chunk) return field + "is made chunk by chunk, not by --path recurrent";
    if (arguments.path == "chunk") return field + "is made token by token, not by --path chunk";
    return field + "is a gradient: the problem must hold `do` or `dht`";
}

/// The names between the commas of --fields.
std::vector<std::string> names_in(const std::string& list) {
    std::vector<std::string> names(1);
    for (const char c : list) {
        if (c == ',')
            names.emplace_back();
        else
            names.back() += c;
    }
    for (const std::string& name : names) {
        require(!name.empty(), "--fields " + io::quote(list) + ": a name is missing beside a comma");
        require(name != "all", "--fields " + io::quote(list) + ": `all` is every field and stands alone");
    }
    return names;
}

std::vector<Field> wanted_fields(const Arguments& arguments, bool has_upstream) {
    std::vector<Field> wanted;
    if (arguments.fields == "all") {
        for (const trace::FieldInfo& line : trace::fields())
            if (is_made(line.kind, arguments, has_upstream)) wanted.push_back(line.field);
        return wanted;
    }
    for (const std::string& name : names_in(arguments.fields)) {
        const std::optional<Field> field = trace::field_named(name);
        std::string names;
        for (const trace::FieldInfo& line : trace::fields()) names += " " + std::string(line.id);
        require(field.has_value(), "there is no field " + io::quote(name) + "; there are" + names);
        require(is_made(info(*field).kind, arguments, has_upstream), why_not(info(*field), arguments));
        wanted.push_back(*field);
    }
    return wanted;
}

/// Runs the problem, if any field of these kinds is wanted.
template <class Scalar>
void record_run(const Problem<Scalar>& problem, Path path, Index chunk, Recorder& recorder) {
    const auto wants = [&](Kind kind) {
        return std::any_of(recorder.wanted().begin(), recorder.wanted().end(),
                           [&](Field field) { return info(field).kind == kind; });
    };
    const bool forward_only = path == Path::chunk || !wants(Kind::token_gradient);
    if (forward_only && !wants(path == Path::chunk ? Kind::chunk : Kind::token)) return;

    Progress bar("recording");
    Options options{.path = path, .chunk = chunk, .threads = 1, .progress = {}, .recorder = &recorder};
    options.progress = [&bar](Index done, Index total) { bar.update(done, total); };
    (void)(forward_only ? forward(problem, options) : gradient(problem, options));
}

template <class Scalar>
io::Archive record_trace(const Problem<Scalar>& problem, const Source& source, const Arguments& arguments) {
    require(std::isfinite(arguments.limit_gib), "--limit must be a number of GiB");
    const auto limit = static_cast<Index>(arguments.limit_gib * static_cast<double>(Index(1) << 30));
    Recorder recorder(wanted_fields(arguments, problem.d_o || problem.d_final_state),
                      recorder_sizes(problem, arguments.chunk), limit);
    record_run(problem, Path::recurrent, arguments.chunk, recorder);
    record_run(problem, Path::chunk, arguments.chunk, recorder);
    const trace::TraceMeta meta{"gdn2 " GDN2_VERSION, source.scenario, "cpu",
                                arguments.precision,  arguments.chunk, source.labels};
    return trace::archive_of(archive_of(cast_problem<double>(problem)), recorder, meta);
}

void run(const Arguments& arguments) {
    ComputeOptions asked;
    asked.device = arguments.device;
    asked.precision = arguments.precision;
    require_supported(asked);
    const Source source = read_source(arguments.source);
    require_writable(arguments.output, source.scenario.empty() ? arguments.source : "");
    const io::Archive archive = arguments.precision == "f32"
                                    ? record_trace(to_f32(source.problem, arguments.source), source, arguments)
                                    : record_trace(source.problem, source, arguments);
    io::write_file(arguments.output, archive);
    const Shape& tokens = source.problem.v.shape();
    fmt::print("{}: {}, {}, {}\n", io::quote_file(arguments.output),
               counted(static_cast<Index>(archive.size()), "array"), counted(tokens[0] * tokens[1], "token"),
               counted(tokens[2], "value head"));
}

}  // namespace

void add_trace(CLI::App& program) {
    CLI::App* command =
        program.add_subcommand("trace", "record the intermediate tensors of a run into a file");
    const auto arguments = std::make_shared<Arguments>();
    std::string names;
    for (const Scenario& each : scenarios()) names += (names.empty() ? "" : " ") + each.name;
    command->add_option("PROBLEM", arguments->source, "a .npz or .safetensors file, or one of: " + names)
        ->required();
    command->add_option("-o,--output", arguments->output, "the trace, .npz or .safetensors, always in f64")
        ->required();
    command
        ->add_option("--fields", arguments->fields,
                     "names from reference/trace/fields.def with commas between them, or all")
        ->capture_default_str();
    command->add_option("--path", arguments->path, "record recurrent fields, chunk fields or both")
        ->check(CLI::IsMember({"recurrent", "chunk", "both"}))
        ->capture_default_str();
    command->add_option("--chunk", arguments->chunk, "tokens per chunk, 1 or more")
        ->check(whole_number(1, max_chunk))
        ->capture_default_str();
    add_device_options(*command, arguments->device, arguments->precision);
    command->add_option("--limit", arguments->limit_gib, "the most that the fields may take, in GiB")
        ->check(CLI::Range(0.001, 1e6))
        ->capture_default_str();
    command->footer("Example: gdn2 trace overwrite -o overwrite.npz --fields S,u,o");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace gdn2::tools
