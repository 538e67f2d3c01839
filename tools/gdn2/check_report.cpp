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

json claim_json(const Judgement& found, std::size_t i) {
    const Comparison& c = found.tensors[i].comparison;
    const Verdict verdict = found.verdict(i);
    json result = figures_json(found.tensors[i]);
    result["verdict"] = words_of(verdict).json;
    result["passed"] = verdict == Verdict::pass;
    if (verdict == Verdict::undecided) result["why"] = why_undecided(found.witness[i].comparison);
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

std::string conclusion(const Judgement& found) {
    const std::string failed = found.names_of(Verdict::fail), undecided = found.names_of(Verdict::undecided);
    if (found.verdict() == Verdict::pass) {
        const auto count = static_cast<Index>(found.tensors.size());
        return (count == 1 ? "PASS: " : "PASS: all ") + counted(count, "tensor");
    }
    if (failed.empty()) return "UNDECIDED: " + undecided;
    return "FAIL: " + failed + (undecided.empty() ? "" : "   undecided: " + undecided);
}

}  // namespace

void print_text(const CheckReport& report) {
    const Judgement& found = report.found;
    print_header();
    for (std::size_t i = 0; i < found.tensors.size(); ++i) print_row(found.tensors[i], found.verdict(i));
    for (std::size_t i = 0; i < found.tensors.size(); ++i) {
        if (found.verdict(i) == Verdict::fail) print_failure(found.tensors[i]);
        if (found.verdict(i) == Verdict::undecided)
            fmt::print("\n{} is undecided: {}\n", found.tensors[i].name,
                       why_undecided(found.witness[i].comparison));
    }
    fmt::print("\n{}\n", conclusion(found));
}

json to_json(const CheckReport& report) {
    const Judgement& found = report.found;
    json document = new_document("check");
    document["problem"] = report.problem;
    document["claim"] = report.claim;
    document["notes"] = found.notes;
    json tensors = json::array(), witness = json::array();
    for (std::size_t i = 0; i < found.tensors.size(); ++i) tensors.push_back(claim_json(found, i));
    for (const TensorReport& tensor : found.witness) witness.push_back(witness_json(tensor));
    document["reference"] = {{"path", "recurrent"},
                             {"precision", "f64"},
                             {"second_witness", "chunk"},
                             {"agree", all_passed(found.witness)},
                             {"tensors", witness}};
    document["tensors"] = tensors;
    document["verdict"] = words_of(found.verdict()).json;
    document["passed"] = found.verdict() == Verdict::pass;
    return document;
}

}  // namespace gdn2::tools
