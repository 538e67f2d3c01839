// Random problems for tests: every shape, decay, gate and state a path can meet, from a few words and a seed.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "reference/core/random.h"
#include "reference/delta_rule/problem.h"

namespace gdn2::test {

/// How the log-decay is drawn.
enum class Decay {
    zero,    ///< 0: nothing is forgotten
    slow,    ///< -0.05 .. -0.001: what crosses chunks still counts
    mild,    ///< -0.3 .. -0.001
    fast,    ///< -5 .. -0.1
    steep,   ///< -50 in every channel
    mixed,   ///< each number 0, 1e-3, 1 or 50 times a uniform one
    abyss,   ///< -1e4 now and then, slow otherwise
    wiped,   ///< -inf now and then, slow otherwise
};
inline constexpr Decay all_decays[] = {Decay::zero,  Decay::slow,  Decay::mild,  Decay::fast,
                                       Decay::steep, Decay::mixed, Decay::abyss, Decay::wiped};
inline const char* name_of(Decay decay) {
    constexpr const char* names[] = {"zero", "slow", "mild", "fast", "steep", "mixed", "abyss", "wiped"};
    return names[static_cast<int>(decay)];
}

/// Which problem to draw. `offsets` empty: not packed.
struct Draw {
    Sizes sizes = {};
    Decay decay = Decay::slow;
    double b_high = 1;
    bool tied = false;
    bool unit_keys = true;
    bool initial_state = true;
    std::vector<Index> offsets = {};
    std::uint64_t seed = 1;
};

inline std::string to_string(const Draw& draw) {
    const Sizes& s = draw.sizes;
    std::string text = "batch " + std::to_string(s.batch) + " length " + std::to_string(s.length) + " heads " +
                       std::to_string(s.key_heads) + "/" + std::to_string(s.value_heads) + " dims " +
                       std::to_string(s.key_dim) + "x" + std::to_string(s.value_dim) + " decay " +
                       name_of(draw.decay) + " b<=" + std::to_string(draw.b_high) +
                       (draw.tied ? " tied" : "") + (draw.initial_state ? "" : " from zero") + " cu_seqlens";
    for (const Index x : draw.offsets) text += " " + std::to_string(x);
    return text + " seed " + std::to_string(draw.seed);
}

inline double draw_decay(Decay decay, Random& random) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double factors[] = {0, 1e-3, 1, 50};
    switch (decay) {
        case Decay::zero: return 0;
        case Decay::slow: return random.uniform(-0.05, -0.001);
        case Decay::mild: return random.uniform(-0.3, -0.001);
        case Decay::fast: return random.uniform(-5, -0.1);
        case Decay::steep: return -50;
        case Decay::mixed: return -factors[random.integer(0, 3)] * random.uniform();
        case Decay::abyss: return random.uniform() < 0.1 ? -1e4 : random.uniform(-0.05, -0.001);
        case Decay::wiped: return random.uniform() < 0.1 ? -infinity : random.uniform(-0.05, -0.001);
    }
    return 0;
}

/// The problem, with d_o and d_final_state. Inputs are exact in float32, so that every precision sees the same.
inline Problem<double> draw_problem(const Draw& draw) {
    Random random(draw.seed);
    Sizes sizes = draw.sizes;
    sizes.sequences = draw.offsets.empty() ? sizes.batch : static_cast<Index>(draw.offsets.size()) - 1;
    const auto keys = [&] {
        Tensor<double> k = random_normal(sizes.key_shape(), random);
        return draw.unit_keys ? unit_rows(k) : k;
    };
    Problem<double> p;
    p.q = keys();
    p.k = keys();
    p.v = random_normal(sizes.value_shape(), random);
    p.g = Tensor<double>(sizes.key_shape());
    for (double& g : p.g.values()) g = draw_decay(draw.decay, random);
    p.b = random_uniform(sizes.key_shape(), random, 0, draw.b_high);
    p.w = random_uniform(sizes.value_shape(), random, 0, 1);
    if (draw.tied) {
        const double beta = random.uniform();
        p.b = Tensor<double>(sizes.key_shape(), beta);
        p.w = Tensor<double>(sizes.value_shape(), beta);
    }
    if (draw.initial_state) p.initial_state = random_normal(sizes.state_shape(), random);
    if (!draw.offsets.empty()) p.cu_seqlens = draw.offsets;
    p.d_o = random_normal(sizes.value_shape(), random);
    p.d_final_state = random_normal(sizes.state_shape(), random);
    return cast_problem<double>(cast_problem<float>(p));
}

/// The shape on which every known wrong gradient shows: odd sizes, two chunks and a partial third, slow decay.
inline Draw killer() { return {{1, 150, 1, 1, 13, 29, 1}, Decay::slow, 1, false, true, true, {}, 7}; }

}  // namespace gdn2::test
