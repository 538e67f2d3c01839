// What a call says when it refuses.
#pragma once

#include <string>

#include "reference/core/error.h"

namespace gdn2::test {

/// The Error's message, or "accepted".
template <class Call>
std::string message_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace gdn2::test
