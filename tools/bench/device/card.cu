// Times the rungs on a card, beside a copy and a loop of tensor-core products in the same rounds. See ../devices.h.
#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>

#include "cuda/kernels/tile/warp.h"
#include "cuda/launch/backward_plan.h"
#include "cuda/launch/device_data.h"
#include "cuda/launch/forward_plan.h"
#include "cuda/launch/scan_plan.h"
#include "reference/check/tolerances.h"
#include "tools/bench/device/card_batch.h"
#include "tools/bench/device/card_timer.h"
#include "tools/bench/devices.h"

namespace gdn2::bench {
namespace {

using namespace cuda;

constexpr std::size_t copy_bytes = std::size_t{1} << 30;
constexpr int mma_chains = 8, mma_loops = 2048, mma_threads = 256, mma_blocks_per_sm = 4;
constexpr double flops_of_mma = 2 * 16 * 8 * 16;  // m16n8k16; the model counts an m16n8k8 as half of one

/// Nothing but mma.sync, enough of them side by side to hide their latency.
__global__ void mma_rate(float* sink) {
    const std::uint32_t bits =
        0x3f803f80u | ((threadIdx.x * 0x00150007u) & 0x007f007fu);  // two numbers in [1, 2)
    const std::uint32_t a[4] = {bits, bits ^ 1u, bits ^ 2u, bits ^ 3u};
    float d[mma_chains][4] = {};
    for (int i = 0; i < mma_loops; ++i)
#pragma unroll
        for (int chain = 0; chain < mma_chains; ++chain) mma_m16n8k16_bf16(d[chain], a, bits ^ 4u, bits ^ 5u);
    float sum = 0;
#pragma unroll
    for (int chain = 0; chain < mma_chains; ++chain)
        sum += d[chain][0] + d[chain][1] + d[chain][2] + d[chain][3];
    if (sum < 0) *sink = sum;  // never; but the compiler cannot know
}

Precision precision_named(const std::string& name) {
    return name == "f32" ? Precision::f32 : name == "bf16" ? Precision::bf16 : Precision::f16;
}

double tolerance_of(Precision precision) {
    using check::Pair;
    const Pair pair = precision == Precision::f32    ? Pair::f32_device
                      : precision == Precision::bf16 ? Pair::bf16_device
                                                     : Pair::f16_device;
    return check::tolerance(pair, check::Kind::output);
}

/// All that is measured, and the two rates that it is measured beside.
class Bench {
public:
    Bench(CardReport& report, int rounds) : report_(report), rounds_(rounds) {
        int device = 0, processors = 0;
        check(cudaGetDevice(&device), "cudaGetDevice");
        check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device),
              "cudaDeviceGetAttribute");
        const int blocks = processors * mma_blocks_per_sm;
        mma_flops_ = flops_of_mma * mma_chains * mma_loops * (mma_threads / 32) * blocks;
        from_ = DeviceBuffer(cuda_backend(), copy_bytes, "the copy's source");
        to_ = DeviceBuffer(cuda_backend(), copy_bytes, "the copy's target");
        copy_ = [this] {
            check(cudaMemcpyAsync(to_.data(), from_.data(), copy_bytes, cudaMemcpyDeviceToDevice),
                  "copying on the card");
        };
        mma_ = [this, blocks] {
            mma_rate<<<blocks, mma_threads>>>(static_cast<float*>(to_.data()));
            check(cudaGetLastError(), "launching mma_rate");
        };
    }

    void forward(KernelShape shape, const std::string& precision) {
        Batch batch(shape, precision_named(precision));
        const int segment = segment_chunks(batch.forward);
        batch.forward.scan.kind = ScanChoice::serial;
        ForwardArguments recurrent = batch.forward, naive = batch.forward;
        recurrent.path = ForwardPath::recurrent_2;
        naive.path = ForwardPath::recurrent_1;
        const std::int64_t outputs = shape.batch * shape.length * shape.states() * shape.value_dim;
        recurrent.value.o = batch.random(outputs, 0, 0);
        const std::vector<KernelCall> chunk =
            make_forward_plan(batch.forward, batch.empty(forward_workspace_bytes(batch.forward)));
        const KernelCall second = make_forward_plan(recurrent, nullptr).front(),
                         first = make_forward_plan(naive, nullptr).front();

        for (const KernelCall& call : chunk) enqueue_on_card(call, nullptr);
        enqueue_on_card(second, nullptr);
        check(cudaDeviceSynchronize(), "waiting for the kernels that are compared");
        const Difference found = difference(Device::cuda, batch.forward.value.o, recurrent.value.o, outputs,
                                            precision_named(precision));
        if (!passes("chunk", found, shape, precision)) return;
        std::vector<Timed> timed{timed_call("prepare", chunk[0]), timed_call("scan", chunk[1]),
                                 timed_call("recurrent_2", second)};
        if (shape.length <= 1024) timed.push_back(timed_call("recurrent_1", first));
        measure(timed, shape, precision, found.relative);
        shape.segment = segment;
        if (segment > 0) segments(batch, recurrent.value.o, shape, precision);
    }

    /// The scan in segments of those chunks, its three launches together and each.
    void segments(Batch& batch, const void* expected, const KernelShape& shape, const std::string& precision) {
        ForwardArguments cut = batch.forward;
        cut.scan = {ScanChoice::segments, static_cast<int>(shape.segment)};
        const std::vector<KernelCall> plan = make_forward_plan(cut, batch.empty(forward_workspace_bytes(cut)));
        for (const KernelCall& call : plan) enqueue_on_card(call, nullptr);
        check(cudaDeviceSynchronize(), "waiting for the kernels that are compared");
        const std::int64_t outputs = shape.batch * shape.length * shape.states() * shape.value_dim;
        const Difference found =
            difference(Device::cuda, cut.value.o, expected, outputs, precision_named(precision));
        if (!passes("segments", found, shape, precision)) return;
        const auto all = [plan] {
            for (std::size_t i = 1; i < plan.size(); ++i) enqueue_on_card(plan[i], nullptr);
        };
        std::vector<Timed> timed{{"segments", all},
                                 timed_call("scan_maps", plan[1]),
                                 timed_call("carry", plan[2]),
                                 timed_call("scan_cut", plan[3])};
        measure(timed, shape, precision, found.relative);
    }

    /// The backward pass' own kernels; that they are right is for the tests.
    void backward(const KernelShape& shape, const std::string& precision) {
        Batch batch(shape, precision_named(precision));
        BackwardArguments a;
        a.forward = batch.forward;
        a.forward.scan.kind = ScanChoice::serial;
        const std::int64_t keys = a.forward.tokens * shape.heads * shape.key_dim,
                           values = a.forward.tokens * shape.states() * shape.value_dim;
        a.d_o = batch.random(values, -1, 1);
        a.d_q = batch.random(keys, 0, 0), a.d_k = batch.random(keys, 0, 0), a.d_b = batch.random(keys, 0, 0);
        a.d_v = batch.random(values, 0, 0), a.d_w = batch.random(values, 0, 0);
        a.d_g = static_cast<float*>(batch.random(keys, 0, 0, Precision::f32));
        a.d_initial_state = a.forward.states.final_state;
        const std::vector<KernelCall> plan = make_backward_plan(a, batch.empty(backward_workspace_bytes(a)));
        for (const KernelCall& call : plan) enqueue_on_card(call, nullptr);
        std::vector<Timed> timed{timed_call("scan_saves", plan[1]), timed_call("reverse_scan", plan[2]),
                                 timed_call("chunk_grad", plan[3])};
        measure(timed, shape, precision, 0);
    }

    void decode(const KernelShape& shape, const std::string& precision) {
        Batch batch(shape, precision_named(precision));
        DecodeArguments arguments;
        arguments.precision = precision_named(precision);
        arguments.sequences = static_cast<int>(shape.batch);
        arguments.key = batch.forward.key;
        arguments.value = batch.forward.value;
        arguments.states = batch.forward.states.final_state;
        std::vector<Timed> timed{timed_call("decode", make_decode_call(arguments))};
        measure(timed, shape, precision, 0);
    }

    /// Once everything has been measured.
    void finish() {
        std::vector<double> gb_per_s, tflop_per_s;
        for (const double s : copies_) gb_per_s.push_back(2e-9 * copy_bytes / s);
        for (const double s : products_) tflop_per_s.push_back(1e-12 * mma_flops_ / s);
        if (gb_per_s.empty()) return;
        report_.copy_gb_per_s = quartiles(gb_per_s);
        report_.mma_tflop_per_s = quartiles(tflop_per_s);
    }

private:
    /// Whether o is close enough to recurrent_2's; else a failure of `what`.
    bool passes(const char* what, const Difference& found, const KernelShape& shape, const std::string& precision) {
        if (found.relative <= tolerance_of(precision_named(precision))) return true;
        report_.failures.push_back(std::string(what) + " in " + precision + ", length " +
                                   std::to_string(shape.length) + ", " + std::to_string(shape.heads) +
                                   " heads: o is " + std::to_string(found.relative) +
                                   " from recurrent_2's, worst at element " + std::to_string(found.at));
        return false;
    }

    static Timed timed_call(const char* rung, const KernelCall& call) {
        return {rung, [call] { enqueue_on_card(call, nullptr); }};
    }

    void measure(std::vector<Timed>& timed, const KernelShape& shape, const std::string& precision,
                 double found) {
        Timed copy{"copy", copy_}, mma{"mma", mma_};
        copy.warm_up(timer_);
        mma.warm_up(timer_);
        for (Timed& each : timed) each.warm_up(timer_);
        for (int round = 0; round < rounds_; ++round) {
            copy.sample(timer_);
            mma.sample(timer_);
            for (Timed& each : timed) each.sample(timer_);
        }
        for (const Timed& each : timed) {
            const KernelModel model = model_of(each.rung, shape, precision);
            const double bytes = model.bytes_loaded + model.bytes_stored;
            const double flops = model.mma * flops_of_mma * (precision == "f32" ? 0.5 : 1);
            std::vector<double> microseconds;
            for (const double s : each.seconds) microseconds.push_back(1e6 * s);
            report_.rows.push_back({each.rung, precision, shape, quartiles(microseconds),
                                    quartiles(ratios(copy.seconds, each.seconds, bytes / (2.0 * copy_bytes))),
                                    quartiles(ratios(mma.seconds, each.seconds, flops / mma_flops_)), found});
        }
        copies_.insert(copies_.end(), copy.seconds.begin(), copy.seconds.end());
        products_.insert(products_.end(), mma.seconds.begin(), mma.seconds.end());
    }

    CardReport& report_;
    int rounds_;
    Timer timer_;
    DeviceBuffer from_, to_;
    double mma_flops_ = 0;
    std::function<void()> copy_, mma_;
    std::vector<double> copies_, products_;
};

std::vector<KernelShape> forward_shapes(bool quick) {
    if (quick) return {{1, 256, 4, 128, 128}};
    return {{1, 8192, 64, 128, 128},  {8, 2048, 16, 128, 128}, {1, 8192, 16, 128, 128},
            {1, 32768, 16, 128, 128}, {2, 8192, 64, 128, 128}, {1, 1024, 64, 128, 128},
            {4, 4096, 16, 128, 128},  {1, 8192, 96, 128, 128}, {1, 8192, 64, 64, 64},
            {1, 8192, 32, 256, 256},  {1, 8192, 32, 128, 256}, {1, 8192, 16, 128, 128, 64},
            {1, 32768, 4, 128, 128},  {2, 8192, 8, 128, 128},  {1, 8192, 8, 256, 256},
            {1, 8192, 24, 128, 128},  {1, 8192, 32, 64, 64}};
}

std::vector<KernelShape> decode_shapes(bool quick) {
    std::vector<KernelShape> shapes;
    for (const std::int64_t sequences : {1, 8, 32, 64, 128, 256})
        for (const std::int64_t heads : {16, 64})
            if (!quick || (sequences == 8 && heads == 16)) shapes.push_back({sequences, 1, heads, 128, 128});
    return shapes;
}

}  // namespace

CardReport measure_card(bool quick, int rounds, const std::function<void(const std::string&)>& progress) {
    CardReport report;
    if (!device_available(Device::cuda, &report.skipped)) return report;
    report.skipped.clear();
    report.card = describe_card();
    Bench bench(report, rounds);
    for (const KernelShape& shape : forward_shapes(quick)) {
        progress("length " + std::to_string(shape.length) + ", " + std::to_string(shape.heads) + " heads");
        bench.forward(shape, "bf16");
        if (shape.batch * shape.length * shape.heads <= 8192 * 64) bench.backward(shape, "bf16");
    }
    const KernelShape headline = forward_shapes(quick).front();
    for (const char* precision : {"f16", "f32"}) {
        bench.forward(headline, precision);
        bench.backward(headline, precision);
    }
    for (const KernelShape& shape : decode_shapes(quick)) {
        progress("decode, " + std::to_string(shape.batch) + " sequences");
        bench.decode(shape, "bf16");
    }
    bench.finish();
    return report;
}

}  // namespace gdn2::bench
