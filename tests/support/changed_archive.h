// Archives with one thing changed, for readers that must notice.
#pragma once

#include <string>

#include "reference/io/array.h"

namespace gdn2::test {

/// The archive with one array replaced, or left out when `array` is null.
inline io::Archive with(const io::Archive& archive, const std::string& name, const io::Array* array) {
    io::Archive changed;
    changed.metadata = archive.metadata;
    for (const auto& entry : archive.entries())
        if (entry.name != name) changed.add(entry.name, entry.array);
    if (array) changed.add(name, *array);
    return changed;
}

}  // namespace gdn2::test
