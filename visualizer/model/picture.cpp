// See picture.h.
#include "visualizer/model/picture.h"

#include <algorithm>

#include "reference/io/text.h"

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
    if (share <= 0) return a;
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

std::string size_of(const Vector<double>& x) { return io::number(x.norm(), 3); }

}  // namespace

Picture picture_of(const Track& track, const Cursor& cursor) {
    const TokenFrame x = track.frame(cursor.token);
    const auto at = [&cursor](const char* symbol, const Vector<double>& values, Phase phase) {
        return strip(symbol, values, cursor, phase);
    };
    Picture picture;
    const Matrix<double> decayed = between(x.S_before, x.S_decayed, done(cursor, Phase::decay));
    picture.S = done(cursor, Phase::write) > 0 ? between(x.S_decayed, x.S, done(cursor, Phase::write)) : decayed;
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

Narration narrate(const Track& track, const Cursor& cursor, const std::string& label) {
    const TokenFrame x = track.frame(cursor.token);
    const double before = x.S_before.norm(), lost = before - x.S_decayed.norm();
    const auto forgotten = static_cast<int>((x.alpha.array() < 1).count());
    const std::string token = "Token " + label + " ";
    switch (cursor.phase) {
        case Phase::decay:
            return {"S' = Diag(alpha) S", forgotten == 0 ? token + "forgets nothing: every alpha is 1."
                                                         : token + "fades " + std::to_string(forgotten) + " of " +
                                                               std::to_string(x.alpha.size()) + " rows: |S| falls by " +
                                                               io::number(lost, 3) + " from " +
                                                               io::number(before, 3) + "."};
        case Phase::erase_read:
            return {"e = b * k,  r = S'^T e", token + "reads what lies along e = b * k: |r| = " + size_of(x.r) +
                                                  (x.e.isZero(0) ? ". Its erase gate is closed." : ".")};
        case Phase::residual:
            return {"z = w * v,  u = z - r", token + "wants z and found r, so it will write the difference: |z| = " +
                                                 size_of(x.z) + ", |r| = " + size_of(x.r) + ", |u| = " +
                                                 size_of(x.u) + "."};
        case Phase::write:
            return {"S = S' + k u^T", x.u.isZero(0) ? token + "has nothing to write: u is zero."
                                                    : token + "adds u along k. Along its key the old content keeps " +
                                                          io::number(1 - x.e.dot(x.k), 3) + " of itself (1 - e^T k)."};
        case Phase::read_out: break;
    }
    return {"o = scale S^T q", token + "reads the memory with q: |o| = " + size_of(x.o) + "."};
}

}  // namespace gdn2::viewer
