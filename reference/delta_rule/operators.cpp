// See operators.h. Each adjoint is wrapped so that it sees the same tensors as its forward.
#include "reference/delta_rule/operators.h"

#include "reference/core/random.h"
#include "reference/delta_rule/decay.h"
#include "reference/delta_rule/fast_weight.h"
#include "reference/delta_rule/heads.h"
#include "reference/delta_rule/tied.h"
#include "reference/delta_rule/wy.h"

namespace gdn2 {
namespace {

using check::Input;
using check::make_operator;
using check::Operator;
using check::Tensors;

constexpr Index chunk_length = 40;  // two levels of halving and a short last block

/// Packed: 45 tokens, none, 1 token, 44 tokens.
Sizes sizes_of_the_point() { return {1, 90, 2, 4, 5, 3, 4}; }
std::vector<Index> offsets_of_the_point() { return {0, 45, 45, 46, 90}; }

/// q k v g b w initial_state, in this order.
std::vector<Input> point() {
    const Sizes sizes = sizes_of_the_point();
    Random random(20260522);
    return {{"q", unit_rows(random_normal(sizes.key_shape(), random))},
            {"k", unit_rows(random_normal(sizes.key_shape(), random))},
            {"v", random_normal(sizes.value_shape(), random)},
            {"g", random_uniform(sizes.key_shape(), random, -0.3, -0.001)},
            {"b", random_uniform(sizes.key_shape(), random, 0, 1)},
            {"w", random_uniform(sizes.value_shape(), random, 0, 1)},
            {"initial_state", random_normal(sizes.state_shape(), random)}};
}

template <class Scalar>
Problem<Scalar> problem_of(const Tensors<Scalar>& x) {
    Problem<Scalar> problem{x[0], x[1], x[2], x[3], x[4], x[5], {}, x[6], {}, {}, {}};
    problem.scale = Scalar(0.7);
    problem.cu_seqlens = offsets_of_the_point();
    return problem;
}

Options options_for(Path path) { return {path, chunk_length, 1, {}, nullptr}; }

Result<double> gradient_at(Problem<double> problem, const Tensors<double>& dy, Path path) {
    problem.d_o = dy[0];
    problem.d_final_state = dy[1];
    return gradient(problem, options_for(path));
}

Operator path_operator(std::string name, std::string says, Path path) {
    return make_operator(
        std::move(name), std::move(says), point(), {"o", "final_state"},
        [path](const auto& x) {
            auto result = forward(problem_of(x), options_for(path));
            return std::vector{result.o, result.final_state};
        },
        [path](const Tensors<double>& x, const Tensors<double>& dy) {
            Result<double> d = gradient_at(problem_of(x), dy, path);
            return Tensors<double>{d.dq, d.dk, d.dv, d.dg, d.db, d.dw, d.d_initial_state};
        });
}

/// The point with beta in place of both gates: q k v g beta initial_state.
template <class Scalar>
Problem<Scalar> tied_problem_of(const Tensors<Scalar>& x) {
    const Tensor<Scalar> b(x[0].shape()), w(x[2].shape());
    return tie_kda(problem_of<Scalar>({x[0], x[1], x[2], x[3], b, w, x[5]}), x[4]);
}

Operator tied_operator() {
    std::vector<Input> inputs = point();
    const Sizes sizes = sizes_of_the_point();
    Random random(7);
    inputs[4] = {"beta", random_uniform({sizes.batch, sizes.length, sizes.key_heads}, random, 0, 1)};
    inputs.erase(inputs.begin() + 5);
    return make_operator(
        "tied", "b = w = beta: the KDA rule, Eq. 47", inputs, {"o", "final_state"},
        [](const auto& x) {
            auto result = forward(tied_problem_of(x), options_for(Path::chunk));
            return std::vector{result.o, result.final_state};
        },
        [](const Tensors<double>& x, const Tensors<double>& dy) {
            Result<double> d = gradient_at(tied_problem_of(x), dy, Path::chunk);
            return Tensors<double>{d.dq, d.dk, d.dv, d.dg, beta_gradient(d), d.d_initial_state};
        });
}

template <class Scalar>
Matrix<Scalar> matrix_of(const Tensor<Scalar>& tensor) {
    return Eigen::Map<const Matrix<Scalar>>(tensor.data(), tensor.shape()[0], tensor.shape()[1]);
}

template <class Scalar>
Tensor<Scalar> tensor_of(const Matrix<Scalar>& matrix) {
    return {{matrix.rows(), matrix.cols()}, {matrix.data(), matrix.data() + matrix.size()}};
}

Operator inverse_operator() {
    Random random(11);
    return make_operator(
        "wy_inverse", "A = (I + T)^-1, Eqs. 21 and 28", {{"T", random_uniform({23, 23}, random, -0.3, 0.3)}}, {"A"},
        [](const auto& x) { return std::vector{tensor_of(wy_inverse(matrix_of(x[0])))}; },
        [](const Tensors<double>& x, const Tensors<double>& dy) {
            return Tensors<double>{tensor_of(wy_inverse_backward(wy_inverse(matrix_of(x[0])), matrix_of(dy[0])))};
        });
}

/// A sequence that only has what decayed_products reads; e is given apart.
template <class Scalar>
Sequence<Scalar> keys_only(const Matrix<Scalar>& q, const Matrix<Scalar>& k, const Matrix<Scalar>& g) {
    return {rows_of(q), rows_of(k), rows_of(g), rows_of(k), rows_of(k), rows_of(k), Scalar(1)};
}

Operator products_operator() {
    Random random(12);
    const Shape keys{75, 4};
    std::vector<Input> inputs{{"q", random_normal(keys, random)},
                              {"k", random_normal(keys, random)},
                              {"e", random_normal(keys, random)},
                              {"g", random_uniform(keys, random, -0.5, 0)}};
    return make_operator(
        "decayed_products", "T and A_qk with their decays, Eqs. 21 and 25", inputs, {"T", "A_qk"},
        [](const auto& x) {
            const auto q = matrix_of(x[0]), k = matrix_of(x[1]), g = matrix_of(x[3]);
            const auto products = decayed_products(keys_only(q, k, g), matrix_of(x[2]));
            return std::vector{tensor_of(products.T), tensor_of(products.A_qk)};
        },
        [](const Tensors<double>& x, const Tensors<double>& dy) {
            const auto q = matrix_of(x[0]), k = matrix_of(x[1]), g = matrix_of(x[3]);
            const auto d = decayed_products_backward(keys_only(q, k, g), matrix_of(x[2]), matrix_of(dy[0]),
                                                     matrix_of(dy[1]));
            return Tensors<double>{tensor_of(d.dq), tensor_of(d.dk), tensor_of(d.de), tensor_of(d.dg)};
        });
}

Operator decays_operator() {
    Random random(13);
    return make_operator(
        "decays", "decay from the start and to the end, Eqs. 18, 23 and 82",
        {{"g", random_uniform({9, 4}, random, -0.5, 0)}}, {"from_start", "to_end"},
        [](const auto& x) {
            const auto g = matrix_of(x[0]);
            return std::vector{tensor_of(decay_from_start(rows_of(g))), tensor_of(decay_to_end(rows_of(g)))};
        },
        [](const Tensors<double>& x, const Tensors<double>& dy) {
            const Matrix<double> g = matrix_of(x[0]);
            Matrix<double> dg = Matrix<double>::Zero(g.rows(), g.cols());
            decay_from_start_backward<double>(
                decay_from_start(rows_of(g)).cwiseProduct(matrix_of(dy[0])), dg);
            decay_to_end_backward<double>(decay_to_end(rows_of(g)).cwiseProduct(matrix_of(dy[1])), dg);
            return Tensors<double>{tensor_of(dg)};
        });
}

/// The token of a problem of one token and one head; S_before is input 6 of the point below.
template <class Scalar>
Token<Scalar> only_token(const Tensors<Scalar>& x) {
    const auto vector = [](const Tensor<Scalar>& t) { return Eigen::Map<const Vector<Scalar>>(t.data(), t.size()); };
    return {vector(x[0]), vector(x[1]), vector(x[2]), vector(x[3]), vector(x[4]), vector(x[5]), 0};
}

Operator fast_weight_operator() {
    Random random(14);
    const Tensor<double> keys = random_uniform({4, 5}, random, -0.5, 0), values = random_normal({2, 3}, random);
    const auto part = [](const Tensor<double>& rows, Index i) {
        const Index n = rows.shape()[1];
        return Tensor<double>({n}, {rows.data() + i * n, rows.data() + (i + 1) * n});
    };
    const Tensors<double> token{part(keys, 0), part(keys, 1), part(keys, 2), part(keys, 3),
                                part(values, 0), part(values, 1), random_normal({5, 3}, random)};
    return make_operator(
        "fast_weight", "the loss whose minimiser is the edit, Eqs. 13-15", {{"S", random_normal({5, 3}, random)}},
        {"L"},
        [token]<class Scalar>(const Tensors<Scalar>& x) {
            Tensors<Scalar> at;
            for (const Tensor<double>& t : token) at.push_back(cast<Scalar>(t));
            return Tensors<Scalar>{
                Tensor<Scalar>(Shape{1}, fast_weight_loss(only_token(at), matrix_of(at[6]), matrix_of(x[0])))};
        },
        [token](const Tensors<double>& x, const Tensors<double>& dy) {
            const Matrix<double> dS = fast_weight_gradient(only_token(token), matrix_of(token[6]), matrix_of(x[0]));
            return Tensors<double>{tensor_of<double>(dy[0][0] * dS)};
        });
}

}  // namespace

std::vector<Operator> operators() {
    return {path_operator("recurrent", "token by token, Eqs. 8-10", Path::recurrent),
            path_operator("chunk", "chunkwise in WY form, adjoint in Appendix B's order", Path::chunk),
            path_operator("residual_form", "chunkwise in R form, adjoint by one solve", Path::residual),
            tied_operator(),
            decays_operator(),
            products_operator(),
            inverse_operator(),
            fast_weight_operator()};
}

}  // namespace gdn2
