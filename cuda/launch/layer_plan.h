// The launches that a layer around the rule is made of, with their grids: the same for both back ends. Parameters are
// as layer_params.h says; what is found out here is named at each function. Every function throws Error where sizes or
// pointers do not fit.
//   source  docs/kernels.md     tests  tests/cuda/launch/layer_plan_test.cpp
#pragma once

#include "cuda/api/options.h"
#include "cuda/launch/kernels.h"

namespace gdn2::cuda {

/// The three products of a linear layer: layer_params.h.
enum class ProductKind { linear, input_gradient, weight_gradient };

/// A_units and B_units are found out here.
KernelCall make_product_call(ProductKind kind, Precision precision, const ProductParams& params);

/// In how many splits a weight gradient [out, in] is cut: by its sizes alone, so that its bits do not depend on the
/// card. Each has at least 512 tokens.
int weight_gradient_splits(std::int64_t tokens, int out, int in);

/// `precision`: of x.
KernelCall make_row_sum_call(Precision precision, const RowSumParams& params);

KernelCall make_logit_gradient_call(Precision precision, const LogitGradientParams& params);

/// `tokens`: of the whole batch.
KernelCall make_conv_call(Precision precision, const ConvParams& params, std::int64_t tokens);
KernelCall make_conv_gradient_call(Precision precision, const ConvGradientParams& params, std::int64_t tokens);

KernelCall make_norm_call(Precision precision, const NormParams& params);
KernelCall make_norm_gradient_call(Precision precision, const NormGradientParams& params);

/// Rows of the partial sums that make_norm_gradient_call's kernel leaves.
std::int64_t norm_gradient_blocks(std::int64_t rows);

}  // namespace gdn2::cuda
