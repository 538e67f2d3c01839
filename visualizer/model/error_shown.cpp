// See error_shown.h.
#include "visualizer/model/error_shown.h"

#include <cmath>

#include "reference/io/text.h"
#include "visualizer/model/difference_shown.h"

namespace gdn2::viewer {
namespace {

/// Why the run in view is none that a file can be held against; empty where it is one.
std::string why_not(const Session& session) {
    if (session.ui.mixer != Mixer::gdn2) return "a file can be held against GDN-2 only (M)";
    if (session.ghost()) return "a file can be held against the run without edits only (R)";
    if (!session.difference()) return "there is no file to hold it against; Ctrl+O on the Diff tab opens one";
    return "";
}

bool overlays(const Session& session) {
    return session.ui.show_error && session.length() > 0 && why_not(session).empty();
}

/// The map of the state after a token, from whichever tensor of the file has it; null where none has.
const DifferenceMap* state_map(const Session& session, Index token) {
    const Difference& difference = *session.difference();
    if (const ComparedTensor* S = difference.find("S")) return session.difference_map(*S, token);
    const bool last = token == session.length() - 1;
    const ComparedTensor* held = difference.find(last ? "final_state" : "S_0");
    if (!held || (!last && (token + 1) % difference.chunk() != 0)) return nullptr;
    return session.difference_map(*held, last ? token : token + 1);
}

/// Where the file holds a state, in words.
std::string where_held(const Session& session) {
    const Difference& difference = *session.difference();
    if (difference.find("S_0")) return " holds it at the ends of chunks only (} goes there)";
    return difference.find("final_state") ? " holds it after the last token only (End goes there)"
                                          : " does not hold it";
}

bool is_seen(const DifferenceMap* map) { return map && map->why.empty() && map->reference.size() > 0; }

/// The largest of all cells, against what is allowed.
std::string headline(const std::string& file, const DifferenceMap& map, DifferenceUnit unit) {
    const double worst = map.cells(unit)(map.row, map.col);
    const std::string off = std::isfinite(worst) ? "off by at most " + io::number(worst, 2) : "not finite";
    return (map.first_wrong_row() ? "\u2717 " : "\u2713 ") + ("S after this token in " + file) + ": " + off + ", " +
           name_of(unit) + "; allowed " + io::number(map.allowed(unit), 2);
}

/// The map that a number of the screen belongs to, and its cell there.
struct Found {
    const DifferenceMap* map = nullptr;
    Index row = 0, col = 0;
};
Found find(const Session& session, const Number& number) {
    const Index token = session.ui.cursor.token;
    if (number.index.empty() || number.index[0] != token) return {};
    if (number.tensor == "S" && number.index.size() == 3)
        return {state_map(session, token), number.index[1], number.index[2]};
    return {number.index.size() == 2 ? strip_error(session, number.tensor) : nullptr, token, number.index.back()};
}

}  // namespace

std::optional<ErrorShown> error_shown(const Session& session) {
    if (!session.ui.show_error || session.length() == 0) return std::nullopt;
    const std::string prefix = "State S: ";
    if (const std::string why = why_not(session); !why.empty()) return ErrorShown{.headline = prefix + why};
    const std::string& file = session.difference()->candidate_name();
    const DifferenceMap* map = state_map(session, session.ui.cursor.token);
    if (!map) return ErrorShown{.headline = prefix + file + where_held(session)};
    if (!is_seen(map)) return ErrorShown{.headline = prefix + map->why};
    const DifferenceUnit unit = session.ui.difference_unit;
    return ErrorShown{headline(file, *map, unit), map->first_wrong_row().has_value(), map->cells(unit),
                      map->allowed(unit)};
}

const DifferenceMap* strip_error(const Session& session, std::string_view symbol) {
    if (!overlays(session)) return nullptr;
    const ComparedTensor* tensor = session.difference()->find(std::string(symbol));
    const DifferenceMap* map = tensor ? session.difference_map(*tensor, session.ui.cursor.token) : nullptr;
    return is_seen(map) && map->row_axis == std::string_view("token") ? map : nullptr;
}

std::string error_line(const Session& session, const Number& number) {
    const Found found = overlays(session) ? find(session, number) : Found{};
    if (!is_seen(found.map)) return "";
    const DifferenceMap& map = *found.map;
    const std::string has = session.difference()->candidate_name() + " has " +
                            io::number(map.candidate(found.row, found.col), 9);
    const double off = map.absolute(found.row, found.col);
    if (!(off >= 0)) return has;
    return has + ", off by " + io::number(off, 3) + " (relative " + io::number(map.relative(found.row, found.col), 3) +
           ", allowed " + io::number(map.tolerance, 3) + ")";
}

}  // namespace gdn2::viewer
