// Arrays as files hold them: a type, a shape and bytes; and a named list of them. Tensors come from arrays
// and go back to them here. Bytes are little-endian and row-major whatever the file's own order was.
//   source  half precision: IEEE 754 binary16; bfloat16: the upper half of binary32
//   tests   tests/reference/io/array_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "reference/core/tensor.h"

namespace gdn2::io {

/// Type of an array's elements.
enum class DType { f64, f32, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64 };

std::string_view name_of(DType dtype);  ///< "f64", "bf16", "i32", ...
std::size_t item_size(DType dtype);     ///< bytes of one element
bool is_floating_point(DType dtype);    ///< f64, f32, f16, bf16

/// What C++ scalars are stored as.
template <class Scalar>
constexpr DType dtype_of = std::is_same_v<Scalar, float> ? DType::f32 : DType::f64;

/// Elements of one type. Readers and the makers below keep bytes.size() == element_count(shape) *
/// item_size(dtype).
struct Array {
    DType dtype = DType::f64;
    Shape shape;
    std::vector<std::byte> bytes;

    bool operator==(const Array&) const = default;
};

/// Bytes that an array of this type and shape occupies. Throws Error when that cannot be counted.
std::uint64_t byte_count(DType dtype, const Shape& shape);

/// The numbers of a floating-point array; exact, except that f64 to float rounds to nearest.
/// `name` is for messages. Throws Error when the array holds integers, or bytes that are not its shape's.
template <class Scalar>
Tensor<Scalar> to_tensor(const Array& array, std::string_view name = "array");

/// The numbers of an integer array, row-major. Throws Error for floating point and for u64 beyond int64.
std::vector<std::int64_t> to_integers(const Array& array, std::string_view name = "array");

/// The tensor stored as `dtype`, rounded to nearest even; what exceeds f16, bf16 or f32 becomes infinite.
/// Throws Error when `dtype` is an integer type.
template <class Scalar>
Array from_tensor(const Tensor<Scalar>& tensor, DType dtype = dtype_of<Scalar>);

/// An i64 array. Throws Error when the count of `values` is not the shape's.
Array from_integers(const Shape& shape, std::span<const std::int64_t> values);

/// Named arrays in the order of the file.
class Archive {
public:
    /// One array and its name.
    struct Entry {
        std::string name;
        Array array;
    };

    /// Throws Error when an array of that name is there already.
    void add(std::string name, Array array);

    /// Null when there is none. Valid until the next add.
    const Array* find(const std::string& name) const;

    /// Throws Error "missing tensor `name`" when there is none.
    const Array& at(const std::string& name) const;

    const std::vector<Entry>& entries() const& { return entries_; }
    const std::vector<Entry>& entries() && = delete;  // a loop over a temporary's would run on freed memory
    std::size_t size() const { return entries_.size(); }

    std::map<std::string, std::string>
        metadata;  ///< text beside the arrays; only .safetensors has a place for it

private:
    std::vector<Entry> entries_;
    std::unordered_map<std::string, std::size_t> positions_;
};

/// One line for each array: "`q`  f64  [1, 4, 1, 3]  96 bytes".
std::vector<std::string> listing(const Archive& archive);

}  // namespace gdn2::io
