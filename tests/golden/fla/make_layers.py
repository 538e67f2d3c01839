#!/usr/bin/env python3
"""Layers as flash-linear-attention's modules export them, with inputs, outputs and gradients, in numpy alone.

Written from the published equations of Gated DeltaNet-2, Kimi Delta Attention and Gated DeltaNet, token by token, and
shares nothing with this project. Gradients are complex steps: the forward pass is analytic, so that the imaginary part
of f(x + 1e-30 i) over 1e-30 is the derivative to the last digit.

    python3 make_layers.py        # needs numpy and safetensors; writes NAME.safetensors and NAME.npz beside itself

Held to it: tests/reference/model/layer_file_test.cpp
"""
import os

import numpy as np
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def silu(x):
    return x * sigmoid(x)


def softplus(x):
    return np.log(1 + np.exp(x))


def unit(x):
    return x / np.sqrt((x * x).sum(-1, keepdims=True) + 1e-6)


def conv(x, weight, bias):
    """Causal and depthwise: x [T, C], weight [C, 1, W] with the current token under its last tap."""
    if weight is None:
        return x
    length, width = x.shape[0], weight.shape[2]
    padded = np.concatenate([np.zeros((width - 1, x.shape[1]), x.dtype), x])
    y = sum(padded[j : j + length] * weight[:, 0, j] for j in range(width))
    return y if bias is None else y + bias


def project(p, name, x):
    """Full rank, or two maps of a sequence of which the second may have a bias."""
    if name + ".weight" in p:
        return x @ p[name + ".weight"].T
    y = x @ p[name + ".0.weight"].T @ p[name + ".1.weight"].T
    return y + p[name + ".1.bias"] if name + ".1.bias" in p else y


def layer(case, p, x):
    """y [T, d_model] of one sequence x [T, d_model]."""
    H, HV, K, V = case["heads"], case["value_heads"], case["key_dim"], case["value_dim"]
    group, T = HV // H, x.shape[0]

    def branch(name):
        u = conv(x @ p[name + "_proj.weight"].T, p.get(name + "_conv1d.weight"), p.get(name + "_conv1d.bias"))
        return silu(u)

    q, k = unit(branch("q").reshape(T, H, K)) / np.sqrt(K), unit(branch("k").reshape(T, H, K))
    v = branch("v").reshape(T, HV, V)
    most = 2.0 if case.get("negative_eigenvalues") else 1.0

    if case["rule"] == "gated_deltanet":  # decay and beta of value heads
        g = -np.exp(p["A_log"]) * softplus(project(p, "a_proj", x) + p["dt_bias"])
        g = np.repeat(g[:, :, None], K, axis=2)
        beta = most * sigmoid(project(p, "b_proj", x))
        b, w = np.repeat(beta[:, :, None], K, axis=2), np.repeat(beta[:, :, None], V, axis=2)
    else:
        heads = HV if case["rule"] == "kda" else H  # that decay and erase gate belong to
        f = (project(p, "f_proj", x) + p["dt_bias"]).reshape(T, heads, K)
        A = np.exp(p["A_log"].reshape(heads, 1))
        g = case["lower_bound"] * sigmoid(A * f) if "lower_bound" in case else -A * softplus(f)
        if case["rule"] == "kda":
            beta = most * sigmoid(project(p, "b_proj", x))
            b, w = np.repeat(beta[:, :, None], K, axis=2), np.repeat(beta[:, :, None], V, axis=2)
        else:
            b = most * sigmoid(project(p, "b_proj", x)).reshape(T, H, K)
            w = sigmoid(project(p, "w_proj", x)).reshape(T, HV, V)
            g, b = np.repeat(g, group, axis=1), np.repeat(b, group, axis=1)
    q, k = np.repeat(q, group, axis=1), np.repeat(k, group, axis=1)

    number = np.result_type(x, *p.values())
    o = np.zeros((T, HV, V), number)
    for h in range(HV):
        S = np.zeros((K, V), number)
        for t in range(T):
            S = np.exp(g[t, h])[:, None] * S
            read = S.T @ (b[t, h] * k[t, h])
            S = S + np.outer(k[t, h], w[t, h] * v[t, h] - read)
            o[t, h] = S.T @ q[t, h]

    o = o / np.sqrt((o * o).mean(-1, keepdims=True) + 1e-5) * p["o_norm.weight"]
    if "g_proj.weight" in p:
        o = o * silu(project(p, "g_proj", x)).reshape(T, HV, V)
    elif "g_proj.0.weight" in p:
        o = o * sigmoid(project(p, "g_proj", x)).reshape(T, HV, V)
    return o.reshape(T, HV * V) @ p["o_proj.weight"].T


def parameters(case, rng):
    D, H, HV, K, V = case["d_model"], case["heads"], case["value_heads"], case["key_dim"], case["value_dim"]
    keys, values, width = H * K, HV * V, case.get("conv", 4)

    def matrix(*shape):
        return rng.normal(size=shape) * 0.6

    p = {"q_proj.weight": matrix(keys, D), "k_proj.weight": matrix(keys, D), "v_proj.weight": matrix(values, D)}
    for name, channels in (("q", keys), ("k", keys), ("v", values)):
        if width:
            p[name + "_conv1d.weight"] = matrix(channels, 1, width)
        if case.get("conv_bias"):
            p[name + "_conv1d.bias"] = matrix(channels)
    if case["rule"] == "gated_deltanet":
        p.update({"a_proj.weight": matrix(HV, D), "b_proj.weight": matrix(HV, D), "dt_bias": rng.normal(size=HV)})
        p["A_log"] = np.log(rng.uniform(0.1, 2, size=HV))
        if case.get("gate", True):
            p["g_proj.weight"] = matrix(values, D)
    else:
        heads = HV if case["rule"] == "kda" else H
        p.update({"f_proj.0.weight": matrix(V, D), "f_proj.1.weight": matrix(heads * K, V)})
        p["dt_bias"] = rng.normal(size=heads * K)
        shape = (1, 1, heads, 1) if case.get("old_A_log") else (heads,)
        p["A_log"] = np.log(rng.uniform(0.1, 2, size=shape))
        p["b_proj.weight"] = matrix(heads if case["rule"] == "kda" else keys, D)
        if case["rule"] == "gdn2":
            p["w_proj.weight"] = matrix(values, D)
        p.update({"g_proj.0.weight": matrix(V, D), "g_proj.1.weight": matrix(values, V)})
        p["g_proj.1.bias"] = matrix(values)
    p.update({"o_norm.weight": rng.uniform(0.5, 1.5, size=V), "o_proj.weight": matrix(D, values)})
    return p


def derivative(f, x):
    """The gradient of f at x, a complex step for each element."""
    d = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        moved = x.astype(complex)
        moved[i] += 1e-30j
        d[i] = f(moved).imag / 1e-30
    return d


def make(name, case, seed):
    rng = np.random.default_rng(seed)
    p = parameters(case, rng)
    x, dy = rng.normal(size=(2, 7, case["d_model"])), rng.normal(size=(2, 7, case["d_model"]))

    def loss(p, x):
        return sum((layer(case, p, x[s]) * dy[s]).sum() for s in range(2))

    out = {"x": x, "dy": dy, "y": np.stack([layer(case, p, x[s]) for s in range(2)])}
    out["dx"] = derivative(lambda moved: loss(p, moved), x)
    for key in p:
        out["d_" + key] = derivative(lambda moved, key=key: loss({**p, key: moved}, x), p[key])
    prefix = case.get("prefix", "")
    save_file({prefix + key: value for key, value in p.items()}, os.path.join(HERE, name + ".safetensors"))
    np.savez_compressed(os.path.join(HERE, name + ".npz"), **out)


def sizes(heads, value_heads, key_dim, value_dim):
    return {"d_model": 5, "heads": heads, "value_heads": value_heads, "key_dim": key_dim, "value_dim": value_dim}


if __name__ == "__main__":
    make("gdn2", {"rule": "gdn2", **sizes(2, 2, 3, 3), "prefix": "model.layers.0.attn."}, 1)
    make("gdn2_safe_grouped", {"rule": "gdn2", **sizes(1, 2, 4, 2), "lower_bound": -5.0, "negative_eigenvalues": True,
                               "conv_bias": True}, 2)
    make("kda", {"rule": "kda", **sizes(2, 2, 3, 4), "old_A_log": True}, 3)
    make("kda_grouped", {"rule": "kda", **sizes(1, 2, 3, 2), "lower_bound": -4.0, "negative_eigenvalues": True,
                         "conv": 0}, 4)
    make("gated_deltanet", {"rule": "gated_deltanet", **sizes(2, 2, 2, 4)}, 5)
    make("gated_deltanet_grouped", {"rule": "gated_deltanet", **sizes(1, 2, 3, 2), "gate": False,
                                    "negative_eigenvalues": True}, 6)
