// See memory.h.
#include "reference/scenarios/memory.h"

#include <bit>

namespace gdn2 {
namespace {

/// A [1, length, 1, dim] tensor whose token t is row(t).
template <class Row>
Tensor<double> tokens_tensor(Index length, Index dim, const Row& row) {
    Tensor<double> tensor({1, length, 1, dim});
    for (Index t = 0; t < length; ++t) {
        const Vector<double> values = row(t);
        std::copy(values.begin(), values.end(), tensor.data() + t * dim);
    }
    return tensor;
}

std::vector<std::vector<Index>> expectations(const Vocabulary& words,
                                             const std::vector<MemoryToken>& tokens) {
    std::vector<Index> now(words.key_names.size(), Recall::unseen);
    std::vector<std::vector<Index>> after_token;
    for (const MemoryToken& token : tokens) {
        if (token.expected != Recall::unseen) now[static_cast<std::size_t>(token.key)] = token.expected;
        after_token.push_back(now);
    }
    return after_token;
}

}  // namespace

Scenario memory_scenario(const Vocabulary& words, const std::vector<MemoryToken>& tokens,
                         const Vector<double>& erase_mask, const Vector<double>& alpha) {
    const Index length = static_cast<Index>(tokens.size());
    const Index key_dim = words.keys.cols(), value_dim = words.values.cols();
    const auto token = [&](Index t) -> const MemoryToken& { return tokens[static_cast<std::size_t>(t)]; };

    Scenario scenario;
    Problem<double>& problem = scenario.problem;
    problem.q = tokens_tensor(length, key_dim, [&](Index t) { return words.queries.row(token(t).key); });
    problem.k = tokens_tensor(length, key_dim, [&](Index t) { return words.keys.row(token(t).key); });
    problem.v = tokens_tensor(length, value_dim, [&](Index t) -> Vector<double> {
        if (token(t).value < 0) return Vector<double>::Zero(value_dim);
        return words.values.row(token(t).value);
    });
    problem.g = tokens_tensor(length, key_dim, [&](Index) { return alpha.array().log().matrix(); });
    problem.b = tokens_tensor(length, key_dim, [&](Index t) { return token(t).erase * erase_mask; });
    problem.w = tokens_tensor(length, value_dim,
                              [&](Index t) { return Vector<double>::Constant(value_dim, token(t).write); });
    problem.scale = 1.0;
    problem.d_o = Tensor<double>(problem.v.shape(), 1.0);

    for (const MemoryToken& each : tokens) scenario.labels.push_back(each.label);
    scenario.recall =
        Recall{words.key_names, words.queries, words.value_names, words.values, expectations(words, tokens)};
    return scenario;
}

Matrix<double> walsh_rows(Index count, Index dim) {
    Matrix<double> rows(count, dim);
    for (Index i = 0; i < count; ++i)
        for (Index j = 0; j < dim; ++j)
            rows(i, j) = std::popcount(static_cast<std::size_t>(i & j)) % 2 == 0 ? 1.0 : -1.0;
    return rows;
}

Vocabulary plain_vocabulary(Index keys, Index values, Index value_dim) {
    Vocabulary words;
    words.keys = words.queries = Matrix<double>::Identity(keys, keys);
    words.values = walsh_rows(values, value_dim);
    for (Index i = 0; i < keys; ++i) words.key_names.push_back(std::string(1, static_cast<char>('A' + i)));
    for (Index i = 0; i < values; ++i) words.value_names.push_back(std::to_string(i));
    return words;
}

void add_sum(Vocabulary& words, Index first, Index second) {
    const auto name = [&](Index row) { return words.value_names.at(static_cast<std::size_t>(row)); };
    const Index row = words.values.rows();
    words.values.conservativeResize(row + 1, Eigen::NoChange);
    words.values.row(row) = words.values.row(first) + words.values.row(second);
    words.value_names.push_back(name(first) + "+" + name(second));
}

}  // namespace gdn2
