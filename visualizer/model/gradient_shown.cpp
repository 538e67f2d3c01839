// See gradient_shown.h.
#include "visualizer/model/gradient_shown.h"

#include <algorithm>
#include <cmath>

#include "visualizer/model/largest_finite.h"

namespace gdn2::viewer {
namespace {

/// A gradient of this size is zero but for rounding: of the products it is a sum of, each in its own unit.
double noise_of(const GradientView& gradients, const Track& track, std::string_view symbol) {
    constexpr double rounding = 1e-12;
    const auto d = [&](std::string_view name) { return gradients.largest(name); };
    const double S = track.largest_S(), dS = gradients.largest_dS();
    if (symbol == "dq") return rounding * track.head().scale * S * d("do");
    if (symbol == "dg") return rounding * S * dS;
    if (symbol == "de") return rounding * S * d("du");
    if (symbol == "db") return rounding * track.largest_key() * d("de");
    if (symbol == "dk") return rounding * (dS * track.largest_value() + d("de"));
    if (symbol == "dv") return rounding * d("dz");
    if (symbol == "dw") return rounding * track.largest_value() * d("dz");
    return symbol == "do" ? 0 : rounding * dS * track.largest_key();
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
    const auto strip = [&](const char* symbol, Vector<double>& values) -> GradientStrip {
        const double largest = session.ui.scale_mode == ScaleMode::per_step
                                   ? largest_finite(values)
                                   : session.gradients().largest(symbol);
        const double noise = noise_of(session.gradients(), session.track(), symbol);
        return {symbol, std::move(values), half_or_one(std::max(largest, noise)), noise, check_of(numeric, symbol)};
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
