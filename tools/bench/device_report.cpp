// See device_report.h.
#include "tools/bench/device_report.h"

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

std::string words(const KernelShape& n) {
    const std::string heads =
        n.states() == n.heads ? fmt::format("{}", n.heads) : fmt::format("{}/{}", n.heads, n.states());
    return fmt::format("{} x {} x {} x {} x {}", n.batch, n.length, heads, n.key_dim, n.value_dim);
}

/// "1234  0.50": a count, and the model over it.
std::string beside(double count, double model) {
    if (count == 0) return fmt::format("{:>11}{:>7}", 0, "-");
    return fmt::format("{:>11.0f}{:>7.2f}", count, model / count);
}

json json_of(const KernelShape& n) {
    return {{"batch", n.batch},          {"length", n.length},   {"heads", n.heads},
            {"value_heads", n.states()}, {"key_dim", n.key_dim}, {"value_dim", n.value_dim},
            {"segment", n.segment}};
}

json json_of(const KernelModel& model) {
    return {{"bytes_loaded", model.bytes_loaded}, {"bytes_stored", model.bytes_stored}, {"mma", model.mma}};
}

json json_of(const Quartiles& q) { return {{"low", q.low}, {"median", q.median}, {"high", q.high}}; }

}  // namespace

std::string text_of(const std::vector<CounterRow>& rows, const KernelShape& shape,
                    const std::string& precision) {
    Text text;
    line(text, "emulator, {} (batch x length x heads x key_dim x value_dim), {}", words(shape), precision);
    line(text,
         "kernel       bytes loaded  model  bytes stored  model         mma  model   wavefronts  ideal  "
         "barriers  "
         "blocks  error    emulated in");
    for (const CounterRow& row : rows)
        line(text, "{:<13}{}  {}  {} {:>11} {:>7.2f} {:>8} {:>7}  {:.1e}{} {:>7.3f} s", row.rung,
             beside(row.bytes_loaded, row.model.bytes_loaded),
             beside(row.bytes_stored, row.model.bytes_stored), beside(row.mma, row.model.mma),
             row.shared_wavefronts,
             row.shared_wavefronts ? static_cast<double>(row.shared_wavefronts_ideal) /
                                         static_cast<double>(row.shared_wavefronts)
                                   : 1.0,
             row.barriers, row.blocks, row.error, row.passed() ? "  " : " !", row.seconds);
    line(text,
         "model: the model's figure over the count. It counts every input and output once, however many "
         "blocks read "
         "it, and dense products;\nideal: wavefronts without bank conflicts over wavefronts; error: of o, "
         "against the "
         "f64 recurrence.");
    return fmt::to_string(text);
}

json json_of(const std::vector<CounterRow>& rows, const KernelShape& shape, const std::string& precision) {
    json list = json::array();
    for (const CounterRow& row : rows)
        list.push_back({{"kernel", row.rung},
                        {"bytes_loaded", row.bytes_loaded},
                        {"bytes_stored", row.bytes_stored},
                        {"mma", row.mma},
                        {"shared_wavefronts", row.shared_wavefronts},
                        {"shared_wavefronts_ideal", row.shared_wavefronts_ideal},
                        {"barriers", row.barriers},
                        {"blocks", row.blocks},
                        {"model", json_of(row.model)},
                        {"error", row.error},
                        {"tolerance", row.tolerance},
                        {"emulated_seconds", row.seconds}});
    return {{"device", "emulator"},
            {"shape", json_of(shape)},
            {"precision", precision},
            {"kernels", std::move(list)}};
}

std::string text_of(const CardReport& report) {
    Text text;
    if (!report.skipped.empty()) {
        line(text, "cuda: skipped, {}", report.skipped);
        return fmt::to_string(text);
    }
    line(text, "cuda: {}", report.card);
    line(text,
         "copy {:.0f} GB/s [{:.0f} {:.0f}] read and written, mma.sync in bf16 {:.0f} TFLOP/s [{:.0f} {:.0f}]",
         report.copy_gb_per_s.median, report.copy_gb_per_s.low, report.copy_gb_per_s.high,
         report.mma_tflop_per_s.median, report.mma_tflop_per_s.low, report.mma_tflop_per_s.high);
    for (const std::string& failure : report.failures) line(text, "!! not timed: {}", failure);
    line(text,
         "kernel       batch x length x heads x key_dim x value_dim   prec         us [quartiles]       of "
         "copy  of mma");
    for (const CardRow& row : report.rows)
        line(text, "{:<13}{:<44}{:<6}{:>10.1f} [{:>9.1f} {:>9.1f}]  {:>6.1f} %  {:>4.1f} %", row.rung,
             words(row.shape), row.precision, row.microseconds.median, row.microseconds.low,
             row.microseconds.high, 100 * row.copy_share.median, 100 * row.mma_share.median);
    return fmt::to_string(text);
}

json json_of(const CardReport& report) {
    json result{{"device", "cuda"}};
    if (!report.skipped.empty()) {
        result["skipped"] = report.skipped;
        return result;
    }
    result["card"] = report.card;
    result["copy_gb_per_s"] = json_of(report.copy_gb_per_s);
    result["mma_tflop_per_s"] = json_of(report.mma_tflop_per_s);
    result["failures"] = report.failures;
    result["kernels"] = json::array();
    for (const CardRow& row : report.rows)
        result["kernels"].push_back({{"kernel", row.rung},
                                     {"precision", row.precision},
                                     {"shape", json_of(row.shape)},
                                     {"microseconds", json_of(row.microseconds)},
                                     {"share_of_copy", json_of(row.copy_share)},
                                     {"share_of_mma", json_of(row.mma_share)},
                                     {"difference", row.difference}});
    return result;
}

}  // namespace gdn2::bench
