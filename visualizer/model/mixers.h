// The same tokens under every rule the reference has: GDN-2 and the rules that tie its gates.
//   tests  tests/visualizer/model/mixers_test.cpp
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "visualizer/model/head.h"

namespace gdn2::viewer {

/// A rule. Each is GDN-2 with its gates tied (reference/delta_rule/tied.h).
enum class Mixer { gdn2, kda, gated_deltanet, deltanet, gated_linear_attention, linear_attention };
inline constexpr std::array<Mixer, 6> all_mixers{Mixer::gdn2,     Mixer::kda,
                                                 Mixer::gated_deltanet, Mixer::deltanet,
                                                 Mixer::gated_linear_attention, Mixer::linear_attention};

const char* name_of(Mixer mixer);        ///< "GDN-2", as the lessons write it
const char* id_of(Mixer mixer);          ///< "gdn2", in state strings
std::optional<Mixer> mixer_of(std::string_view id);

/// A head under a rule and how its gates were chosen, in a few words.
struct Tied {
    Head head;
    std::string gates;  ///< "one gate per token: the mean of b and w"
};

/// `scenario` is the name of a built-in problem or empty: lesson 4 has gates that a search found (rivals.h).
/// `beta`, when given, ties every token by this one number instead.
Tied tie(const Head& head, Mixer mixer, const std::string& scenario, std::optional<double> beta = std::nullopt);

}  // namespace gdn2::viewer
