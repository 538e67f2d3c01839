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
#include "tools/gdn2/device.h"
#include "tools/gdn2/progress.h"

namespace gdn2::tools {
namespace {

using trace::Field;
using trace::Kind;
using trace::Recorder;

struct Arguments {
    std::string source, output;
    std::string fields = "all", path = "both", precision, device = "cpu";
    Index chunk = 64;
    double limit_gib = 4;

    bool on_cpu() const { return device == "cpu"; }
};

struct Source {
    Problem<double> problem;
    std::string scenario;
    std::vector<std::string> labels;
    std::optional<io::Array> own_labels = {};  ///< a file's, for all of its rows: they go along as they are
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
    const io::Archive archive = io::read_file(name);
    Source source{problem_of_file(name, archive, notes), "", {}};
    print_warnings(notes);
    if (const io::Array* labels = archive.find("labels")) source.own_labels = *labels;
    return source;
}

/// Whether a run that --path allows, of a problem like this, makes the field.
bool is_made(const trace::FieldInfo& line, const Arguments& arguments, bool has_upstream) {
    if (!arguments.on_cpu()) {
        const std::vector<Field> kept = fields_on_device();
        return std::find(kept.begin(), kept.end(), line.field) != kept.end();
    }
    const Kind kind = line.kind;
    if (kind == Kind::chunk) return arguments.path != "recurrent";
    return arguments.path != "chunk" && (kind == Kind::token || has_upstream);
}

std::string why_not(const trace::FieldInfo& line, const Arguments& arguments) {
    const std::string field = "field `" + std::string(line.id) + "` ";
    if (!arguments.on_cpu()) {
        std::string kept;
        for (const Field each : fields_on_device()) kept += " " + std::string(info(each).id);
        return field + "is not kept by the kernels; they keep" + kept;
    }
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
            if (is_made(line, arguments, has_upstream)) wanted.push_back(line.field);
        return wanted;
    }
    for (const std::string& name : names_in(arguments.fields)) {
        const std::optional<Field> field = trace::field_named(name);
        std::string names;
        for (const trace::FieldInfo& line : trace::fields()) names += " " + std::string(line.id);
        require(field.has_value(), "there is no field " + io::quote(name) + "; there are" + names);
        require(is_made(info(*field), arguments, has_upstream), why_not(info(*field), arguments));
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
Recorder recorder_for(const Problem<Scalar>& problem, const Arguments& arguments) {
    require(std::isfinite(arguments.limit_gib), "--limit must be a number of GiB");
    const auto limit = static_cast<Index>(arguments.limit_gib * static_cast<double>(Index(1) << 30));
    return Recorder(wanted_fields(arguments, problem.d_o || problem.d_final_state),
                    recorder_sizes(problem, arguments.chunk), limit);
}

template <class Scalar>
io::Archive archive_trace(const Problem<Scalar>& problem, const Source& source, const Arguments& arguments,
                          const Recorder& recorder, const std::string& launches) {
    const trace::TraceMeta meta{"gdn2 " GDN2_VERSION, source.scenario, arguments.device, arguments.precision,
                                arguments.chunk,      source.labels,   launches};
    io::Archive given = archive_of(cast_problem<double>(problem));
    if (source.own_labels) given.add("labels", *source.own_labels);
    return trace::archive_of(given, recorder, meta);
}

template <class Scalar>
io::Archive record_trace(const Problem<Scalar>& problem, const Source& source, const Arguments& arguments) {
    Recorder recorder = recorder_for(problem, arguments);
    record_run(problem, Path::recurrent, arguments.chunk, recorder);
    record_run(problem, Path::chunk, arguments.chunk, recorder);
    return archive_trace(problem, source, arguments, recorder, "");
}

/// The problem, rounded, through the kernels of the chunk path.
io::Archive record_kernels(const Source& source, const Arguments& arguments, const ComputeOptions& asked) {
    require(arguments.path != "recurrent", "--path recurrent: of the kernels only the chunk path's are recorded");
    const Problem<float> problem = round_problem(source.problem, arguments.precision, arguments.source, false);
    Recorder recorder = recorder_for(problem, arguments);
    std::string launches;
    {
        Progress bar("recording");
        launches = record_on_device(problem, asked, recorder, [&bar](Index done, Index all) { bar.update(done, all); });
    }
    return archive_trace(problem, source, arguments, recorder, launches);
}

io::Archive record(const Source& source, const Arguments& arguments, const ComputeOptions& asked) {
    if (!arguments.on_cpu()) return record_kernels(source, arguments, asked);
    return arguments.precision == "f32" ? record_trace(to_f32(source.problem, arguments.source), source, arguments)
                                        : record_trace(source.problem, source, arguments);
}

void run(Arguments arguments) {
    ComputeOptions asked;
    asked.device = arguments.device;
    asked.precision = arguments.precision;
    asked.chunk = arguments.chunk;
    settle(asked);
    arguments.precision = asked.precision;
    const Source source = read_source(arguments.source);
    require_writable(arguments.output, source.scenario.empty() ? arguments.source : "");
    const io::Archive archive = record(source, arguments, asked);
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
    command
        ->add_option(
            "--path", arguments->path,
            "record recurrent fields, chunk fields or both; on a device what the chunk path's kernels keep")
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
