// See text.h.
#include "reference/io/text.h"

namespace gdn2::io {

std::string quote(std::string_view name, std::size_t longest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "`";
    for (const char c : name.substr(0, longest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f)
            text += c;
        else
            text += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
    }
    return text + (name.size() > longest ? "...`" : "`");
}

}  // namespace gdn2::io
