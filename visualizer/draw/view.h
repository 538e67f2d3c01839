// What every panel is given: the session, colours, sizes, textures, and what the mouse is on.
#pragma once

#include <imgui.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "visualizer/draw/colour.h"
#include "visualizer/film/film_request.h"
#include "visualizer/model/explain.h"

namespace gdn2::viewer {

/// Where pictures of numbers live: the card's memory, or a vector where there is none.
class Textures {
public:
    virtual ~Textures() = default;
    /// The texture called `slot`, made or changed to hold these pixels, nearest-neighbour. It stays valid until the
    /// slot's next call.
    virtual ImTextureID put(const std::string& slot, int width, int height, const std::vector<Colour>& pixels) = 0;
};

/// The fonts of a context. Null: ImGui's own.
struct Fonts {
    ImFont* text = nullptr;
    ImFont* mono = nullptr;
    ImFont* large = nullptr;
};

/// A number under the mouse. Panels say it in one frame; in the next all panels light what it was made from.
struct Hover {
    std::optional<Number> number;              ///< said in this frame
    std::optional<Number> last;                ///< of the frame before
    std::optional<Explanation> explanation;    ///< of `last`

    bool is_lit(const Number& other) const;
};

/// Asked for by a panel or a key, done by whatever shows the picture.
struct Requests {
    bool screenshot = false, quit = false;
    std::optional<FilmRequest> film;
    std::optional<std::string> clipboard;  ///< to be put there
    bool paste = false;
};

/// A line in the status bar.
struct Message {
    std::string text;
    bool is_error = false;
    double until = 0;  ///< ImGui's time
};

/// What panels keep from frame to frame and no state string needs: visualizer/panels/memory.h.
struct PanelMemory;

struct View {
    Session& session;
    const Theme& theme;
    Textures& textures;
    const Fonts& fonts;
    Hover& hover;
    Requests& requests;
    Message& message;
    PanelMemory& memory;
    float unit = 1;  ///< pixels for each pixel of the design: UI scale times DPI

    float px(float design) const { return design * unit; }
    /// Shows a line in the status bar for some seconds.
    void say(const std::string& text, bool is_error = false) const;
};

/// Where something is drawn, in screen pixels.
struct Box {
    float x = 0, y = 0, width = 0, height = 0;

    bool contains(ImVec2 at) const { return at.x >= x && at.x < x + width && at.y >= y && at.y < y + height; }
    ImVec2 min() const { return {x, y}; }
    ImVec2 max() const { return {x + width, y + height}; }
};

/// Text at a place, cut to `width` (0: not), with an ellipsis.
void draw_text(const View& view, float x, float y, Colour colour, const std::string& text, float width = 0,
               ImFont* font = nullptr);
/// Whether the font in use has all of its characters.
bool is_drawn_whole(const std::string& text);
/// Its width in pixels.
float text_width(const std::string& text, ImFont* font = nullptr);
/// As much of a text as is no wider than `width`, with an ellipsis where that is not all.
std::string cut(const std::string& text, float width, ImFont* font = nullptr);
/// The first text where it is no wider than `width`, else the second.
std::string fitting(const std::string& text, const std::string& shorter, float width);

/// One of several buttons, lit where it is the chosen one. True when it was clicked.
bool choice_button(const View& view, const char* label, bool chosen, ImVec2 size = {0, 0});

/// A panel: a window at a fixed place that cannot be moved, with a headline. Ends with end_panel().
void begin_panel(const View& view, const char* title, const Box& box);
void end_panel();
/// The first line of a panel without a headline of its own: what it shows, and what there is to remark on that.
void panel_headline(const View& view, Colour colour, const std::string& text, const std::string& remark = "");

/// "alpha" as it is printed on the screen: Greek letters, superscript T, minus signs; " * " is `product`, between
/// vectors the elementwise one.
std::string pretty(const std::string& ascii, const char* product = " \u2299 ");
/// The same of an equation between numbers.
inline std::string pretty_numbers(const std::string& ascii) { return pretty(ascii, " \u00b7 "); }
/// With line breaks at spaces, so that no number is torn, for `width` pixels; a word that is wider is broken anywhere.
std::string wrapped(const std::string& text, float width);
/// A number, at most `digits` significant digits; 0 where it is only the rounding of numbers of size `beside`.
std::string shown(double value, int digits = 3, double beside = 0);

}  // namespace gdn2::viewer
