// See localise.h.
#include "reference/check/localise.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace gdn2::check {
namespace {

/// Along an axis, a span counts as filled when this share of its coordinates holds something bad: an element
/// that is right by luck must not hide that everything "from chunk 1 on" is wrong.
constexpr double filled = 0.9;

/// At most sequence, head, channel, chunk, row in chunk, and whether the chunk is a partial last one.
using Coordinates = std::array<Index, 6>;

/// How a property shared by all bad elements is said; the number follows.
struct Words {
    std::string name;   ///< of the axis in a profile
    std::string one;    ///< "only head "
    std::string from;   ///< "only heads >= "
    std::string until;  ///< "only heads < "
    std::string every;  ///< "only heads h % "; empty: a common step is not looked for
};

/// "only head 3", "only heads >= 2", "only heads h % 2 == 1"
Words words_of(const std::string& name, const std::string& symbol) {
    const std::string many = "only " + name + "s ";
    return {name, "only " + name + " ", many + ">= ", many + "< ",
            symbol.empty() ? "" : many + symbol + " % "};
}

/// Says where each element lies.
class Places {
public:
    Places(const Shape& shape, const Layout& layout) : shape_(shape), layout_(layout) {
        require(layout.chunk > 0, "the chunk length must be at least 1, got " + std::to_string(layout.chunk));
        if (layout.axes == Axes::tokens) place_tokens();
    }

    /// One number per entry of words(), in that order.
    Coordinates operator()(Index offset) const {
        const Index d = offset % shape_[3], c = offset / shape_[3] % shape_[2];
        const Index row = offset / (shape_[3] * shape_[2]);
        if (layout_.axes == Axes::states) return {row / shape_[1], row % shape_[1], c, d};
        const Token& token = tokens_[static_cast<std::size_t>(row)];
        if (!has_chunks()) return {token.sequence, c, d, token.position};
        const Index chunk = token.position / layout_.chunk;
        const Index is_partial = (chunk + 1) * layout_.chunk > token.length;
        return {token.sequence, c, d, chunk, token.position % layout_.chunk, is_partial};
    }

    std::vector<Words> words() const {
        const Words sequences = words_of("sequence", ""), heads = words_of("head", "h");
        if (layout_.axes == Axes::states)
            return {sequences, heads, words_of("key channel", "c"), words_of("value channel", "c")};
        const Words channels = words_of("channel", "c");
        if (!has_chunks()) return {sequences, heads, channels, words_of("token", "t")};
        const std::string rows = "all bad rows are t % ", in_chunk = rows + std::to_string(layout_.chunk);
        return {sequences,
                heads,
                channels,
                {"chunk", "only chunk ", "only chunks >= ", "only chunks < ", ""},
                {"row in chunk", in_chunk + " == ", in_chunk + " >= ", in_chunk + " < ", rows},
                {"partial chunk", "", "", "", ""}};
    }

    /// False when every sequence is one chunk: then a row is better named by its token.
    bool has_chunks() const { return longest_ > layout_.chunk; }

private:
    struct Token {
        Index sequence, position, length;  ///< of which sequence, where in it, and how long it is
    };

    void place_tokens() {
        const Index batch = shape_[0], length = shape_[1];
        if (layout_.cu_seqlens.empty()) {
            for (Index b = 0; b < batch; ++b) place_sequence(b, length);
        } else {
            for (std::size_t i = 1; i < layout_.cu_seqlens.size(); ++i)
                place_sequence(static_cast<Index>(i) - 1, layout_.cu_seqlens[i] - layout_.cu_seqlens[i - 1]);
        }
        require_fit(static_cast<Index>(tokens_.size()) == batch * length);
    }

    void require_fit(bool fits) const { require(fits, "cu_seqlens does not fit " + to_string(shape_)); }

    void place_sequence(Index sequence, Index length) {
        require_fit(length <= shape_[0] * shape_[1] - static_cast<Index>(tokens_.size()));
        for (Index position = 0; position < length; ++position)
            tokens_.push_back({sequence, position, length});
        longest_ = std::max(longest_, length);
    }

    const Shape& shape_;
    const Layout& layout_;
    std::vector<Token> tokens_;
    Index longest_ = 0;
};

std::string percent(double fraction) {
    if (fraction >= 1) return "all";
    const int whole = static_cast<int>(std::lround(100 * fraction));
    return whole == 0 ? "under 1%" : std::to_string(std::min(whole, 99)) + "%";
}

/// Coordinates with something bad.
std::vector<Index> bad_coordinates(const AxisProfile& axis) {
    std::vector<Index> found;
    for (std::size_t i = 0; i < axis.bad.size(); ++i)
        if (axis.bad[i] > 0) found.push_back(static_cast<Index>(i));
    return found;
}

/// Share of bad elements at coordinates [low, high) in steps of `step`.
double bad_share(const AxisProfile& axis, Index low, Index high, Index step = 1) {
    Index bad = 0, total = 0;
    for (Index i = low; i < high; i += step) {
        bad += axis.bad[static_cast<std::size_t>(i)];
        total += axis.total[static_cast<std::size_t>(i)];
    }
    return total == 0 ? 0 : static_cast<double>(bad) / static_cast<double>(total);
}

/// The largest m of 2, 4, 8, ... for which all `found` are equal modulo m; 1 when there is none.
Index common_step(const std::vector<Index>& found, Index count) {
    Index step = 1;
    for (Index m = 2; m < count; m *= 2)
        if (std::all_of(found.begin(), found.end(), [&](Index i) { return i % m == found[0] % m; })) step = m;
    return step;
}

std::string with_share(const std::string& what, double share) {
    return what + " (" + percent(share) + " of the elements there)";
}

/// What all bad elements share along one axis, or "".
std::string shared_along(const AxisProfile& axis, const Words& words) {
    const std::vector<Index> found = bad_coordinates(axis);
    const Index count = static_cast<Index>(axis.bad.size());
    const Index bad = static_cast<Index>(found.size()), low = found.front(), high = found.back() + 1;
    const auto is_filled = [&](Index span) {
        return static_cast<double>(bad) >= filled * static_cast<double>(span);
    };
    if (count < 2) return "";
    if (bad == 1) return with_share(words.one + std::to_string(low), bad_share(axis, low, high));
    if (low > 0 && high == count && is_filled(count - low))
        return with_share(words.from + std::to_string(low), bad_share(axis, low, count));
    if (low == 0 && high < count && is_filled(high))
        return with_share(words.until + std::to_string(high), bad_share(axis, 0, high));
    const Index step = words.every.empty() ? 1 : common_step(found, count);
    if (step == 1) return "";
    return with_share(words.every + std::to_string(step) + " == " + std::to_string(low % step),
                      bad_share(axis, low % step, count, step));
}

/// True when every bad element lies in a last chunk that is not full. Asked only where there are full ones.
bool only_partial(const AxisProfile& partial) {
    return partial.total.size() == 2 && partial.bad[0] == 0;
}

std::vector<std::string> shared_by_all(const std::vector<AxisProfile>& axes,
                                       const std::vector<Words>& words) {
    std::vector<std::string> lines;
    std::size_t said = axes.size();
    if (axes.back().name == "partial chunk") {
        said -= 1;
        if (only_partial(axes.back())) {  // says more than which chunk and which rows
            lines.push_back(with_share("only the partial last chunk", axes.back().fraction(1)));
            said -= 2;
        }
    }
    for (std::size_t i = 0; i < said; ++i) {
        const std::string line = shared_along(axes[i], words[i]);
        if (!line.empty()) lines.push_back(line);
    }
    return lines;
}

std::vector<AxisProfile> profile(const std::vector<bool>& bad, const Places& places) {
    std::vector<AxisProfile> axes;
    for (const Words& words : places.words()) axes.push_back({words.name, {}, {}});
    for (std::size_t i = 0; i < bad.size(); ++i) {
        const Coordinates at = places(static_cast<Index>(i));
        for (std::size_t a = 0; a < axes.size(); ++a) {
            const auto coordinate = static_cast<std::size_t>(at[a]);
            if (axes[a].total.size() <= coordinate) {
                axes[a].total.resize(coordinate + 1);
                axes[a].bad.resize(coordinate + 1);
            }
            ++axes[a].total[coordinate];
            axes[a].bad[coordinate] += bad[i];
        }
    }
    return axes;
}

/// Earliest and latest bad element: by token for tokens, else by storage order.
void fill_ends(const std::vector<bool>& bad, const Shape& shape, const Layout& layout, Localisation& result) {
    const auto earlier = [&](const std::vector<Index>& x, const std::vector<Index>& y) {
        return layout.axes == Axes::tokens && x[1] != y[1] ? x[1] < y[1] : x < y;
    };
    for (std::size_t i = 0; i < bad.size(); ++i) {
        if (!bad[i]) continue;
        const std::vector<Index> at = unravel(static_cast<Index>(i), shape);
        ++result.bad;
        if (!result.first_bad || earlier(at, *result.first_bad)) result.first_bad = at;
        if (!result.last_bad || earlier(*result.last_bad, at)) result.last_bad = at;
    }
}

}  // namespace

Localisation localise(const std::vector<bool>& bad, const Shape& shape, const Layout& layout) {
    require(static_cast<Index>(bad.size()) == element_count(shape),
            "a map of " + std::to_string(bad.size()) + " elements does not fit " + to_string(shape));
    require(layout.axes == Axes::plain || shape.size() == 4,
            "tokens and states have 4 axes, got " + to_string(shape));
    Localisation result;
    fill_ends(bad, shape, layout, result);
    if (result.bad == 0) return result;
    if (layout.axes != Axes::plain) {
        const Places places(shape, layout);
        result.axes = profile(bad, places);
        if (result.bad > 1) result.lines = shared_by_all(result.axes, places.words());
    }
    if (result.bad == 1) result.lines = {"only the element " + to_string(*result.first_bad)};
    if (result.lines.empty()) {
        const double share = static_cast<double>(result.bad) / static_cast<double>(bad.size());
        result.lines = {share == 1 ? "every element"
                                   : percent(share) + " of the elements, in no simple pattern"};
    }
    return result;
}

}  // namespace gdn2::check
