// See record_reader.h.
#include "cuda/launch/record_reader.h"

#include <cstring>

namespace gdn2::cuda {
namespace {

constexpr std::size_t dim = 64, unit_bytes = 16, gamma_bytes = dim * sizeof(float);

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

/// Tiles side by side, from one to the next `step` bytes.
Matrix<double> read_tiles(const unsigned char* first, Precision precision, int slabs, std::size_t step) {
    Matrix<double> all(dim, static_cast<Index>(dim) * slabs);
    for (int slab = 0; slab < slabs; ++slab)
        all.middleCols(static_cast<Index>(dim) * slab, dim) =
            read_tile(first + static_cast<std::size_t>(slab) * step, precision);
    return all;
}

}  // namespace

ChunkRecord read_record(const std::vector<unsigned char>& bytes, Precision precision, int slabs) {
    const std::size_t tile = tile_bytes(precision), count = static_cast<std::size_t>(slabs);
    require(bytes.size() == (3 * count + 2) * tile + count * gamma_bytes,
            "a record of " + std::to_string(slabs) + " slabs cannot have " + std::to_string(bytes.size()) +
                " bytes");
    const unsigned char *Qg = &bytes[(count + 1) * tile], *tail = &bytes[(2 * count + 2) * tile];
    ChunkRecord record;
    record.E = -read_tiles(bytes.data(), precision, slabs, tile);
    record.A = read_tile(&bytes[count * tile], precision);
    record.Qg = read_tiles(Qg, precision, slabs, tile);
    record.A_qk = read_tile(&bytes[(2 * count + 1) * tile], precision);
    record.K_tail = read_tiles(tail, precision, slabs, tile + gamma_bytes);
    record.gamma.resize(static_cast<Index>(dim) * slabs);
    for (int slab = 0; slab < slabs; ++slab) {
        float gamma[dim];
        std::memcpy(gamma, tail + static_cast<std::size_t>(slab) * (tile + gamma_bytes) + tile, gamma_bytes);
        for (std::size_t i = 0; i < dim; ++i)
            record.gamma[static_cast<Index>(dim) * slab + static_cast<Index>(i)] = gamma[i];
    }
    return record;
}

}  // namespace gdn2::cuda
