// See gradient_shown.h.
#include "visualizer/model/gradient_shown.h"

#include <algorithm>
#include <cmath>

#include "visualizer/model/largest_finite.h"

namespace gdn2::viewer {
namespace {

/// The largest of all vectors, below which by a factor of rounding a gradient is zero.
double noise_of(const GradientView& gradients) {
    constexpr double rounding = 1e-12;
    double largest = 0;
    for (const char* symbol : {"dg", "db", "dk", "de", "dq", "dv", "dw", "du", "do"})
        largest = std::max(largest, gradients.largest(symbol));
    return rounding * largest;
}

double half_or_one(double largest) { return largest > 0 ? largest : 1; }

}  // namespace

const ChannelGradient* check_of(const NumericGradient& numeric, std::string_view symbol) {
    const auto at = std::find_if(numeric.tensors.begin(), numeric.tensors.end(),
                                 [symbol](const ChannelGradient& tensor) { return tensor.name == symbol; });
    return at == numeric.tensors.end() ? nullptr : &*at;
}

double gradient_scale(const Session& session) {
    const GradientView& gradients = session.gradients();
    if (session.ui.scale_mode == ScaleMode::manual) return session.ui.manual_scale;
    if (session.ui.scale_mode == ScaleMode::locked) return half_or_one(gradients.largest_dS());
    const Matrix<double> dS = gradients.dS(session.ui.cursor.token);
    return half_or_one(largest_finite(dS));
}

GradientPicture gradient_picture(const Session& session) {
    GradientFrame x = session.gradients().frame(session.ui.cursor.token);
    const NumericGradient& numeric = session.numeric_gradient();
    GradientPicture picture;
    picture.noise = noise_of(session.gradients());
    const auto strip = [&](const char* symbol, Vector<double>& values) -> GradientStrip {
        const double largest = session.ui.scale_mode == ScaleMode::per_step
                                   ? largest_finite(values)
                                   : session.gradients().largest(symbol);
        return {symbol, std::move(values), half_or_one(std::max(largest, picture.noise)), check_of(numeric, symbol)};
    };
    picture.token = x.token;
    picture.half = gradient_scale(session);
    picture.dS = std::move(x.dS);
    picture.key_side = {strip("dg", x.dg), strip("db", x.db), strip("dk", x.dk), strip("de", x.de), strip("dq", x.dq)};
    picture.value_side = {strip("dv", x.dv), strip("dw", x.dw), strip("dz", x.dz),
                          strip("dr", x.dr), strip("du", x.du), strip("do", x.d_o)};
    return picture;
}

Vector<double> largest_by_column(const std::vector<double>& per_token, Index columns) {
    const Index length = std::ssize(per_token), count = std::min(columns, length);
    Vector<double> largest = Vector<double>::Zero(std::max<Index>(count, 0));
    for (Index t = 0; t < length && count > 0; ++t) {
        double& column = largest[t * count / length];
        const double x = per_token[static_cast<std::size_t>(t)];
        if (!std::isnan(column) && (std::isnan(x) || x > column)) column = x;
    }
    return largest;
}

}  // namespace gdn2::viewer
