// See palette.h.
#include "visualizer/film/palette.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace gdn2::viewer {
namespace {

struct Colour {
    std::uint32_t value;
    double count;
};

int channel(std::uint32_t colour, std::size_t i) { return static_cast<int>(colour >> (8 * i) & 0xff); }

/// Colours that share an entry of the palette.
struct Box {
    std::span<Colour> colours;
    double count = 0, error = 0;     ///< squared, of all channels
    std::array<double, 3> mean{};
    std::size_t widest = 0;          ///< the channel of the largest error
};

Box box_of(std::span<Colour> colours) {
    Box box{colours};
    for (const Colour& colour : colours) {
        box.count += colour.count;
        for (std::size_t i = 0; i < 3; ++i) box.mean[i] += colour.count * channel(colour.value, i);
    }
    double largest = -1;
    for (std::size_t i = 0; i < 3; ++i) {
        box.mean[i] /= box.count;
        double error = 0;
        for (const Colour& colour : colours)
            error += colour.count * std::pow(channel(colour.value, i) - box.mean[i], 2);
        box.error += error;
        if (error > largest) box.widest = i;
        largest = std::max(largest, error);
    }
    if (colours.size() == 1) box.error = 0;  // its mean may be off by a rounding
    return box;
}

/// Two boxes of one with several colours, neither empty: the cut is below the largest value there is.
std::array<Box, 2> halves(const Box& box) {
    const auto value = [&](const Colour& colour) { return channel(colour.value, box.widest); };
    const auto less = [&](const Colour& a, const Colour& b) { return value(a) < value(b); };
    const auto [low, high] = std::minmax_element(box.colours.begin(), box.colours.end(), less);
    const double cut = std::clamp(box.mean[box.widest], double(value(*low)), value(*high) - 0.5);
    const auto second =
        std::partition(box.colours.begin(), box.colours.end(), [&](const Colour& c) { return value(c) <= cut; });
    return {box_of({box.colours.begin(), second}), box_of({second, box.colours.end()})};
}

std::uint32_t representative(const Box& box) {
    const auto rarer = [](const Colour& a, const Colour& b) { return a.count < b.count; };
    const Colour most = *std::max_element(box.colours.begin(), box.colours.end(), rarer);
    if (2 * most.count > box.count) return most.value;
    std::uint32_t mean = 0xff000000;
    for (std::size_t i = 0; i < 3; ++i) mean |= static_cast<std::uint32_t>(std::lround(box.mean[i])) << (8 * i);
    return mean;
}

/// In an order of their own: a map's would be the library's.
std::vector<Colour> sorted(const ColourCounts& counts) {
    std::vector<Colour> colours;
    for (const auto& [value, count] : counts) colours.push_back({value, count});
    std::sort(colours.begin(), colours.end(), [](const Colour& a, const Colour& b) { return a.value < b.value; });
    return colours;
}

int squared_difference(std::uint32_t a, std::uint32_t b) {
    int sum = 0;
    for (std::size_t i = 0; i < 3; ++i) sum += (channel(a, i) - channel(b, i)) * (channel(a, i) - channel(b, i));
    return sum;
}

}  // namespace

std::vector<std::uint32_t> make_palette(const ColourCounts& counts, std::size_t size) {
    std::vector<Colour> colours = sorted(counts);
    std::vector<std::uint32_t> palette;
    if (colours.size() <= size) {
        for (const Colour& colour : colours) palette.push_back(colour.value);
        return palette;
    }
    std::vector<Box> boxes{box_of(colours)};
    while (boxes.size() < size) {
        const auto smaller = [](const Box& a, const Box& b) { return a.error < b.error; };
        const auto worst = std::max_element(boxes.begin(), boxes.end(), smaller);
        const std::array<Box, 2> two = halves(*worst);
        *worst = two[0];
        boxes.push_back(two[1]);
    }
    for (const Box& box : boxes) palette.push_back(representative(box));
    return palette;
}

std::uint8_t Nearest::of(std::uint32_t colour) {
    const auto [found, is_new] = known_.try_emplace(colour, std::uint8_t{0});
    if (!is_new) return found->second;
    int best = std::numeric_limits<int>::max();
    for (std::size_t i = 0; i < palette_.size(); ++i) {
        const int difference = squared_difference(colour, palette_[i]);
        if (difference < best) found->second = static_cast<std::uint8_t>(i);
        best = std::min(best, difference);
    }
    return found->second;
}

}  // namespace gdn2::viewer
