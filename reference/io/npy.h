// One array in NumPy's .npy format, versions 1 to 3, held in memory.
//   source  numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//   Read: f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8, either byte order, row-major or Fortran order (made row-major).
//   tests   tests/reference/io/npy_test.cpp
#pragma once

#include "reference/io/array.h"

namespace gdn2::io {

/// No header of a plain array comes near; larger ones are refused before anything is allocated.
constexpr std::size_t npy_header_limit = 65536;

/// What stands before the numbers.
struct NpyHeader {
    DType dtype = DType::f64;
    bool big_endian = false;
    bool fortran_order = false;
    Shape shape;
    std::size_t data_offset = 0;  ///< where the numbers start
    std::uint64_t data_size = 0;  ///< their bytes
};

/// Reads the header at the start of a .npy of `total` bytes; `start` holds its first bytes, at least
/// min(total, npy_header_limit). Throws Error, starting with the quoted `name`, when it is malformed, of a
/// type that is not read, or when the shape's bytes are not exactly those that follow the header.
NpyHeader parse_npy_header(std::span<const std::byte> start, std::uint64_t total, std::string_view name);

/// The array of `data`, the bytes that followed `header`: little-endian and row-major.
Array npy_array(const NpyHeader& header, std::vector<std::byte> data);

/// A whole .npy. Throws Error as parse_npy_header.
Array parse_npy(std::span<const std::byte> bytes, std::string_view name);

/// What stands before the array's bytes in a .npy, version 1. Throws Error for bf16, which the format cannot
/// name.
std::string npy_start(const Array& array, std::string_view name);

/// A whole .npy: npy_start and the bytes.
std::vector<std::byte> npy_bytes(const Array& array, std::string_view name);

}  // namespace gdn2::io
