// See api/trace.h.
#include "cuda/api/trace.h"

#include <algorithm>
#include <limits>

#include "cuda/launch/launch_json.h"
#include "cuda/launch/record_reader.h"

namespace gdn2::cuda {
namespace {

using trace::Field;
using trace::Recorder;

/// Where a sequence's tokens are among all of the batch's.
struct Tokens {
    Index first, length;

    Index chunks() const { return (length + chunk_length - 1) / chunk_length; }
    Tokens chunk(Index c) const {
        const Index begin = std::min(c * chunk_length, length);
        return {first + begin, std::min(Index{chunk_length}, length - begin)};
    }
};

std::vector<Tokens> sequences_of(const Problem<float>& problem, const Sizes& sizes) {
    std::vector<Tokens> sequences;
    for (Index n = 0; n < sizes.sequences; ++n) {
        const auto i = static_cast<std::size_t>(n);
        if (problem.cu_seqlens) {
            const std::vector<Index>& starts = *problem.cu_seqlens;
            sequences.push_back({starts[i], starts[i + 1] - starts[i]});
        } else {
            sequences.push_back({n * sizes.length, sizes.length});
        }
    }
    return sequences;
}

/// The chunkwise pass of a whole problem, with its workspace still on the device.
class Pass {
public:
    Pass(const Problem<float>& problem, const Sizes& sizes, const Options& options)
        : execution_(options, &launches_), uploads_(execution_.backend(), options.precision) {
        const ForwardArguments arguments = upload_forward(uploads_, problem, sizes, options);
        void* memory = uploads_.empty(forward_workspace_bytes(arguments), "workspace");
        const std::vector<KernelCall> plan = make_forward_plan(arguments, memory);
        execution_.run(plan);
        workspace_ = std::get<PrepareParams>(plan.front().params).workspace;
        o = fetch_result(uploads_, arguments, sizes).o;
    }

    /// slot: kernels/tile/sequence.h.
    ChunkRecord record(Index slot, Index key_heads, Index key_head, Precision precision) {
        std::vector<unsigned char> bytes(static_cast<std::size_t>(workspace_.record_bytes));
        execution_.backend().download(
            bytes.data(), workspace_.records + (slot * key_heads + key_head) * workspace_.record_bytes,
            bytes.size());
        return read_record(bytes, precision, workspace_.slabs);
    }

    std::string launches() const { return json_of(launches_); }

    Tensor<float> o;

private:
    std::vector<LaunchRecord> launches_;
    Execution execution_;
    Uploads uploads_;
    Workspace workspace_{};
};

/// Every row but the last, which is `last`, is NaN: the kernels have no numbers for them.
Matrix<double> only_last_row(const Vector<double>& last, Index rows) {
    Matrix<double> all =
        Matrix<double>::Constant(rows, last.size(), std::numeric_limits<double>::quiet_NaN());
    all.row(rows - 1) = last.transpose();
    return all;
}

void record_chunk(Recorder& recorder, Index chunk, const ChunkRecord& found, Index rows, Index key_dim,
                  double scale) {
    record(&recorder, Field::E, chunk, found.E.topLeftCorner(rows, key_dim));
    record(&recorder, Field::A, chunk, found.A.topLeftCorner(rows, rows));
    record(&recorder, Field::Qg, chunk, found.Qg.topLeftCorner(rows, key_dim) / scale);
    record(&recorder, Field::A_qk, chunk, found.A_qk.topLeftCorner(rows, rows) / scale);
    record(&recorder, Field::K_tail, chunk, found.K_tail.topLeftCorner(rows, key_dim));
    record(&recorder, Field::gamma, chunk, only_last_row(found.gamma.head(key_dim), rows));
}

void record_records(Recorder& recorder, Pass& pass, const std::vector<Tokens>& sequences, const Sizes& sizes,
                    Precision precision, double scale) {
    for (Index n = 0; n < sizes.sequences; ++n) {
        const Tokens& tokens = sequences[static_cast<std::size_t>(n)];
        for (Index c = 0; c < tokens.chunks(); ++c)
            for (Index head = 0; head < sizes.value_heads; ++head) {
                const Index slot = slot_of(n, tokens.first) + c;
                const ChunkRecord found = pass.record(slot, sizes.key_heads, head / sizes.group(), precision);
                recorder.enter(n, head);
                record_chunk(recorder, c, found, tokens.chunk(c).length, sizes.key_dim, scale);
            }
    }
}

/// o of every token.
void record_outputs(Recorder& recorder, const Tensor<float>& o, const std::vector<Tokens>& sequences,
                    const Sizes& sizes) {
    const Index row = sizes.value_dim, step = sizes.value_heads * row;
    for (Index n = 0; n < sizes.sequences; ++n)
        for (Index head = 0; head < sizes.value_heads; ++head) {
            const Tokens& tokens = sequences[static_cast<std::size_t>(n)];
            recorder.enter(n, head);
            for (Index t = 0; t < tokens.length; ++t) {
                const float* first = o.data() + (tokens.first + t) * step + head * row;
                record(&recorder, Field::o, t, Eigen::Map<const Vector<float>>(first, row));
            }
        }
}

/// The rows of these tokens, one after another, of a tensor [batch, length, heads, dim].
Tensor<float> rows_of(const Tensor<float>& tensor, const std::vector<Tokens>& parts) {
    Index total = 0;
    for (const Tokens& part : parts) total += part.length;
    const Index heads = tensor.shape()[2], dim = tensor.shape()[3], width = heads * dim;
    Tensor<float> result({1, total, heads, dim});
    float* to = result.data();
    for (const Tokens& part : parts)
        to = std::copy_n(tensor.data() + part.first * width, part.length * width, to);
    return result;
}

/// Chunk c of every sequence as a packed problem that starts from `states`.
Problem<float> chunk_problem(const Problem<float>& problem, const std::vector<Tokens>& sequences, Index c,
                             const Tensor<float>& states) {
    std::vector<Tokens> parts;
    std::vector<Index> starts{0};
    for (const Tokens& tokens : sequences) {
        parts.push_back(tokens.chunk(c));
        starts.push_back(starts.back() + parts.back().length);
    }
    return {rows_of(problem.q, parts),
            rows_of(problem.k, parts),
            rows_of(problem.v, parts),
            rows_of(problem.g, parts),
            rows_of(problem.b, parts),
            rows_of(problem.w, parts),
            problem.scale,
            states,
            starts,
            {},
            {}};
}

/// S_0 of every chunk: chunk after chunk, each from the states that the one before it left.
void record_states(Recorder& recorder, const Problem<float>& problem, const std::vector<Tokens>& sequences,
                   const Sizes& sizes, const Options& options) {
    Index chunks = 0;
    for (const Tokens& tokens : sequences) chunks = std::max(chunks, tokens.chunks());
    Tensor<float> states = problem.initial_state.value_or(Tensor<float>(sizes.state_shape()));
    for (Index c = 0; c < chunks; ++c) {
        for (Index n = 0; n < sizes.sequences; ++n) {
            if (c >= sequences[static_cast<std::size_t>(n)].chunks()) continue;
            for (Index head = 0; head < sizes.value_heads; ++head) {
                const float* first =
                    states.data() + (n * sizes.value_heads + head) * sizes.key_dim * sizes.value_dim;
                recorder.enter(n, head);
                record(&recorder, Field::S_0, c,
                       Eigen::Map<const Matrix<float>>(first, sizes.key_dim, sizes.value_dim));
            }
        }
        if (c + 1 < chunks)
            states = forward(chunk_problem(problem, sequences, c, states), options).final_state;
    }
}

}  // namespace

std::vector<Field> recorded_fields() {
    return {Field::o, Field::S_0, Field::gamma, Field::E, Field::A, Field::Qg, Field::A_qk, Field::K_tail};
}

std::string record_forward(const Problem<float>& problem, const Options& options, Recorder& recorder) {
    require(options.path == ForwardPath::chunk && options.decay == Decay::log,
            "the chunk path with log-decays is recorded, no other");
    const Sizes sizes = validate(problem, options);
    require(recorder.sizes().chunk == std::min<Index>(chunk_length, sizes.length),
            "on a device chunks have 64 tokens, the recorder's " + std::to_string(recorder.sizes().chunk));
    const auto scale = static_cast<double>(scale_of(problem));
    require(scale != 0, "`scale` is 0: the kernels fold it into Qg and A_qk, which cannot be recorded then");
    const std::vector<Tokens> sequences = sequences_of(problem, sizes);
    Pass pass(problem, sizes, options);
    record_records(recorder, pass, sequences, sizes, options.precision, scale);
    if (recorder.wants(Field::o)) record_outputs(recorder, pass.o, sequences, sizes);
    if (recorder.wants(Field::S_0)) record_states(recorder, problem, sequences, sizes, options);
    return pass.launches();
}

}  // namespace gdn2::cuda
