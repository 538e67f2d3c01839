// See report.h.
#include "tools/bench/report.h"

#include <fmt/format.h>

#include <iterator>

namespace gdn2::bench {
namespace {

using nlohmann::json;
using Text = fmt::memory_buffer;

template <class... Arguments>
void line(Text& text, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text), format, std::forward<Arguments>(arguments)...);
    text.push_back('\n');
}

void add_machine(Text& text, const Report& report) {
    const Machine& m = report.machine;
    line(text, "{}, {}", m.cpu, m.date);
    line(text, "vector units: compiled for {}, present {}; threads {}; {}, {}; load {:.1f}", m.units_compiled,
         m.units_present, m.threads, m.build_type, m.compiler, m.load);
    for (const std::string& warning : warnings(m)) line(text, "!! {}", warning);
    if (report.cpu_share < 0.9)
        line(text,
             "!! BUSY MACHINE: one thread got {:.0f} % of a core; what two threads gain means little here",
             100 * report.cpu_share);
    line(text, "checked first: {} tensors against the f64 recurrence, worst at {:.2f} of its tolerance",
         report.checks.tensors, report.checks.worst);
    line(text, "key_dim = value_dim = {}, chunk {}, {} tokens, {} heads; medians of {} rounds",
         report.sizes.dim, report.chunk, report.sizes.length, report.sizes.heads, report.rounds);
}

void add_peaks(Text& text, const Report& report) {
    line(text, "\nGF/s of one thread      f32                     f64");
    for (const Peak& f32 : report.peaks)
        for (const Peak& f64 : report.peaks)
            if (f32.precision == Precision::f32 && f64.precision == Precision::f64 && f32.name == f64.name)
                line(text, "  {:<16}{:7.1f} [{:5.1f} {:5.1f}] {:7.1f} [{:5.1f} {:5.1f}]", f32.name,
                     f32.gflops.median, f32.gflops.low, f32.gflops.high, f64.gflops.median, f64.gflops.low,
                     f64.gflops.high);
}

void add_rows(Text& text, const Report& report) {
    line(text,
         "\n                           one thread, processor time                          on the clock");
    line(text,
         "path      pass      prec  us/token-head [quartiles]   GF/s  of GEMM  x forward  "
         "1 thread  2 threads   gain");
    for (const Row& row : report.rows) {
        fmt::format_to(
            std::back_inserter(text),
            "{:<10}{:<10}{:<6}{:7.3f} [{:6.3f} {:6.3f}]  {:7.1f}  {:5.0f} %     {:6.2f}    {:6.3f}",
            name_of(row.path), name_of(row.pass), check::name_of(row.precision), row.microseconds.median,
            row.microseconds.low, row.microseconds.high, row.gflops, 100 * row.share.median,
            row.over_forward.median, row.wall_1);
        if (row.wall_2)
            line(text, "     {:6.3f}  {:5.2f}", *row.wall_2, row.speedup->median);
        else
            line(text, "          -      -");
    }
}

void add_memory(Text& text, const Report& report) {
    if (report.memory.empty()) return line(text, "\nmemory: this build cannot count its heap");
    line(text,
         "\nmemory of gradient(), one head, f32, in states (key_dim value_dim numbers) beyond inputs and "
         "results");
    line(text, "path        length   needed states + one head's results = counted   measured");
    for (const MemoryRow& row : report.memory)
        line(text, "{:<10}{:8}   {:13} + {:18.1f} = {:7.1f}    {:7.1f}", name_of(row.path), row.length,
             row.states, row.one_head_results, static_cast<double>(row.states) + row.one_head_results,
             row.measured);
}

void add_targets(Text& text, const Report& report) {
    if (report.targets.empty()) return line(text, "\ntoo short a run to judge speed");
    line(text, "\ntargets");
    for (const Target& target : report.targets)
        line(text, "  {:<6}  {:<64}{:6.2f}  ({} {:.2f})", target.met() ? "met" : "MISSED", target.what,
             target.value, target.at_least ? ">=" : "<=", target.limit);
}

json json_of(const Quartiles& q) { return {{"low", q.low}, {"median", q.median}, {"high", q.high}}; }

json json_of(const Machine& m) {
    return {{"cpu", m.cpu},
            {"date", m.date},
            {"threads", m.threads},
            {"vector_units", {{"compiled", m.units_compiled}, {"present", m.units_present}}},
            {"portable_build", m.portable},
            {"build_type", m.build_type},
            {"compiler", m.compiler},
            {"load", m.load},
            {"warnings", warnings(m)}};
}

json json_of(const Row& row) {
    json result{{"path", name_of(row.path)},
                {"pass", name_of(row.pass)},
                {"precision", check::name_of(row.precision)},
                {"us_per_token_head", json_of(row.microseconds)},
                {"gflops", row.gflops},
                {"share_of_gemm", json_of(row.share)},
                {"over_forward", json_of(row.over_forward)},
                {"wall_us_1_thread", row.wall_1}};
    if (row.wall_2) {
        result["wall_us_2_threads"] = *row.wall_2;
        result["speedup"] = json_of(*row.speedup);
    }
    return result;
}

}  // namespace

std::string text_of(const Report& report) {
    Text text;
    add_machine(text, report);
    add_peaks(text, report);
    add_rows(text, report);
    add_memory(text, report);
    line(text, "\n{}", text_of(report.training));
    add_targets(text, report);
    if (!report.counters.empty())
        line(text, "\n{}\n{}", text_of(report.counters, report.kernel_shape, report.kernel_precision),
             text_of(report.card));
    return fmt::to_string(text);
}

json json_of(const Report& report) {
    json result{
        {"machine", json_of(report.machine)},
        {"problem",
         {{"dim", report.sizes.dim},
          {"chunk", report.chunk},
          {"length", report.sizes.length},
          {"heads", report.sizes.heads}}},
        {"rounds", report.rounds},
        {"cpu_share", report.cpu_share},
        {"checks", {{"tensors", report.checks.tensors}, {"worst_over_tolerance", report.checks.worst}}},
        {"peaks", json::array()},
        {"rows", json::array()},
        {"memory", json::array()},
        {"targets", json::array()}};
    for (const Peak& peak : report.peaks)
        result["peaks"].push_back({{"name", peak.name},
                                   {"precision", check::name_of(peak.precision)},
                                   {"gflops", json_of(peak.gflops)}});
    for (const Row& row : report.rows) result["rows"].push_back(json_of(row));
    for (const MemoryRow& row : report.memory)
        result["memory"].push_back({{"path", name_of(row.path)},
                                    {"length", row.length},
                                    {"states", row.states},
                                    {"one_head_results", row.one_head_results},
                                    {"measured", row.measured}});
    result["training"] = json_of(report.training);
    for (const Target& target : report.targets)
        result["targets"].push_back(
            {{"what", target.what}, {"value", target.value}, {"limit", target.limit}, {"met", target.met()}});
    result["devices"] = json::array();
    if (!report.counters.empty()) {
        result["devices"].push_back(json_of(report.counters, report.kernel_shape, report.kernel_precision));
        result["devices"].push_back(json_of(report.card));
    }
    return result;
}

}  // namespace gdn2::bench
