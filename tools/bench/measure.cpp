// See measure.h.
#include "tools/bench/measure.h"

#include <algorithm>

namespace gdn2::bench {
namespace {

/// A machine's rate to sample: its body, and what one call of it does.
struct Roof {
    std::string name;
    Precision precision;
    double flops;
    std::function<void()> body;
};

std::string name_of(const Tile& tile) {
    return std::to_string(tile.rows) + "x" + std::to_string(tile.columns) + "x" + std::to_string(tile.inner);
}

template <class Scalar>
void add_roofs(Precision precision, std::vector<Roof>& roofs) {
    for (const Tile& tile : tiles)
        roofs.push_back({name_of(tile), precision, tile.flops(), product_of<Scalar>(tile)});
    roofs.push_back({"fma", precision, fma_loop_flops<Scalar>(), fma_loop<Scalar>});
}

std::vector<double> gflops_of(double flops, const std::vector<double>& seconds) {
    std::vector<double> rates;
    for (const double s : seconds) rates.push_back(flops / s * 1e-9);
    return rates;
}

std::vector<double> scaled(std::vector<double> values, double factor) {
    for (double& value : values) value *= factor;
    return values;
}

/// The samples of a run, found by what they are of.
class Table {
public:
    Table(const std::vector<Roof>& roofs, const std::vector<Case>& cases, const std::vector<Samples>& samples)
        : roofs_(roofs), cases_(cases), samples_(samples) {}

    const Samples& roof(std::size_t i) const { return samples_[i]; }

    /// GF/s of the judged tile, round by round.
    std::vector<double> judged_rate(Precision precision) const {
        std::size_t i = 0;
        while (roofs_[i].precision != precision || roofs_[i].name != name_of(judged_tile)) ++i;
        return gflops_of(roofs_[i].flops, samples_[i].cpu);
    }

    /// Null when there is no such case.
    const Samples* find(Path path, Pass pass, Precision precision, int threads) const {
        for (std::size_t i = 0; i < cases_.size(); ++i) {
            const Case& c = cases_[i];
            if (c.path == path && c.pass == pass && c.precision == precision && c.threads == threads)
                return &samples_[roofs_.size() + i];
        }
        return nullptr;
    }

private:
    const std::vector<Roof>& roofs_;
    const std::vector<Case>& cases_;
    const std::vector<Samples>& samples_;
};

Row row_of(const Case& c, const Table& table, const Report& report) {
    const auto dim = static_cast<double>(report.sizes.dim), chunk = static_cast<double>(report.chunk);
    const auto token_heads = static_cast<double>(report.sizes.token_heads());
    const Samples& one = *table.find(c.path, c.pass, c.precision, 1);
    const Samples& forward = *table.find(c.path, Pass::forward, c.precision, 1);
    const Samples* two = table.find(c.path, c.pass, c.precision, 2);
    const double work = flops(c.path, c.pass, {dim, dim, chunk}) * token_heads;
    const double to_microseconds = 1e6 / token_heads;

    Row row{c.path, c.pass, c.precision, {}, 0, {}, {}, 0, {}, {}};
    const std::vector<double> rates = gflops_of(work, one.cpu);
    row.microseconds = quartiles(scaled(one.cpu, to_microseconds));
    row.gflops = quartiles(rates).median;
    row.share = quartiles(ratios(rates, table.judged_rate(c.precision)));
    row.over_forward = quartiles(ratios(one.cpu, forward.cpu));
    row.wall_1 = quartiles(one.wall).median * to_microseconds;
    if (two) {
        row.wall_2 = quartiles(two->wall).median * to_microseconds;
        row.speedup = quartiles(ratios(one.wall, two->wall));
    }
    return row;
}

const Row& find_row(const Report& report, Path path, Pass pass) {
    return *std::find_if(report.rows.begin(), report.rows.end(), [&](const Row& row) {
        return row.path == path && row.pass == pass && row.precision == Precision::f32;
    });
}

/// States per chunk that the longest chunkwise gradient holds beyond one head's results.
std::optional<double> states_per_chunk(const Report& report) {
    std::optional<double> result;
    for (const MemoryRow& row : report.memory)
        if (row.path == Path::chunk)
            result = (row.measured - row.one_head_results) / static_cast<double>(row.states);
    return result;
}

}  // namespace

void measure_speed(const Suite& suite, const Sampling& sampling, Report& report) {
    std::vector<Roof> roofs;
    add_roofs<float>(Precision::f32, roofs);
    add_roofs<double>(Precision::f64, roofs);
    std::vector<std::function<void()>> bodies;
    for (const Roof& roof : roofs) bodies.push_back(roof.body);
    for (const Case& c : suite.cases()) bodies.push_back(c.body);

    const std::vector<Samples> samples = interleaved(bodies, sampling);
    const Table table(roofs, suite.cases(), samples);
    for (std::size_t i = 0; i < roofs.size(); ++i)
        report.peaks.push_back(
            {roofs[i].name, roofs[i].precision, quartiles(gflops_of(roofs[i].flops, table.roof(i).cpu))});
    for (const Case& c : suite.cases())
        if (c.threads == 1) report.rows.push_back(row_of(c, table, report));
    const Samples& longest = *table.find(Path::recurrent, Pass::grad, Precision::f64, 1);
    report.cpu_share = quartiles(ratios(longest.cpu, longest.wall)).median;
}

std::vector<Target> targets_of(const Report& report) {
    const Row &forward = find_row(report, Path::chunk, Pass::forward),
              &backward = find_row(report, Path::chunk, Pass::backward),
              &grad = find_row(report, Path::chunk, Pass::grad);
    std::vector<Target> targets{
        {"chunk forward f32, share of the " + name_of(judged_tile) + " product's rate", forward.share.median,
         0.70, true},
        {"chunk backward f32, time over forward", backward.over_forward.median, 3.2, false}};
    if (grad.speedup)
        targets.push_back({"chunk grad f32, one thread's time over two's", grad.speedup->median, 1.8, true});
    if (const std::optional<double> states = states_per_chunk(report))
        targets.push_back({"chunk grad f32, states held per chunk", *states, 1.1, false});
    const TrainingRow& training = report.training.rows.back();
    targets.push_back({"training f32, share of GEMM's rate, threads: " + std::to_string(training.threads),
                       training.share.median, 0.30, true});
    return targets;
}

}  // namespace gdn2::bench
