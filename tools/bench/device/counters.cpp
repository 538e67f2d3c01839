// Runs every rung once under the emulator and counts. See ../devices.h.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "cuda/launch/host_backward.h"
#include "reference/check/tolerances.h"
#include "reference/core/random.h"
#include "reference/core/small_float.h"
#include "reference/delta_rule/heads.h"
#include "tools/bench/devices.h"

namespace gdn2::bench {
namespace {

using cuda::ForwardPath;
using cuda::LaunchRecord;
using cuda::Precision;

Precision precision_named(const std::string& name) {
    for (const Precision precision : {Precision::f32, Precision::bf16, Precision::f16})
        if (name == cuda::name_of(precision)) return precision;
    throw Error("kernels do not compute in " + name + ", but in f32, bf16 and f16");
}

Tensor<float> rounded(const Tensor<double>& tensor, Precision precision) {
    const Tensor<float> single = cast<float>(tensor);
    return cuda::decode_numbers(cuda::encode_numbers(single, precision), tensor.shape(), precision);
}

/// Unit keys and queries, slow decay: numbers that the precision holds exactly, so that errors are the kernels' own.
Problem<float> kernel_problem(const KernelShape& n, Precision precision) {
    const Shape keys{n.batch, n.length, n.heads, n.key_dim},
        values{n.batch, n.length, n.states(), n.value_dim};
    Random random(2026);
    Problem<float> problem;
    problem.q = rounded(unit_rows(random_normal(keys, random)), precision);
    problem.k = rounded(unit_rows(random_normal(keys, random)), precision);
    problem.b = rounded(random_uniform(keys, random, 0, 1), precision);
    problem.v = rounded(random_normal(values, random), precision);
    problem.w = rounded(random_uniform(values, random, 0, 1), precision);
    problem.g = cast<float>(random_uniform(keys, random, -0.1, -0.001));
    return problem;
}

double tolerance_of(Precision precision) {
    constexpr check::Pair pairs[] = {check::Pair::f32_device, check::Pair::bf16_device,
                                     check::Pair::f16_device};
    return check::tolerance(pairs[static_cast<int>(precision)], check::Kind::output);
}

double error_of(const Tensor<float>& o, const Tensor<double>& reference) {
    double off = 0, size = 0;
    for (Index i = 0; i < o.size(); ++i) {
        const double difference = static_cast<double>(o[i]) - reference[i];
        off += difference * difference;
        size += reference[i] * reference[i];
    }
    return std::sqrt(off / size);
}

CounterRow row_of(const LaunchRecord& launch, double seconds, const Tensor<float>& o,
                  const Tensor<double>& reference, const KernelShape& shape, Precision precision) {
    CounterRow row;
    for (const char* rung : {"recurrent_1", "recurrent_2", "prepare", "scan", "scan_saves", "scan_maps", "carry",
                             "decode", "reverse_scan", "chunk_grad"})
        if (launch.kernel.starts_with(rung)) row.rung = rung;
    row.seconds = seconds;
    row.error = error_of(o, reference);
    row.tolerance = tolerance_of(precision);
    row.bytes_loaded = static_cast<double>(launch.counters.global.bytes_loaded);
    row.bytes_stored = static_cast<double>(launch.counters.global.bytes_stored);
    row.mma = static_cast<double>(launch.counters.mma());
    row.shared_wavefronts = launch.counters.shared_wavefronts;
    row.shared_wavefronts_ideal = launch.counters.shared_wavefronts_ideal;
    row.barriers = launch.counters.barriers;
    row.blocks = launch.counters.blocks;
    row.model = model_of(row.rung, shape, cuda::name_of(precision));
    return row;
}

/// Everything that is counted of one shape.
class Counting {
public:
    Counting(const KernelShape& shape, Precision precision)
        : shape_(shape), precision_(precision), problem_(kernel_problem(shape, precision)) {
        options_.precision = precision;
        Random random(2027);
        problem_.d_o = rounded(random_normal(problem_.v.shape(), random), precision);
        problem_.d_final_state = Tensor<float>(validate_shapes(problem_).state_shape());
        reference_ = gradient(cast_problem<double>(problem_), {.path = Path::recurrent});
    }

    void forward(ForwardPath path) {
        const Sizes sizes = validate_shapes(problem_);
        options_.path = path;
        cuda::Execution execution(options_, &launches_);
        cuda::Uploads uploads(execution.backend(), precision_);
        const cuda::ForwardArguments arguments = cuda::upload_forward(uploads, problem_, sizes, options_);
        void* workspace = uploads.empty(cuda::forward_workspace_bytes(arguments), "workspace");
        for (const cuda::KernelCall& call : cuda::make_forward_plan(arguments, workspace))
            timed(execution, call);
        add_rows(cuda::fetch_result(uploads, arguments, sizes).o, reference_.o);
    }

    /// All but prepare, which is the forward pass's.
    void backward() {
        const Sizes sizes = validate_shapes(problem_);
        options_.path = ForwardPath::chunk;
        cuda::Execution execution(options_, &launches_);
        cuda::Uploads uploads(execution.backend(), precision_);
        const cuda::BackwardArguments arguments = cuda::upload_backward(uploads, problem_, sizes, options_);
        void* workspace = uploads.empty(cuda::backward_workspace_bytes(arguments), "workspace");
        for (const cuda::KernelCall& call : cuda::make_backward_plan(arguments, workspace)) timed(execution, call);
        launches_.erase(launches_.begin());
        seconds_.erase(seconds_.begin());
        cuda::Gradients result;
        cuda::fetch_gradients(result, uploads, arguments, sizes);
        add_rows(result.dk, reference_.dk);
    }

    /// All but prepare, on three segments of one chunk each.
    void segments() {
        KernelShape three = shape_;
        three.length = 3 * cuda::chunk_length;
        three.segment = 1;
        const Problem<float> problem = kernel_problem(three, precision_);
        const Sizes sizes = validate_shapes(problem);
        options_.path = ForwardPath::chunk;
        options_.scan = {cuda::ScanChoice::segments, static_cast<int>(three.segment)};
        cuda::Execution execution(options_, &launches_);
        cuda::Uploads uploads(execution.backend(), precision_);
        const cuda::ForwardArguments arguments = cuda::upload_forward(uploads, problem, sizes, options_);
        options_.scan = {};
        void* workspace = uploads.empty(cuda::forward_workspace_bytes(arguments), "workspace");
        for (const cuda::KernelCall& call : cuda::make_forward_plan(arguments, workspace)) timed(execution, call);
        launches_.erase(launches_.begin());
        seconds_.erase(seconds_.begin());
        add_rows(cuda::fetch_result(uploads, arguments, sizes).o,
                 gdn2::forward(cast_problem<double>(problem), {.path = Path::recurrent}).o, three);
        rows.back().rung = "scan_cut";
        rows.back().model = model_of("scan_cut", three, cuda::name_of(precision_));
    }

    /// The first token of every sequence, from states of zeros.
    void decode() {
        KernelShape one = shape_;
        one.length = 1;
        const Problem<float> problem = kernel_problem(one, precision_);
        const Sizes sizes = validate_shapes(problem);
        cuda::Execution execution(options_, &launches_);
        cuda::Uploads uploads(execution.backend(), precision_);
        cuda::DecodeArguments arguments;
        arguments.precision = precision_;
        arguments.sequences = static_cast<int>(one.batch);
        arguments.key = cuda::upload_keys(uploads, problem, sizes, options_);
        arguments.value = cuda::upload_values(uploads, problem, sizes, precision_);
        const Tensor<float> zeros({one.batch, one.states(), one.value_dim, one.key_dim});
        arguments.states = uploads.floats(zeros.data(), static_cast<std::size_t>(zeros.size()), "states");
        timed(execution, cuda::make_decode_call(arguments));
        add_rows(uploads.fetch(arguments.value.o, sizes.value_shape(), precision_),
                 gdn2::forward(cast_problem<double>(problem), {.path = Path::recurrent}).o);
    }

    std::vector<CounterRow> rows;

private:
    void timed(cuda::Execution& execution, const cuda::KernelCall& call) {
        const auto start = std::chrono::steady_clock::now();
        execution.backend().launch(call);
        seconds_.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }

    void add_rows(const Tensor<float>& o, const Tensor<double>& reference) { add_rows(o, reference, shape_); }
    void add_rows(const Tensor<float>& o, const Tensor<double>& reference, const KernelShape& shape) {
        for (std::size_t i = 0; i < launches_.size(); ++i)
            rows.push_back(row_of(launches_[i], seconds_[i], o, reference, shape, precision_));
        launches_.clear();
        seconds_.clear();
    }

    KernelShape shape_;
    Precision precision_;
    Problem<float> problem_;
    cuda::Options options_;
    Result<double> reference_;
    std::vector<LaunchRecord> launches_;
    std::vector<double> seconds_;
};

}  // namespace

std::vector<CounterRow> count_kernels(const KernelShape& shape, const std::string& precision) {
    Counting counting(shape, precision_named(precision));
    counting.forward(ForwardPath::recurrent_1);
    counting.forward(ForwardPath::recurrent_2);
    counting.forward(ForwardPath::chunk);
    counting.segments();
    counting.backward();
    counting.decode();
    return std::move(counting.rows);
}

}  // namespace gdn2::bench
