// What the Grad tab paints at the cursor's token: the state's picture with the gradient by everything in its place.
//   tests  tests/visualizer/model/gradient_shown_test.cpp
#pragma once

#include <array>

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// A vector of gradients beside dS.
struct GradientStrip {
    const char* symbol;  ///< "db", as tensor_line() knows it
    Vector<double> values;
    double half = 1;     ///< colours run over +- this: its own, so that small gradients show too
    double noise = 0;    ///< a gradient of this size is zero but for rounding
    const ChannelGradient* check = nullptr;  ///< the same by differences, where that is done
};

/// Everything at one token. Points into the session's numeric gradient: not for another frame.
struct GradientPicture {
    Index token = 0;
    Matrix<double> dS;
    double half = 1;
    std::array<GradientStrip, 5> key_side;    ///< dg db dk de dq, left of the rows
    std::array<GradientStrip, 6> value_side;  ///< dv dw dz dr du above the columns, do below
};

/// Colours are locked over the run, or this token's own, or (dS) set by hand, as the session says. Throws Error where
/// there is no token.
GradientPicture gradient_picture(const Session& session);
/// Half-range of the colours of dS there.
double gradient_scale(const Session& session);

/// The check of a gradient by its symbol; null for those that are not checked.
const ChannelGradient* check_of(const NumericGradient& numeric, std::string_view symbol);

/// What fits `columns` pixels of a number per token: the largest of the tokens that share a pixel, NaN where one of
/// them is. No more than there are tokens.
Vector<double> largest_by_column(const std::vector<double>& per_token, Index columns);

}  // namespace gdn2::viewer
