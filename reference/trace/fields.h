// The table made from fields.def: which tensors a trace can hold, what shape each has and how it is computed.
//   tests  tests/reference/trace/fields_test.cpp
#pragma once

#include <iterator>
#include <optional>
#include <span>
#include <string_view>

namespace gdn2::trace {

/// A recordable tensor. The names are the symbols of the equations.
enum class Field {
#define GDN2_FIELD(id, symbol, equation, kind, axes, inputs, formula) id,
#include "reference/trace/fields.def"
};

/// When a field is made, and so its leading axes.
enum class Kind {
    token,           ///< [batch, length, value_heads, ...], by the recurrent forward
    token_gradient,  ///< [batch, length, value_heads, ...], by the recurrent backward
    chunk,           ///< [chunks, value_heads, ...], by the chunkwise forward; all sequences' chunks in order
};

/// The trailing axes. `row` is a token of a chunk; a last chunk that is short is padded with zeros.
enum class Axes {
    key,        ///< [key_dim]
    value,      ///< [value_dim]
    key_value,  ///< [key_dim, value_dim]
    row_key,    ///< [chunk, key_dim]
    row_value,  ///< [chunk, value_dim]
    row_row,    ///< [chunk, chunk]
};

/// One line of fields.def.
struct FieldInfo {
    Field field;
    std::string_view id;        ///< name in a file
    std::string_view symbol;    ///< as it is printed
    std::string_view equation;  ///< "Eq. 9"
    Kind kind;
    Axes axes;
    std::string_view inputs;   ///< fields and problem tensors, separated by spaces
    std::string_view formula;  ///< one number of the field, in the notation of fields.def
};

/// fields.def as a table, in the order of Field.
inline constexpr FieldInfo field_table[] = {
#define GDN2_FIELD(id, symbol, equation, kind, axes, inputs, formula) \
    {Field::id, #id, symbol, equation, Kind::kind, Axes::axes, inputs, formula},
#include "reference/trace/fields.def"
};

/// Number of recordable tensors.
inline constexpr std::size_t field_count = std::size(field_table);

/// All fields, in the order of fields.def.
constexpr std::span<const FieldInfo> fields() { return field_table; }

/// The line of `field`.
constexpr const FieldInfo& info(Field field) { return field_table[static_cast<std::size_t>(field)]; }

/// The field called `id` in a file, if there is one.
constexpr std::optional<Field> field_named(std::string_view id) {
    for (const FieldInfo& line : fields())
        if (line.id == id) return line.field;
    return std::nullopt;
}

}  // namespace gdn2::trace
