// See record_reader.h.
#include "cuda/launch/record_reader.h"

#include <cstring>

namespace gdn2::cuda {
namespace {

constexpr std::size_t dim = 64, unit_bytes = 16;

std::size_t tile_bytes(Precision precision) { return dim * dim * size_of(precision); }

/// Numbers of a tile in rows: unit u of row r lies at u ^ (r % 8).
Matrix<double> read_tile(const unsigned char* tile, Precision precision) {
    const std::size_t row_bytes = dim * size_of(precision);
    std::vector<unsigned char> rows(tile_bytes(precision));
    for (std::size_t row = 0; row < dim; ++row)
        for (std::size_t unit = 0; unit < row_bytes / unit_bytes; ++unit)
            std::memcpy(&rows[row * row_bytes + unit * unit_bytes],
                        tile + row * row_bytes + (unit ^ (row % 8)) * unit_bytes, unit_bytes);
    const Tensor<float> numbers = decode_numbers(rows, {dim, dim}, precision);
    return Eigen::Map<const Matrix<float>>(numbers.data(), dim, dim).cast<double>();
}

/// The tiles of all slabs side by side, of which the first is at `position`.
Matrix<double> read_tiles(const unsigned char* record, const Record& layout, int position, Precision precision) {
    Matrix<double> all(dim, static_cast<Index>(dim) * layout.slabs);
    for (int slab = 0; slab < layout.slabs; ++slab)
        all.middleCols(static_cast<Index>(dim) * slab, dim) =
            read_tile(record + layout.offset(position + slab), precision);
    return all;
}

}  // namespace

ChunkRecord read_record(const std::vector<unsigned char>& bytes, Precision precision, int slabs) {
    const Record layout{slabs, static_cast<int>(tile_bytes(precision))};
    require(bytes.size() == static_cast<std::size_t>(layout.bytes()),
            "a record of " + std::to_string(slabs) + " slabs cannot have " + std::to_string(bytes.size()) +
                " bytes");
    ChunkRecord record;
    record.E = -read_tiles(bytes.data(), layout, 0, precision);
    record.A = read_tile(bytes.data() + layout.offset(layout.A()), precision);
    if (layout.A_tiles() == 2) record.A += read_tile(bytes.data() + layout.offset(layout.A() + 1), precision);
    record.Qg = read_tiles(bytes.data(), layout, layout.Qg(), precision);
    record.A_qk = read_tile(bytes.data() + layout.offset(layout.A_qk()), precision);
    record.K_tail = read_tiles(bytes.data(), layout, layout.K_tail(), precision);
    record.gamma.resize(static_cast<Index>(dim) * slabs);
    for (int slab = 0; slab < slabs; ++slab) {
        float gamma[dim];
        std::memcpy(gamma, &bytes[static_cast<std::size_t>(layout.offset(layout.K_tail() + slab) + layout.tile_bytes)],
                    gamma_bytes);
        for (std::size_t i = 0; i < dim; ++i)
            record.gamma[static_cast<Index>(dim) * slab + static_cast<Index>(i)] = gamma[i];
    }
    return record;
}

}  // namespace gdn2::cuda
