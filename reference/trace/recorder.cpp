// See recorder.h.
#include "reference/trace/recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gdn2::trace {
namespace {

/// Rows and columns of one matrix of a field; a vector is one column.
struct Extent {
    Index rows, cols;
    Index size() const { return rows * cols; }
};

Extent extent_of(Axes axes, const RecorderSizes& sizes) {
    switch (axes) {
        case Axes::key:
            return {sizes.key_dim, 1};
        case Axes::value:
            return {sizes.value_dim, 1};
        case Axes::key_value:
            return {sizes.key_dim, sizes.value_dim};
        case Axes::row_key:
            return {sizes.chunk, sizes.key_dim};
        case Axes::row_value:
            return {sizes.chunk, sizes.value_dim};
        case Axes::row_row:
            return {sizes.chunk, sizes.chunk};
    }
    throw Error("no such axes");
}

bool is_vector(Axes axes) { return axes == Axes::key || axes == Axes::value; }

/// Whether a `rows` x `cols` matrix may stand in `extent`: chunk rows may be fewer, all else must agree.
bool fits(Axes axes, Extent extent, Index rows, Index cols) {
    if (is_vector(axes)) return rows * cols == extent.size() && (rows == 1 || cols == 1);
    if (axes == Axes::key_value) return rows == extent.rows && cols == extent.cols;
    const bool square = axes != Axes::row_row || rows == cols;
    return square && rows >= 1 && rows <= extent.rows && (axes == Axes::row_row || cols == extent.cols);
}

std::string gibibytes(double bytes) {
    const double hundredths = std::ceil(bytes / (1 << 30) * 100);
    std::string text = std::to_string(hundredths / 100);
    return text.substr(0, text.find('.') + 3) + " GiB";
}

void require_sizes(const RecorderSizes& sizes) {
    const Index smallest =
        std::min({sizes.batch, sizes.length, sizes.value_heads, sizes.key_dim, sizes.value_dim});
    require(smallest >= 1, "a trace needs sizes of at least 1");
    require(sizes.chunk >= 1, "a chunk needs at least 1 row, got " + std::to_string(sizes.chunk));
    require(sizes.cu_seqlens.empty() || sizes.batch == 1, "a packed batch has batch = 1");
}

}  // namespace

Recorder::Recorder(std::vector<Field> wanted, RecorderSizes sizes, Index cap_bytes)
    : wanted_(std::move(wanted)), sizes_(std::move(sizes)), slot_of_(field_count, -1) {
    require_sizes(sizes_);
    sizes_.chunk = std::min(sizes_.chunk, sizes_.length);
    std::sort(wanted_.begin(), wanted_.end());
    wanted_.erase(std::unique(wanted_.begin(), wanted_.end()), wanted_.end());
    lay_out_sequences();
    require_memory(cap_bytes);

    for (const Field field : wanted_) {
        slot_of_[static_cast<std::size_t>(field)] = static_cast<Index>(slots_.size());
        Tensor<double> values(shape_of(field), std::numeric_limits<double>::quiet_NaN());
        const Index matrices = values.size() / extent_of(info(field).axes, sizes_).size();
        slots_.push_back({std::move(values), std::vector<bool>(static_cast<std::size_t>(matrices), false)});
    }
}

void Recorder::lay_out_sequences() {
    const std::vector<Index>& offsets = sizes_.cu_seqlens;
    const bool packed = !offsets.empty();
    const Index count = packed ? static_cast<Index>(offsets.size()) - 1 : sizes_.batch;
    for (Index i = 0; i < count; ++i) {
        const Index first = packed ? offsets[static_cast<std::size_t>(i)] : 0;
        const Index end = packed ? offsets[static_cast<std::size_t>(i) + 1] : sizes_.length;
        require(0 <= first && first <= end && end <= sizes_.length,
                "`cu_seqlens` must not decrease or pass length");
        const Index first_chunk = static_cast<Index>(chunk_starts_.size());
        for (Index start = first; start < end; start += sizes_.chunk) {
            chunk_starts_.push_back(start);
            chunk_sequence_.push_back(i);
        }
        const Index chunks = static_cast<Index>(chunk_starts_.size()) - first_chunk;
        sequences_.push_back({packed ? 0 : i, first, end - first, first_chunk, chunks});
    }
}

void Recorder::require_memory(Index cap_bytes) const {
    double bytes = 0;  // a sum in doubles cannot overflow; each count is checked by element_count
    for (const Field field : wanted_) bytes += 8.0 * static_cast<double>(element_count(shape_of(field)));
    require(bytes <= static_cast<double>(cap_bytes),
            "the trace needs " + gibibytes(bytes) + ", more than the limit of " +
                gibibytes(static_cast<double>(cap_bytes)) + ": ask for fewer fields or a shorter problem");
}

Shape Recorder::shape_of(Field field) const {
    const FieldInfo& line = info(field);
    const Extent extent = extent_of(line.axes, sizes_);
    Shape shape{sizes_.batch, sizes_.length, sizes_.value_heads, extent.rows};
    if (line.kind == Kind::chunk)
        shape = {static_cast<Index>(chunk_starts_.size()), sizes_.value_heads, extent.rows};
    if (!is_vector(line.axes)) shape.push_back(extent.cols);
    return shape;
}

void Recorder::enter(Index sequence, Index value_head) {
    require(0 <= sequence && sequence < static_cast<Index>(sequences_.size()) && 0 <= value_head &&
                value_head < sizes_.value_heads,
            "the recorder has no sequence " + std::to_string(sequence) + " with value head " +
                std::to_string(value_head));
    sequence_ = sequence;
    value_head_ = value_head;
}

Index Recorder::index_of(const FieldInfo& line, Index position) const {
    const Span& span = sequences_[static_cast<std::size_t>(sequence_)];
    const bool chunked = line.kind == Kind::chunk;
    require(0 <= position && position < (chunked ? span.chunks : span.length),
            "field `" + std::string(line.id) + "` has no position " + std::to_string(position) +
                " in sequence " + std::to_string(sequence_));
    const Index row =
        chunked ? span.first_chunk + position : span.batch * sizes_.length + span.first_token + position;
    return row * sizes_.value_heads + value_head_;
}

Recorder::Place Recorder::place(Field field, Index position, Index rows, Index cols) {
    const FieldInfo& line = info(field);
    const Extent extent = extent_of(line.axes, sizes_);
    require(fits(line.axes, extent, rows, cols), "field `" + std::string(line.id) + "` takes " +
                                                     to_string(Shape{extent.rows, extent.cols}) + ", got " +
                                                     to_string(Shape{rows, cols}));
    const Index index = index_of(line, position);
    Slot& slot = slots_[static_cast<std::size_t>(slot_of_[static_cast<std::size_t>(field)])];
    slot.recorded[static_cast<std::size_t>(index)] = true;
    double* first = slot.values.data() + index * extent.size();
    std::fill(first, first + extent.size(), 0.0);
    return {first, is_vector(line.axes) ? cols : extent.cols};
}

const Tensor<double>& Recorder::tensor(Field field) const {
    require(wants(field), "field `" + std::string(info(field).id) + "` was not recorded");
    return slots_[static_cast<std::size_t>(slot_of_[static_cast<std::size_t>(field)])].values;
}

bool Recorder::complete(Field field) const {
    if (!wants(field)) return false;
    const auto& recorded =
        slots_[static_cast<std::size_t>(slot_of_[static_cast<std::size_t>(field)])].recorded;
    return std::all_of(recorded.begin(), recorded.end(), [](bool done) { return done; });
}

}  // namespace gdn2::trace
