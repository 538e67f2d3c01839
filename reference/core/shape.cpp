// See shape.h.
#include "reference/core/shape.h"

#include <limits>

#include "reference/core/error.h"

namespace gdn2 {

Index element_count(const Shape& shape) {
    Index count = 1;
    for (const Index size : shape) {
        if (size < 0) throw Error("shape " + to_string(shape) + " has a negative size");
        if (size != 0 && count > std::numeric_limits<Index>::max() / size)
            throw Error("shape " + to_string(shape) + " has more elements than can be counted");
        count *= size;
    }
    return count;
}

std::string to_string(const Shape& shape) {
    std::string text = "[";
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        text += (axis ? ", " : "") + std::to_string(shape[axis]);
    return text + "]";
}

std::vector<Index> unravel(Index offset, const Shape& shape) {
    if (offset < 0 || offset >= element_count(shape))
        throw Error("offset " + std::to_string(offset) + " lies outside shape " + to_string(shape));
    std::vector<Index> position(shape.size());
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        position[axis] = offset % shape[axis];
        offset /= shape[axis];
    }
    return position;
}

}  // namespace gdn2
