// See recall.h.
#include "reference/scenarios/recall.h"

#include <cmath>

#include "reference/delta_rule/recurrent.h"

namespace gdn2 {
namespace {

constexpr double tie = 1e-6;  // cosines closer than this are the same up to rounding

double root_mean_square(const Vector<double>& x) {
    return std::sqrt(x.squaredNorm() / static_cast<double>(x.size()));
}

/// Cosine of `answer` with every value; zeros for an answer of zeros.
Vector<double> cosines(const Recall& recall, const Vector<double>& answer) {
    Vector<double> result = Vector<double>::Zero(recall.values.rows());
    if (!(answer.norm() > 0)) return result;
    for (Index i = 0; i < result.size(); ++i)
        result[i] = recall.values.row(i).dot(answer) / (recall.values.row(i).norm() * answer.norm());
    return result;
}

Reading reading_of(const Recall& recall, Index key, Index expected, const Vector<double>& answer) {
    Vector<double> wanted = Vector<double>::Zero(answer.size());
    if (expected >= 0) wanted = recall.values.row(expected).transpose();
    const std::vector<Index> right = expected >= 0 ? std::vector<Index>{expected} : std::vector<Index>{};

    Reading reading{key, expected, content_of(recall, answer)};
    reading.error = (answer - wanted).squaredNorm() / static_cast<double>(answer.size());
    reading.right = std::isfinite(reading.error) && reading.answer.nearest == right;
    return reading;
}

}  // namespace

Content content_of(const Recall& recall, const Vector<double>& x) {
    const Vector<double> cosine = cosines(recall, x);
    Content content{{}, cosine.maxCoeff(), root_mean_square(x)};
    if (content.norm >= weakest_answer)
        for (Index i = 0; i < cosine.size(); ++i)
            if (cosine[i] > content.cosine - tie) content.nearest.push_back(i);
    return content;
}

std::string to_string(const Recall& recall, const Content& content) {
    std::string text;
    for (const Index value : content.nearest)
        text += (text.empty() ? "" : "|") + recall.value_names.at(static_cast<std::size_t>(value));
    return text.empty() ? "none" : text;
}

std::vector<Reading> read_back(const Recall& recall, const Matrix<double>& S, Index token) {
    return readings_of(recall, recall.queries * S, token);
}

std::vector<Reading> readings_of(const Recall& recall, const Matrix<double>& answers, Index token) {
    std::vector<Reading> readings;
    const std::vector<Index>& expected = recall.expected.at(static_cast<std::size_t>(token));
    for (Index key = 0; key < recall.queries.rows(); ++key) {
        const Index wanted = expected.at(static_cast<std::size_t>(key));
        if (wanted == Recall::unseen) continue;
        readings.push_back(reading_of(recall, key, wanted, answers.row(key).transpose()));
    }
    return readings;
}

std::vector<Matrix<double>> states_of(const Problem<double>& problem) {
    const Sizes sizes = validate_shapes(problem);
    const Index length = problem.cu_seqlens ? problem.cu_seqlens->at(1) : sizes.length;
    const auto rows = [length](const Tensor<double>& tensor) { return head_rows(tensor, 0, 0, 0, length); };
    const Sequence<double> x{rows(problem.q), rows(problem.k), rows(problem.g),  rows(problem.b),
                             rows(problem.v), rows(problem.w), scale_of(problem)};
    Matrix<double> S = Matrix<double>::Zero(sizes.key_dim, sizes.value_dim);
    if (problem.initial_state) S = state_of(*problem.initial_state, 0, 0);

    std::vector<Matrix<double>> states;
    for (Index t = 0; t < length; ++t) {
        step(token_of(x, t), S);
        states.push_back(S);
    }
    return states;
}

std::vector<std::vector<Reading>> walk(const Recall& recall, const Problem<double>& problem) {
    std::vector<std::vector<Reading>> readings;
    for (const Matrix<double>& S : states_of(problem))
        readings.push_back(read_back(recall, S, static_cast<Index>(readings.size())));
    return readings;
}

Score score(const std::vector<std::vector<Reading>>& readings) {
    Score total;
    for (const std::vector<Reading>& after_token : readings)
        for (const Reading& reading : after_token) {
            total.right += reading.right;
            total.checks += 1;
            total.error += reading.error;
        }
    if (total.checks > 0) total.error /= static_cast<double>(total.checks);
    return total;
}

}  // namespace gdn2
