// See array.h.
#include "reference/io/array.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "reference/core/small_float.h"
#include "reference/io/text.h"

namespace gdn2::io {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are little-endian, and read in place");

struct DTypeInfo {
    std::string_view name;
    std::size_t item_size;
    bool floating_point;
};

/// In the order of the enumeration.
constexpr std::array<DTypeInfo, 12> dtypes{{{"f64", 8, true},
                                            {"f32", 4, true},
                                            {"f16", 2, true},
                                            {"bf16", 2, true},
                                            {"i8", 1, false},
                                            {"i16", 2, false},
                                            {"i32", 4, false},
                                            {"i64", 8, false},
                                            {"u8", 1, false},
                                            {"u16", 2, false},
                                            {"u32", 4, false},
                                            {"u64", 8, false}}};

const DTypeInfo& info(DType dtype) {
    return dtypes.at(static_cast<std::size_t>(dtype));
}

template <class Number>
Number load(const Array& array, std::size_t i) {
    Number number;
    std::memcpy(&number, array.bytes.data() + i * sizeof number, sizeof number);
    return number;
}

template <class Number>
void store(Array& array, std::size_t i, Number number) {
    std::memcpy(array.bytes.data() + i * sizeof number, &number, sizeof number);
}

void require_whole(const Array& array, std::string_view name) {
    require(array.bytes.size() == byte_count(array.dtype, array.shape),
            quote(name) + " of shape " + to_string(array.shape) + " needs " +
                std::to_string(byte_count(array.dtype, array.shape)) + " bytes, got " +
                std::to_string(array.bytes.size()));
}

double float_at(const Array& array, std::size_t i) {
    switch (array.dtype) {
        case DType::f64:
            return load<double>(array, i);
        case DType::f32:
            return load<float>(array, i);
        case DType::f16:
            return Half::decode(load<std::uint16_t>(array, i));
        default:
            return BFloat16::decode(load<std::uint16_t>(array, i));
    }
}

std::int64_t integer_at(const Array& array, std::size_t i, std::string_view name) {
    switch (array.dtype) {
        case DType::i8:
            return load<std::int8_t>(array, i);
        case DType::i16:
            return load<std::int16_t>(array, i);
        case DType::i32:
            return load<std::int32_t>(array, i);
        case DType::i64:
            return load<std::int64_t>(array, i);
        case DType::u8:
            return load<std::uint8_t>(array, i);
        case DType::u16:
            return load<std::uint16_t>(array, i);
        case DType::u32:
            return load<std::uint32_t>(array, i);
        default:
            break;
    }
    const auto number = load<std::uint64_t>(array, i);
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        throw Error(quote(name) + to_string(unravel(static_cast<Index>(i), array.shape)) + " = " +
                    std::to_string(number) + " does not fit in 64 bits with a sign");
    return static_cast<std::int64_t>(number);
}

}  // namespace

std::string_view name_of(DType dtype) {
    return info(dtype).name;
}
std::size_t item_size(DType dtype) {
    return info(dtype).item_size;
}
bool is_floating_point(DType dtype) {
    return info(dtype).floating_point;
}

std::uint64_t byte_count(DType dtype, const Shape& shape) {
    const auto count = static_cast<std::uint64_t>(element_count(shape));
    require(count <= std::numeric_limits<std::uint64_t>::max() / item_size(dtype),
            "shape " + to_string(shape) + " has more bytes than can be counted");
    return count * item_size(dtype);
}

template <class Scalar>
Tensor<Scalar> to_tensor(const Array& array, std::string_view name) {
    require(is_floating_point(array.dtype),
            quote(name) + " must be floating point, got " + std::string(name_of(array.dtype)));
    require_whole(array, name);
    Tensor<Scalar> tensor(array.shape);
    for (Index i = 0; i < tensor.size(); ++i)
        tensor[i] = static_cast<Scalar>(float_at(array, static_cast<std::size_t>(i)));
    return tensor;
}

std::vector<std::int64_t> to_integers(const Array& array, std::string_view name) {
    require(!is_floating_point(array.dtype),
            quote(name) + " must hold integers, got " + std::string(name_of(array.dtype)));
    require_whole(array, name);
    std::vector<std::int64_t> integers(static_cast<std::size_t>(element_count(array.shape)));
    for (std::size_t i = 0; i < integers.size(); ++i) integers[i] = integer_at(array, i, name);
    return integers;
}

template <class Scalar>
Array from_tensor(const Tensor<Scalar>& tensor, DType dtype) {
    require(is_floating_point(dtype),
            "a tensor is stored as floating point, not as " + std::string(name_of(dtype)));
    Array array{dtype, tensor.shape(), std::vector<std::byte>(byte_count(dtype, tensor.shape()))};
    for (std::size_t i = 0; i < tensor.values().size(); ++i) {
        const Scalar x = tensor.values()[i];
        switch (dtype) {
            case DType::f64:
                store(array, i, static_cast<double>(x));
                break;
            case DType::f32:
                store(array, i, static_cast<float>(x));
                break;
            case DType::f16:
                store(array, i, Half::encode(x));
                break;
            default:
                store(array, i, BFloat16::encode(x));
                break;
        }
    }
    return array;
}

Array from_integers(const Shape& shape, std::span<const std::int64_t> values) {
    require(static_cast<std::uint64_t>(element_count(shape)) == values.size(),
            "an array of shape " + to_string(shape) + " needs " + std::to_string(element_count(shape)) +
                " integers, got " + std::to_string(values.size()));
    Array array{DType::i64, shape, std::vector<std::byte>(values.size_bytes())};
    for (std::size_t i = 0; i < values.size(); ++i) store(array, i, values[i]);
    return array;
}

void Archive::add(std::string name, Array array) {
    require(positions_.emplace(name, entries_.size()).second, "there are two arrays named " + quote(name));
    entries_.push_back({std::move(name), std::move(array)});
}

const Array* Archive::find(const std::string& name) const {
    const auto position = positions_.find(name);
    return position == positions_.end() ? nullptr : &entries_[position->second].array;
}

const Array& Archive::at(const std::string& name) const {
    const Array* array = find(name);
    require(array != nullptr, "missing tensor " + quote(name));
    return *array;
}

std::vector<std::string> listing(const Archive& archive) {
    std::vector<std::string> lines;
    for (const auto& [name, array] : archive.entries())
        lines.push_back(quote(name) + "  " + std::string(name_of(array.dtype)) + "  " +
                        to_string(array.shape) + "  " + std::to_string(array.bytes.size()) + " bytes");
    return lines;
}

template Tensor<float> to_tensor(const Array&, std::string_view);
template Tensor<double> to_tensor(const Array&, std::string_view);
template Array from_tensor(const Tensor<float>&, DType);
template Array from_tensor(const Tensor<double>&, DType);

}  // namespace gdn2::io
