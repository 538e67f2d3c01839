// The words of picture.h: each phase says what this token does in it and which gate made it so.
#include <cmath>

#include "reference/io/text.h"
#include "visualizer/model/picture.h"

namespace gdn2::viewer {
namespace {

constexpr double rounding = 1e-9;  // beside numbers that the reader would call equal

std::string number(double x) { return io::number(std::abs(x) < 1e-12 ? 0 : x, 3); }

std::string size_of(const char* name, const Vector<double>& x) {
    return "|" + std::string(name) + "| = " + number(x.stableNorm());
}

/// "all channels", "4 of 8 channels".
std::string channels(Index count, Index of) {
    return count == of ? "all channels" : std::to_string(count) + " of " + std::to_string(of) + " channels";
}

/// "b is 1 on all channels", "b is 2 on 4 of 8 channels and 0 on the others", "b lies between 0.1 and 0.9".
std::string gate_words(const char* name, const Vector<double>& gate) {
    const double low = gate.minCoeff(), high = gate.maxCoeff();
    const Index at_low = (gate.array() == low).count(), at_high = (gate.array() == high).count();
    const std::string start = std::string(name) + " is " + number(high) + " on ";
    if (low == high) return start + "all channels";
    if (at_low + at_high == gate.size())
        return start + channels(at_high, gate.size()) + " and " + number(low) + " on the others";
    return std::string(name) + " lies between " + number(low) + " and " + number(high);
}

/// ", the value 3", ", 0.5 of the value 3", ", nearest to the value 3 (cosine 0.89)"; nothing without recall.
std::string value_words(const Vector<double>& x, const Recall* recall) {
    if (!recall || !x.allFinite() || x.isZero(rounding)) return "";
    const Content content = content_of(*recall, x);
    if (content.nearest.empty()) return ", too weak for a value";
    const std::string value = "the value " + to_string(*recall, content);
    if (content.cosine < 1 - rounding) return ", nearest to " + value + " (cosine " + number(content.cosine) + ")";
    const double strength = x.norm() / recall->values.row(content.nearest.front()).norm();
    return std::abs(strength - 1) < rounding ? ", " + value : ", " + number(strength) + " of " + value;
}

/// One token in its phases.
class Narrator {
public:
    Narrator(const TokenFrame& frame, const std::string& label, const Recall* recall)
        : x(frame), token("Token " + label + " "), recall_(recall) {}

    std::string decay() const {
        const auto fading = (x.alpha.array() < 1).count();
        if (fading == 0) return token + "forgets nothing: every alpha is 1.";
        Index fastest = 0;
        const double least = x.alpha.minCoeff(&fastest);
        const std::string which = least == x.alpha.maxCoeff() ? "all alike: alpha = "
                                                              : "row " + std::to_string(fastest) + " most: alpha = ";
        const std::string first = token + "first lets time pass and fades " + std::to_string(fading) + " of " +
                                  std::to_string(x.alpha.size()) + " rows, " + which + number(least) + ". ";
        if (x.S_before.isZero(0)) return first + "The memory is still empty.";
        return first + "|S| falls from " + number(x.S_before.norm()) + " to " + number(x.S_decayed.norm()) + ".";
    }

    std::string erase_read() const {
        if (x.b.isZero(0)) return token + "consults nothing: its erase gate b is 0 on all channels, so r = 0.";
        const auto consulted = (x.e.array() != 0).count();
        const std::string first = token + "asks what is stored already: " + gate_words("b", x.b) + ", so e = b * k " +
                                  "consults " + std::to_string(consulted) + " of " + std::to_string(x.e.size()) +
                                  " rows. ";
        if (x.r.isZero(rounding)) return first + (x.S_decayed.isZero(0) ? "The memory is empty: r = 0."
                                                                        : "It finds nothing there: r = 0.");
        return first + "It finds r" + value_words(x.r, recall_) + ": " + size_of("r", x.r) + ".";
    }

    std::string residual() const {
        const bool wants = !x.z.isZero(rounding), found = !x.r.isZero(rounding);
        if (!wants && !found) return token + "wants nothing (" + nothing_wanted() + ") and found nothing: u = 0.";
        if (!wants)
            return token + "wants nothing: " + nothing_wanted() + ". So z is zero, and what is written is -r: pure " +
                   "erasing, " + size_of("u", x.u) + ".";
        const std::string wanted = token + "wants z = w * v" + value_words(x.z, recall_) + ": " +
                                   gate_words("w", x.w) + ", " + size_of("z", x.z) + ". ";
        if (!found) return wanted + "It found nothing to take away, so u = z: pure writing.";
        if (x.u.isZero(rounding)) return wanted + "That is just what it found: u = 0, there is nothing to change.";
        return wanted + "It found r" + value_words(x.r, recall_) + ", and writes the difference u = z - r: " +
               size_of("u", x.u) + ".";
    }

    std::string write() const {
        if (x.u.isZero(rounding)) return token + "has nothing to write: u is zero, S stays as it is.";
        std::string added = token + "adds u to each row of S, times k of that row: |S| goes from " +
                                  number(x.S_decayed.norm()) + " to " + number(x.S.norm()) + ".";
        if (x.S_decayed.isZero(0)) return added;
        return added + " What lay along k before " + kept(1 - x.e.dot(x.k)) + ".";
    }

    std::string read_out() const {
        if (x.q.isZero(0)) return token + "asks nothing: q is zero, so o = 0.";
        if (x.o.isZero(rounding)) return token + "reads along q and finds nothing: o = 0.";
        return token + "reads along q and finds o" + value_words(x.o, recall_) + ": " + size_of("o", x.o) + ".";
    }

private:
    /// Why z is zero.
    std::string nothing_wanted() const {
        return x.w.isZero(0) ? "its write gate w is 0 on all channels" : "its value v is zero where w is open";
    }

    /// What the eigenvalue 1 - e^T k does to old content along k.
    static std::string kept(double factor) {
        const std::string said = " (1 - e^T k = " + number(factor) + ")";
        if (std::abs(factor) < rounding) return "is gone" + said;
        if (std::abs(factor - 1) < rounding) return "stays whole" + said;
        if (factor < 0) return "turns its sign" + said;
        return (factor < 1 ? "keeps a part" : "grows") + said;
    }

    const TokenFrame& x;
    std::string token;
    const Recall* recall_;
};

}  // namespace

Narration narrate(const Track& track, const Cursor& cursor, const std::string& label, const Recall* recall) {
    const TokenFrame frame = track.frame(cursor.token);
    const Narrator token(frame, label, recall);
    switch (cursor.phase) {
        case Phase::decay: return {"S' = Diag(alpha) S", token.decay()};
        case Phase::erase_read: return {"e = b * k,  r = S'^T e", token.erase_read()};
        case Phase::residual: return {"z = w * v,  u = z - r", token.residual()};
        case Phase::write: return {"S = S' + k u^T", token.write()};
        case Phase::read_out: break;
    }
    return {"o = scale S^T q", token.read_out()};
}

}  // namespace gdn2::viewer
