// See check_report.h.
#include "tools/gdn2/check_report.h"

#include <fmt/core.h>

#include <algorithm>

#include "reference/io/text.h"
#include "tools/gdn2/common.h"

namespace gdn2::tools {
namespace {

using check::AxisProfile;
using check::Comparison;
using check::Element;
using nlohmann::json;

const char* axis_names(check::Axes axes) {
    return axes == check::Axes::states ? "[sequence, head, key channel, value channel]"
                                       : "[batch, token, head, channel]";
}

bool all_passed(const std::vector<TensorReport>& tensors) {
    return std::all_of(tensors.begin(), tensors.end(),
                       [](const TensorReport& t) { return t.comparison.passed; });
}

/// In the table, and for programs.
struct VerdictWords {
    const char *printed, *json;
};

VerdictWords words_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return {"pass", "pass"};
        case Verdict::fail:
            return {"FAIL", "fail"};
        default:
            return {"undecided", "undecided"};
    }
}

void print_header() {
    fmt::print("{:<16}{:<7}{:>9}{:>9}{:>10}{:>9}{:>10}{:>9}{:>9}{:>11}   {}\n", "tensor", "format",
               "max|err|", "ratio", "relative", "allowed", "cosine", "a*", "p99 ulp", "worst row", "verdict");
}

void print_row(const TensorReport& tensor, Verdict verdict) {
    const Comparison& c = tensor.comparison;
    fmt::print("{:<16}{:<7}{:>9.1e}{:>9.1e}{:>10.1e}{:>9.0e}{:>10.6f}{:>9.5f}{:>9.3g}{:>11.1e}   {}\n",
               tensor.name, io::name_of(tensor.dtype), c.max_abs, c.ratio, c.relative, c.tolerance, c.cosine,
               c.best_scale, c.ulp.p99, c.worst_row_ratio, words_of(verdict).printed);
}

void print_line(const char* what, const std::string& text) { fmt::print("    {:<15}{}\n", what, text); }

std::string both_values(const Element& at) {
    return fmt::format("{}: reference {}, claim {}", to_string(at.index), io::number(at.reference, 9),
                       io::number(at.claim, 9));
}

/// Why the reference cannot be relied on for a tensor, from its second path held against its first.
std::string why_undecided(const Comparison& witness) {
    if (!witness.non_finite)
        return "the reference's two paths, token by token and in chunks, disagree: " + witness.why;
    const Element& at = *witness.non_finite;
    return fmt::format("the numbers outgrew f64: at {} the reference is {} token by token and {} in chunks",
                       to_string(at.index), io::number(at.reference), io::number(at.claim));
}

/// Everything known about one failure. A diagnosis of what caused it will follow these lines.
void print_failure(const TensorReport& tensor) {
    const Comparison& c = tensor.comparison;
    fmt::print("\n{} fails: {}\n", tensor.name, c.why);
    print_line("axes", axis_names(tensor.axes));
    if (c.non_finite) {
        print_line("not finite", both_values(*c.non_finite));
    } else {
        print_line("worst element", both_values(c.worst));
        print_line("worst row",
                   fmt::format("{}: {:.2g} of a typical row", to_string(c.worst_row), c.worst_row_ratio));
        print_line("ulp", fmt::format("p50 {:.3g}, p99 {:.3g}, max {:.3g}", c.ulp.p50, c.ulp.p99, c.ulp.max));
        print_line("NMSE", fmt::format("{:.3g}", c.nmse));
        if (c.over_low_precision)
            print_line("naive f32",
                       fmt::format("the largest error is {:.3g} times that of a plain f32 run", *c.over_low_precision));
    }
    if (c.where.first_bad) {
        print_line("in time",
                   fmt::format("first bad {}, last bad {}, {} bad in all", to_string(*c.where.first_bad),
                               to_string(*c.where.last_bad), c.where.bad));
    }
    for (const std::string& line : c.where.lines) print_line("where", line);
}

json element_json(const Element& at) {
    return {{"index", at.index}, {"reference", at.reference}, {"claim", at.claim}};
}

json where_json(const check::Localisation& where) {
    json axes = json::array();
    for (const AxisProfile& axis : where.axes)
        axes.push_back({{"name", axis.name}, {"bad", axis.bad}, {"total", axis.total}});
    json result{{"bad", where.bad}, {"lines", where.lines}, {"axes", axes}};
    if (where.first_bad) result["first_bad"] = *where.first_bad;
    if (where.last_bad) result["last_bad"] = *where.last_bad;
    return result;
}

/// Every figure of a comparison.
json figures_json(const TensorReport& tensor) {
    const Comparison& c = tensor.comparison;
    json result{{"name", tensor.name},
                {"format", io::name_of(tensor.dtype)},
                {"relative", c.relative},
                {"tolerance", c.tolerance},
                {"max_abs", c.max_abs},
                {"ratio", c.ratio},
                {"nmse", c.nmse},
                {"cosine", c.cosine},
                {"best_scale", c.best_scale},
                {"worst_row_ratio", c.worst_row_ratio},
                {"worst_row", c.worst_row},
                {"ulp", {{"p50", c.ulp.p50}, {"p99", c.ulp.p99}, {"max", c.ulp.max}}}};
    if (c.over_low_precision) result["over_naive_f32"] = *c.over_low_precision;
    if (c.non_finite)
        result["non_finite"] = element_json(*c.non_finite);
    else
        result["worst"] = element_json(c.worst);
    return result;
}

json claim_json(const CheckReport& report, std::size_t i) {
    const Comparison& c = report.tensors[i].comparison;
    const Verdict verdict = report.verdict(i);
    json result = figures_json(report.tensors[i]);
    result["verdict"] = words_of(verdict).json;
    result["passed"] = verdict == Verdict::pass;
    if (verdict == Verdict::undecided) result["why"] = why_undecided(report.witness[i].comparison);
    if (verdict != Verdict::fail) return result;
    result["why"] = c.why;
    result["where"] = where_json(c.where);
    return result;
}

json witness_json(const TensorReport& tensor) {
    json result = figures_json(tensor);
    result["passed"] = tensor.comparison.passed;
    if (!tensor.comparison.passed) result["why"] = tensor.comparison.why;
    return result;
}

std::string conclusion(const CheckReport& report) {
    const std::string failed = report.names_of(Verdict::fail), undecided = report.names_of(Verdict::undecided);
    if (report.verdict() == Verdict::pass) {
        const auto count = static_cast<Index>(report.tensors.size());
        return (count == 1 ? "PASS: " : "PASS: all ") + counted(count, "tensor");
    }
    if (failed.empty()) return "UNDECIDED: " + undecided;
    return "FAIL: " + failed + (undecided.empty() ? "" : "   undecided: " + undecided);
}

}  // namespace

Verdict CheckReport::verdict(std::size_t tensor) const {
    if (!witness[tensor].comparison.passed) return Verdict::undecided;
    return tensors[tensor].comparison.passed ? Verdict::pass : Verdict::fail;
}

Verdict CheckReport::verdict() const {
    if (!names_of(Verdict::fail).empty()) return Verdict::fail;
    return names_of(Verdict::undecided).empty() ? Verdict::pass : Verdict::undecided;
}

std::string CheckReport::names_of(Verdict wanted) const {
    std::string names;
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (verdict(i) == wanted) names += (names.empty() ? "" : " ") + tensors[i].name;
    return names;
}

void print_text(const CheckReport& report) {
    print_header();
    for (std::size_t i = 0; i < report.tensors.size(); ++i) print_row(report.tensors[i], report.verdict(i));
    for (std::size_t i = 0; i < report.tensors.size(); ++i) {
        if (report.verdict(i) == Verdict::fail) print_failure(report.tensors[i]);
        if (report.verdict(i) == Verdict::undecided)
            fmt::print("\n{} is undecided: {}\n", report.tensors[i].name,
                       why_undecided(report.witness[i].comparison));
    }
    fmt::print("\n{}\n", conclusion(report));
}

json to_json(const CheckReport& report) {
    json document = new_document("check");
    document["problem"] = report.problem;
    document["claim"] = report.claim;
    document["notes"] = report.notes;
    json tensors = json::array(), witness = json::array();
    for (std::size_t i = 0; i < report.tensors.size(); ++i) tensors.push_back(claim_json(report, i));
    for (const TensorReport& tensor : report.witness) witness.push_back(witness_json(tensor));
    document["reference"] = {{"path", "recurrent"},
                             {"precision", "f64"},
                             {"second_witness", "chunk"},
                             {"agree", all_passed(report.witness)},
                             {"tensors", witness}};
    document["tensors"] = tensors;
    document["verdict"] = words_of(report.verdict()).json;
    document["passed"] = report.verdict() == Verdict::pass;
    return document;
}

}  // namespace gdn2::tools
