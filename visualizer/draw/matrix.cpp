// See matrix.h.
#include "visualizer/draw/matrix.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace gdn2::viewer {
namespace {

constexpr float smallest_gridded = 6, smallest_numbered = 34, smallest_marked = 5;

struct Cells {
    const View& view;
    const Matrix<double>& values;
    const MatrixLook& look;
    float width, height;  ///< of one cell
    ImDrawList* list = ImGui::GetWindowDrawList();

    ImVec2 corner(Index row, Index col) const {
        return {look.box.x + static_cast<float>(col) * width, look.box.y + static_cast<float>(row) * height};
    }
};

/// The ramp in steps: pictures of gates have many cells.
std::array<Colour, 256> gate_ramp(const Theme& theme) {
    std::array<Colour, 256> ramp;
    for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = gate_colour(theme, static_cast<double>(i) / 255);
    return ramp;
}

std::vector<Colour> gate_pixels(const Theme& theme, const Matrix<double>& values, double top) {
    const std::array<Colour, 256> ramp = gate_ramp(theme);
    std::vector<Colour> pixels(static_cast<std::size_t>(values.size()));
    const double steps = 255 / top;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const double x = values.data()[i];
        pixels[i] = std::isfinite(x) ? ramp[static_cast<std::size_t>(std::clamp(x * steps + 0.5, 0.0, 255.0))]
                                     : theme.bad_number;
    }
    return pixels;
}

std::vector<Colour> error_pixels(const Theme& theme, const Matrix<double>& values, double allowed) {
    std::vector<Colour> pixels(static_cast<std::size_t>(values.size()));
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = error_colour(theme, values.data()[i], allowed);
    return pixels;
}

std::vector<Colour> pixels_of(const Theme& theme, const Matrix<double>& values, const MatrixLook& look) {
    if (look.gates) return gate_pixels(theme, values, look.gates_top);
    if (look.errors) return error_pixels(theme, values, look.allowed);
    return signed_colours(theme, {values.data(), static_cast<std::size_t>(values.size())}, look.scale);
}

void draw_grid(const Cells& cells) {
    if (!cells.look.grid || std::min(cells.width, cells.height) < cells.view.px(smallest_gridded)) return;
    const Colour colour = faded(cells.view.theme.text, 0.07);
    const Box& box = cells.look.box;
    for (Index i = 1; i < cells.values.rows(); ++i)
        cells.list->AddLine(cells.corner(i, 0), {box.x + box.width, cells.corner(i, 0).y}, colour);
    for (Index j = 1; j < cells.values.cols(); ++j)
        cells.list->AddLine(cells.corner(0, j), {cells.corner(0, j).x, box.y + box.height}, colour);
}

/// A corner for what the scale cuts off, a letter for what is no number.
void mark(const Cells& cells, Index row, Index col) {
    const double x = cells.values(row, col);
    const bool beyond = !cells.look.gates && !cells.look.errors &&
                        std::abs(x) > cells.look.scale.half * (1 + 1e-9);
    if (std::isfinite(x) && !beyond) return;
    const ImVec2 at = cells.corner(row, col);
    const Theme& theme = cells.view.theme;
    const float side = std::min(cells.width, cells.height) * 0.4f;
    if (std::isfinite(x)) {
        cells.list->AddTriangleFilled({at.x + cells.width - side, at.y}, {at.x + cells.width, at.y},
                                      {at.x + cells.width, at.y + side}, theme.text);
    } else if (cells.width >= cells.view.px(12)) {
        draw_text(cells.view, at.x + 2, at.y, theme.dark ? 0xff000000u : 0xffffffffu, std::isnan(x) ? "N" : "I");
    }
}

/// Black or white, whichever is seen on this colour.
Colour ink_on(Colour colour) {
    const double light = 0.299 * (colour & 0xff) + 0.587 * (colour >> 8 & 0xff) + 0.114 * (colour >> 16 & 0xff);
    return light > 130 ? 0xff000000u : 0xffffffffu;
}

/// ".35", in one digit where there is no room for two, an ellipsis where there is none for that.
std::string number_text(const Cells& cells, double x) {
    for (const int digits : {2, 1}) {
        std::string text = shown(x, digits, cells.look.errors ? 0 : cells.look.scale.half);
        if (const std::size_t zero = text.find("0."); zero != text.npos && zero <= text.find_first_of("123456789"))
            text.erase(zero, 1);
        if (text_width(text, cells.view.fonts.mono) <= cells.width - 2) return text;
    }
    return "\u2026";
}

void number(const Cells& cells, Index row, Index col) {
    const double x = cells.values(row, col);
    const std::string text = number_text(cells, x);
    const float width = text_width(text, cells.view.fonts.mono);
    const ImVec2 at = cells.corner(row, col);
    const Theme& theme = cells.view.theme;
    const Colour under = cells.look.gates    ? gate_colour(theme, x / cells.look.gates_top)
                         : cells.look.errors ? error_colour(theme, x, cells.look.allowed)
                                             : signed_colour(theme, x, cells.look.scale);
    draw_text(cells.view, at.x + (cells.width - width) / 2, at.y + cells.height / 2 - ImGui::GetFontSize() / 2,
              ink_on(under), text, 0, cells.view.fonts.mono);
}

void outline(const Cells& cells, Index row, Index col, float thickness) {
    const ImVec2 at = cells.corner(row, col);
    const ImVec2 end{at.x + std::max(cells.width, 3.0f), at.y + std::max(cells.height, 3.0f)};
    cells.list->AddRect(at, end, cells.view.theme.dark ? 0xff000000u : 0xffffffffu, 0, 0, thickness + 2);
    cells.list->AddRect(at, end, cells.view.theme.lit, 0, 0, thickness);
}

Number name_of_cell(const MatrixLook& look, Index row, Index col) {
    Number number{look.tensor, look.before};
    number.index.insert(number.index.end(), {row, col});
    return number;
}

/// Where the lit numbers of this tensor are, without walking over all cells.
void light(const Cells& cells) {
    const Hover& hover = cells.view.hover;
    const auto here = [&](const Number& lit, float thickness) {
        const std::size_t fixed = cells.look.before.size();
        if (lit.tensor != cells.look.tensor || lit.index.size() != fixed + 2) return;
        if (!std::equal(cells.look.before.begin(), cells.look.before.end(), lit.index.begin())) return;
        if (lit.index[fixed] < cells.values.rows() && lit.index[fixed + 1] < cells.values.cols())
            outline(cells, lit.index[fixed], lit.index[fixed + 1], thickness);
    };
    if (cells.look.tensor.empty() || !hover.last) return;
    if (hover.explanation)
        for (const Number& input : hover.explanation->inputs) here(input, 1);
    here(*hover.last, 2);
}

std::optional<Cell> cell_under_mouse(const Cells& cells) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    if (!cells.look.box.contains(mouse) || !ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem))
        return std::nullopt;
    const Cell cell{static_cast<Index>((mouse.y - cells.look.box.y) / cells.height),
                    static_cast<Index>((mouse.x - cells.look.box.x) / cells.width)};
    return Cell{std::clamp<Index>(cell.row, 0, cells.values.rows() - 1),
                std::clamp<Index>(cell.col, 0, cells.values.cols() - 1)};
}

/// Colours of places from 1 at the top to -1 at the bottom, and what stands at top, middle and bottom.
void draw_legend(const View& view, const Box& box, const std::array<std::string, 3>& numbers, const auto& colour_at) {
    constexpr int steps = 64;
    std::vector<Colour> pixels;
    for (int i = 0; i < steps; ++i) pixels.push_back(colour_at(1 - 2.0 * i / (steps - 1)));
    const ImTextureID texture = view.textures.put("legend", 1, steps, pixels);
    ImGui::GetWindowDrawList()->AddImage(texture, box.min(), box.max());
    const float x = box.x + box.width + view.px(5), line = ImGui::GetFontSize();
    // Beside a matrix of few rows the numbers stand further apart than the colours.
    const float middle = box.y + box.height / 2, apart = std::max(box.height / 2 - line * 0.3f, line);
    for (int i = 0; i < 3; ++i)
        draw_text(view, x, middle + static_cast<float>(i - 1) * apart - line / 2, view.theme.quiet,
                  numbers[static_cast<std::size_t>(i)]);
}

}  // namespace

float cell_size(Index rows, Index cols, float width, float height, float largest) {
    const float fits = std::min(width / static_cast<float>(std::max<Index>(cols, 1)),
                                height / static_cast<float>(std::max<Index>(rows, 1)));
    return fits >= 1 ? std::floor(std::min(fits, largest)) : std::max(fits, 0.01f);
}

std::string remark_on_numbers(const View& view, const Box& box, Index rows, Index cols) {
    if (!view.session.ui.show_numbers || rows * cols == 0) return "";
    const float cell = std::min(box.width / static_cast<float>(cols), box.height / static_cast<float>(rows));
    return cell >= view.px(smallest_numbered) ? "" : "no room for numbers: enlarge the window, or point at a cell";
}

std::optional<Cell> draw_matrix(const View& view, const Matrix<double>& values, const MatrixLook& look) {
    if (values.size() == 0) return std::nullopt;
    const Cells cells{view, values, look, look.box.width / static_cast<float>(values.cols()),
                      look.box.height / static_cast<float>(values.rows())};
    const ImTextureID texture = view.textures.put(look.slot, static_cast<int>(values.cols()),
                                                  static_cast<int>(values.rows()),
                                                  pixels_of(view.theme, values, look));
    cells.list->AddImage(texture, look.box.min(), look.box.max());
    draw_grid(cells);
    const bool marked = std::min(cells.width, cells.height) >= view.px(smallest_marked);
    const bool numbered = look.numbers && std::min(cells.width, cells.height) >= view.px(smallest_numbered);
    for (Index i = 0; i < values.rows() && marked; ++i)
        for (Index j = 0; j < values.cols(); ++j) {
            mark(cells, i, j);
            if (numbered) number(cells, i, j);
        }
    cells.list->AddRect({look.box.x - 1, look.box.y - 1}, {look.box.max().x + 1, look.box.max().y + 1},
                        view.theme.border);
    light(cells);
    const std::optional<Cell> cell = cell_under_mouse(cells);
    if (cell && !look.tensor.empty()) view.hover.number = name_of_cell(look, cell->row, cell->col);
    return cell;
}

void draw_legend(const View& view, const Box& box, const Scale& scale) {
    const std::string exact = shown(scale.half);
    const std::string half = exact.find('e') == std::string::npos ? exact : shown(scale.half, 2);  // little room
    draw_legend(view, box, {"+" + half, "0", "\u2212" + half},
                [&](double place) { return signed_colour(view.theme, scale.half * place, scale); });
}

void draw_error_legend(const View& view, const Box& box, double allowed) {
    draw_legend(view, box, {"\u00d7 1000", "allowed", "\u00f7 1000"},
                [&](double place) { return error_colour(view.theme, allowed * std::pow(1e3, place), allowed); });
}

}  // namespace gdn2::viewer
