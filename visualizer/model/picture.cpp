// See picture.h.
#include "visualizer/model/picture.h"

namespace gdn2::viewer {
namespace {

/// How far this token has come in a phase: 0 before it, 1 after it.
double done(const Cursor& at, Phase phase) {
    if (phase == at.phase) return at.fraction;
    return phase < at.phase ? 1 : 0;
}

Strip strip(const char* symbol, const Vector<double>& values, const Cursor& at, Phase phase) {
    return {symbol, values, done(at, phase), at.phase == phase};
}

/// From `a` to `b`; exact at both ends.
Matrix<double> between(const Matrix<double>& a, const Matrix<double>& b, double share) {
    if (share >= 1) return b;
    return a + share * (b - a);
}

/// Sizes beside the largest: 1 is the row that counts most; all 0 for zeros.
Vector<double> light_of(const Vector<double>& x) {
    const double largest = x.size() == 0 ? 0 : x.cwiseAbs().maxCoeff();
    return largest > 0 ? Vector<double>(x.cwiseAbs() / largest) : Vector<double>::Zero(x.size());
}

Vector<double> light_in(const TokenFrame& x, Phase phase) {
    switch (phase) {
        case Phase::decay: break;
        case Phase::erase_read: return light_of(x.e);
        case Phase::residual: break;
        case Phase::write: return light_of(x.k);
        case Phase::read_out: return light_of(x.q);
    }
    return Vector<double>::Ones(x.k.size());
}

}  // namespace

Matrix<double> state_at(const Track& track, const Cursor& cursor) {
    const double decay = done(cursor, Phase::decay), write = done(cursor, Phase::write);
    if (write >= 1) return track.S(cursor.token);
    const Matrix<double> before = track.S(cursor.token - 1);
    if (decay <= 0) return before;
    const Matrix<double> decayed = track.alpha().row(cursor.token).asDiagonal() * before;  // Eq. 9
    return write > 0 ? between(decayed, track.S(cursor.token), write) : between(before, decayed, decay);
}

Picture picture_of(const Track& track, const Cursor& cursor) {
    const TokenFrame x = track.frame(cursor.token);
    const auto at = [&cursor](const char* symbol, const Vector<double>& values, Phase phase) {
        return strip(symbol, values, cursor, phase);
    };
    Picture picture;
    picture.S = state_at(track, cursor);
    picture.row_light = light_in(x, cursor.phase);
    picture.key_side = {at("alpha", x.alpha, Phase::decay), at("b", x.b, Phase::erase_read),
                        at("k", x.k, Phase::erase_read), at("e", x.e, Phase::erase_read),
                        at("q", x.q, Phase::read_out)};
    picture.value_side = {at("v", x.v, Phase::residual), at("w", x.w, Phase::residual),
                          at("z", x.z, Phase::residual), at("r", x.r, Phase::erase_read),
                          at("u", x.u, Phase::residual), at("o", x.o, Phase::read_out)};
    picture.moving = cursor.fraction > 0 && cursor.fraction < 1;
    return picture;
}

}  // namespace gdn2::viewer
