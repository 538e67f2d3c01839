// See tensor_place.h.
#include "visualizer/model/tensor_place.h"

#include <algorithm>

#include "reference/delta_rule/judge.h"

namespace gdn2::viewer {
namespace {

bool is_state(std::string_view result) { return result == "final_state" || result == "d_initial_state"; }
bool is_by_key_head(std::string_view result) { return result_axes(result).find("key_heads") != result.npos; }

bool is_matrix(trace::Field field) { return info(field).axes == trace::Axes::key_value; }

Tensor<double> reshaped(const Tensor<double>& tensor, Shape shape) {
    return {std::move(shape), std::vector<double>(tensor.values())};
}

/// The state that stands at `index` of a tensor's states, in storage order.
Matrix<double> state_at(const Tensor<double>& tensor, Index index) {
    const Shape& shape = tensor.shape();
    const Index rows = shape[shape.size() - 2], cols = shape.back();
    return Eigen::Map<const Matrix<double>>(tensor.data() + index * rows * cols, rows, cols);
}

}  // namespace

TensorPlace::TensorPlace(const Problem<double>& problem, Kind kind, Index chunk, Index group)
    : kind_(kind), group_(group) {
    const Sizes sizes = validate_shapes(problem);
    chunk_ = std::max<Index>(1, std::min(chunk, sizes.length));
    values_ = sizes.value_dim;
    if (problem.cu_seqlens) cu_seqlens_ = *problem.cu_seqlens;
    Index chunks = 0;
    for (Index n = 0; n < sizes.sequences; ++n) {
        const auto i = static_cast<std::size_t>(n);
        Span span{n, 0, sizes.length, chunks, 0};
        if (problem.cu_seqlens) span = {0, cu_seqlens_[i], cu_seqlens_[i + 1] - cu_seqlens_[i], chunks, 0};
        span.chunks = (span.length + chunk_ - 1) / chunk_;
        chunks += span.chunks;
        sequences_.push_back(span);
    }
}

TensorPlace::TensorPlace(const Problem<double>& problem, std::string_view result)
    : TensorPlace(problem, is_state(result) ? Kind::states : Kind::rows, 1,
                  is_by_key_head(result) ? validate_shapes(problem).group() : 1) {}

TensorPlace::TensorPlace(const Problem<double>& problem, trace::Field field, Index chunk, bool last_rows)
    : TensorPlace(problem, Kind::rows, chunk, 1) {
    const bool by_chunk = info(field).kind == trace::Kind::chunk;
    square_ = info(field).axes == trace::Axes::row_row;
    if (by_chunk) kind_ = is_matrix(field) ? Kind::chunk_states : last_rows ? Kind::chunk_last : Kind::chunk_rows;
    else if (is_matrix(field)) kind_ = Kind::token_states;
}

check::Layout TensorPlace::layout() const {
    switch (kind_) {
        case Kind::states: return {.axes = check::Axes::states};
        case Kind::rows:
        case Kind::token_states: return {.axes = check::Axes::tokens, .chunk = 64, .cu_seqlens = cu_seqlens_};
        case Kind::chunk_rows: return {.axes = check::Axes::tokens, .chunk = chunk_};
        case Kind::chunk_states:
        case Kind::chunk_last: break;
    }
    return {.axes = check::Axes::tokens, .chunk = 1};  // a chunk is one element of time
}

Index TensorPlace::sequence_of_chunk(Index chunk) const {
    const auto after = std::upper_bound(sequences_.begin(), sequences_.end(), chunk,
                                        [](Index n, const Span& span) { return n < span.first_chunk; });
    return after - sequences_.begin() - 1;
}

Index TensorPlace::rows_of_chunk(Index chunk) const {
    const Span& span = sequences_[static_cast<std::size_t>(sequence_of_chunk(chunk))];
    return std::min(chunk_, span.length - (chunk - span.first_chunk) * chunk_);
}

/// [chunks, heads, rows, channels], or of each chunk the last row, as [1, time, heads, channels].
Tensor<double> TensorPlace::laid_out(const Tensor<double>& tensor) const {
    const Shape& shape = tensor.shape();
    if (kind_ == Kind::rows || kind_ == Kind::states) return tensor;
    if (kind_ == Kind::token_states) return reshaped(tensor, {shape[0], shape[1], shape[2], shape[3] * shape[4]});
    if (kind_ == Kind::chunk_states) return reshaped(tensor, {1, shape[0], shape[1], shape[2] * shape[3]});
    const Index rows = kind_ == Kind::chunk_rows ? shape[2] : 1, heads = shape[1], channels = shape[3];
    Tensor<double> result({1, shape[0] * rows, heads, channels});
    for (Index n = 0; n < shape[0]; ++n)
        for (Index head = 0; head < heads; ++head)
            for (Index row = 0; row < rows; ++row) {
                const Index from = kind_ == Kind::chunk_rows ? row : rows_of_chunk(n) - 1;
                std::copy_n(tensor.data() + ((n * heads + head) * shape[2] + from) * channels, channels,
                            result.data() + ((n * rows + row) * heads + head) * channels);
            }
    return result;
}

ElementPlace TensorPlace::token_place(Index batch, Index t) const {
    if (cu_seqlens_.empty()) return {.sequence = batch, .token = t, .row = t};
    const auto after = std::upper_bound(cu_seqlens_.begin(), cu_seqlens_.end(), t);
    const Index sequence = after - cu_seqlens_.begin() - 1, token = t - *(after - 1);
    return {.sequence = sequence, .token = token, .row = token};
}

ElementPlace TensorPlace::chunk_place(Index chunk) const {
    const Index sequence = sequence_of_chunk(chunk);
    const Index in_sequence = chunk - sequences_[static_cast<std::size_t>(sequence)].first_chunk;
    return {.sequence = sequence, .token = in_sequence * chunk_, .row = in_sequence};
}

ElementPlace TensorPlace::place_of(const std::vector<Index>& index) const {
    ElementPlace place;
    switch (kind_) {
        case Kind::rows:
        case Kind::token_states: place = token_place(index[0], index[1]); break;
        case Kind::states: return {.sequence = index[0], .head = index[1], .row = index[2], .col = index[3]};
        case Kind::chunk_rows: place = chunk_place(index[1] / chunk_); break;
        case Kind::chunk_states:
        case Kind::chunk_last: place = chunk_place(index[1]); break;
    }
    place.head = index[2] * group_;
    place.col = index[3];
    if (kind_ == Kind::chunk_rows) {  // a short chunk's padding counts as its last row
        place.row = std::min(index[1] % chunk_, rows_of_chunk(index[1] / chunk_) - 1);
        if (square_) place.col = std::min(place.col, rows_of_chunk(index[1] / chunk_) - 1);
        place.token += place.row;
    }
    if (kind_ == Kind::chunk_last) place.token += rows_of_chunk(index[1]) - 1;
    if (kind_ == Kind::token_states || kind_ == Kind::chunk_states) {
        place.row = index[3] / values_;
        place.col = index[3] % values_;
    }
    return place;
}

bool TensorPlace::by_token() const {
    return kind_ == Kind::token_states || kind_ == Kind::chunk_rows || kind_ == Kind::chunk_states;
}

Matrix<double> TensorPlace::slice(const Tensor<double>& tensor, Index sequence, Index head, Index token) const {
    require(0 <= sequence && sequence < static_cast<Index>(sequences_.size()),
            "there is no sequence " + std::to_string(sequence));
    const Span& span = sequences_[static_cast<std::size_t>(sequence)];
    require(!by_token() || (0 <= token && token < span.length), "there is no token " + std::to_string(token));
    const Shape& shape = tensor.shape();
    const bool heads_second = kind_ == Kind::states || kind_ == Kind::chunk_rows || kind_ == Kind::chunk_states ||
                              kind_ == Kind::chunk_last;
    const Index heads = shape[heads_second ? 1 : 2], own = head / group_;
    require(0 <= head && own < heads, "there is no value head " + std::to_string(head));
    const Index chunk = span.first_chunk + token / chunk_;
    switch (kind_) {
        case Kind::rows: return head_rows(tensor, span.batch, own, span.first, span.length);
        case Kind::states: return state_at(tensor, sequence * heads + own);
        case Kind::token_states: return state_at(tensor, (span.batch * shape[1] + span.first + token) * heads + own);
        case Kind::chunk_states: return state_at(tensor, chunk * heads + own);
        case Kind::chunk_rows: {
            const Index rows = rows_of_chunk(chunk);
            return state_at(tensor, chunk * heads + own).topLeftCorner(rows, square_ ? rows : shape[3]);
        }
        case Kind::chunk_last: break;
    }
    Matrix<double> last(span.chunks, shape[3]);
    for (Index n = 0; n < span.chunks; ++n) {
        const Index at = span.first_chunk + n;
        last.row(n) = state_at(tensor, at * heads + own).row(rows_of_chunk(at) - 1);
    }
    return last;
}

const char* TensorPlace::row_axis() const {
    switch (kind_) {
        case Kind::rows: return "token";
        case Kind::chunk_rows: return "row of chunk";
        case Kind::chunk_last: return "chunk";
        default: return "key channel";
    }
}

const char* TensorPlace::col_axis() const {
    if (kind_ == Kind::chunk_rows && square_) return "row of chunk";
    return kind_ == Kind::rows || kind_ == Kind::chunk_rows || kind_ == Kind::chunk_last ? "channel" : "value channel";
}

}  // namespace gdn2::viewer
