// See text.h.
#include "reference/io/text.h"

#include <cmath>
#include <cstdio>

namespace gdn2::io {

std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f)
            result += c;
        else
            result += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
    }
    return result;
}

std::string quote(std::string_view name, std::size_t longest) {
    return "`" + escaped(name.substr(0, longest)) + (name.size() > longest ? "...`" : "`");
}

std::string quote_file(std::string_view file) {
    constexpr std::size_t longest_path = 4096;
    return quote(file, longest_path);
}

std::string number(double value, int digits) {
    if (std::isnan(value)) return "nan";
    char text[64];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    return text;
}

}  // namespace gdn2::io
