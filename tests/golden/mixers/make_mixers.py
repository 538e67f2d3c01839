#!/usr/bin/env python3
"""Layers of Mamba-2, Mamba-3 (SISO and MIMO) and softmax attention, with inputs, outputs and gradients, in numpy alone.

Written from the papers' equations, token by token, and shares nothing with this project. Gradients are complex steps:
the imaginary part of f(x + 1e-30 i) over 1e-30 is the derivative to the last digit.

    python3 make_mixers.py        # writes NAME.npz beside itself: x dy y dx, p_NAME and d_NAME of every parameter

Held to it: tests/reference/layers/golden_mixers_test.cpp
"""
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
D, H, T = 5, 2, 9  # d_model, heads, tokens of each of two sequences


def silu(x):
    return x / (1 + np.exp(-x))


def softplus(x):
    return np.log(1 + np.exp(x))


def rms(x, weight):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * weight


def conv(x, weight, bias=0):
    """Causal and depthwise: weight [C, 1, W] with the current token under its last tap."""
    width = weight.shape[-1]
    padded = np.concatenate([np.zeros((width - 1, x.shape[1]), x.dtype), x])
    return sum(padded[j : j + T] * weight[:, 0, j] for j in range(width)) + bias


def parts(x, sizes):
    return np.split(x, np.cumsum(sizes)[:-1], axis=-1)


def mamba2(case, p, x):
    """S = exp(dt A) S + dt B v^T,  u = S^T C + D v,  y = RMSNorm(u silu(z)) W."""
    N, P = case["key_dim"], case["value_dim"]
    z, vBC, dt = parts(x @ p["in_proj.weight"].T, [H * P, H * P + 2 * N, H])
    v, B, C = parts(silu(conv(vBC, p["conv1d.weight"], p["conv1d.bias"])), [H * P, N, N])
    v, dt, A = v.reshape(T, H, P), softplus(dt + p["dt_bias"]), -np.exp(p["A_log"])
    u = np.zeros((T, H, P), np.result_type(x, *p.values()))
    for h in range(H):
        S = 0
        for t in range(T):
            S = np.exp(dt[t, h] * A[h]) * S + dt[t, h] * np.outer(B[t], v[t, h])
            u[t, h] = S.T @ C[t] + p["D"][h] * v[t, h]
    return rms(u.reshape(T, H * P) * silu(z), p["norm.weight"]) @ p["out_proj.weight"].T


def turned(y, theta):
    """Pairs of neighbouring channels by their angle; channels that are left over stay."""
    y = y.astype(np.result_type(y, theta))
    for i, angle in enumerate(theta):
        a, b = y[..., 2 * i].copy(), y[..., 2 * i + 1].copy()
        y[..., 2 * i] = a * np.cos(angle) - b * np.sin(angle)
        y[..., 2 * i + 1] = a * np.sin(angle) + b * np.cos(angle)
    return y


def mamba3(case, p, x):
    """S = alpha S + (1 - lam) dt alpha sum k' v'^T + lam dt sum k v^T of the token before and this one."""
    N, P, R, angles = case["key_dim"], case["value_dim"], case.get("rank", 1), case["angles"]
    z, v, B, C, dt, a, trap, turn = parts(
        x @ p["in_proj.weight"].T, [H * P, H * P, R * N, R * N, H, H, H, angles])
    z, v = z.reshape(T, H, P), v.reshape(T, H, P)
    B = rms(B.reshape(T, 1, R, N), p["B_norm.weight"]) + p["B_bias"].reshape(H, R, N)
    C = rms(C.reshape(T, 1, R, N), p["C_norm.weight"]) + p["C_bias"].reshape(H, R, N)
    dt, lam, A = softplus(dt + p["dt_bias"]), 1 / (1 + np.exp(-trap)), -softplus(a)
    A = np.where(A.real > -1e-4, -1e-4, A)
    up, gate, down = (p.get("mimo_" + name, np.ones((H, R, P))).reshape(H, R, P) for name in "xzo")
    y = np.zeros((T, H, P), np.result_type(x, *p.values()))
    for h in range(H):
        S, k, before, theta = 0, np.zeros((R, N)), np.zeros((R, P)), np.zeros(angles)
        for t in range(T):
            alpha, theta = np.exp(dt[t, h] * A[t, h]), theta + dt[t, h] * np.pi * np.tanh(turn[t])
            S = alpha * S + (1 - lam[t, h]) * dt[t, h] * alpha * (k.T @ before)
            k, q, before = turned(B[t, h], theta), turned(C[t, h], theta), up[h] * v[t, h]
            S = S + lam[t, h] * dt[t, h] * (k.T @ before)
            y[t, h] = (down[h] * (q @ S + p["D"][h] * before) * silu(gate[h] * z[t, h])).sum(0)
    return y.reshape(T, H * P) @ p["out_proj.weight"].T


def attention(case, p, x):
    """softmax over s in (t - window, t] of q_t . k_s / sqrt(key_dim), q and k turned by their positions."""
    K, V, window = case["key_dim"], case["value_dim"], case.get("window", T)

    def branch(name, dim):
        u = x @ p[name + "_proj.weight"].T
        if name + "_conv1d.weight" in p:
            u = conv(u, p[name + "_conv1d.weight"])
        return u.reshape(T, H, dim)

    def rope(u):
        angle = np.arange(T)[:, None, None] * 10000.0 ** (-2 * np.arange(K // 2) / K)
        a, b = u[..., : K // 2], u[..., K // 2 :]
        return np.concatenate([a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)], -1)

    q, k, v = rope(branch("q", K)), rope(branch("k", K)), branch("v", V)
    o = np.zeros((T, H, V), np.result_type(q, k, v))
    for t in range(T):
        for h in range(H):
            seen = slice(max(0, t - window + 1), t + 1)
            weights = np.exp(k[seen, h] @ q[t, h] / np.sqrt(K))
            o[t, h] = weights @ v[seen, h] / weights.sum()
    return o.reshape(T, H * V) @ p["o_proj.weight"].T


def parameters(case, rng):
    K, V, R = case["key_dim"], case["value_dim"], case.get("rank", 1)
    inner, rule = H * V, case["layer"]

    def matrix(*shape):
        return rng.normal(size=shape) * 0.6

    if rule is attention:
        p = {name + "_proj.weight": matrix(rows, D) for name, rows in (("q", H * K), ("k", H * K), ("v", inner))}
        if "window" not in case:
            p.update({name + "_conv1d.weight": matrix(p[name + "_proj.weight"].shape[0], 1, 4) for name in "qkv"})
        return {**p, "o_proj.weight": matrix(D, inner)}
    p = {"dt_bias": rng.normal(size=H), "D": rng.normal(size=H), "out_proj.weight": matrix(D, inner)}
    if rule is mamba2:
        channels = inner + 2 * K
        p.update({"in_proj.weight": matrix(2 * inner + 2 * K + H, D), "A_log": np.log(rng.uniform(0.1, 2, size=H))})
        p.update({"conv1d.weight": matrix(channels, 1, 4), "conv1d.bias": matrix(channels)})
        return {**p, "norm.weight": rng.uniform(0.5, 1.5, size=inner)}
    p["in_proj.weight"] = matrix(2 * inner + 2 * R * K + 3 * H + case["angles"], D)
    p["in_proj.weight"][2 * inner + 2 * R * K + H] *= 20  # A of the first head reaches its bound in places
    for name in "BC":
        p.update({name + "_norm.weight": rng.uniform(0.5, 1.5, size=K), name + "_bias": 1 + matrix(H, R, K)})
    if R > 1:
        p.update({"mimo_" + name: rng.uniform(0.2, 1.2, size=(H, R, V)) for name in "xzo"})
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
    x, dy = rng.normal(size=(2, T, D)), rng.normal(size=(2, T, D))

    def loss(p, x):
        return sum((case["layer"](case, p, x[s]) * dy[s]).sum() for s in range(2))

    out = {"x": x, "dy": dy, "y": np.stack([case["layer"](case, p, x[s]) for s in range(2)])}
    out["dx"] = derivative(lambda moved: loss(p, moved), x)
    for key in p:
        out["p_" + key] = p[key]
        out["d_" + key] = derivative(lambda moved, key=key: loss({**p, key: moved}, x), p[key])
    np.savez_compressed(os.path.join(HERE, name + ".npz"), **out)


if __name__ == "__main__":
    make("mamba2", {"layer": mamba2, "key_dim": 4, "value_dim": 3}, 1)
    make("mamba3", {"layer": mamba3, "key_dim": 10, "value_dim": 3, "angles": 2}, 2)  # half of 10, rounded down to pairs
    make("mamba3_mimo", {"layer": mamba3, "key_dim": 4, "value_dim": 3, "rank": 3, "angles": 1}, 3)
    make("attention", {"layer": attention, "key_dim": 4, "value_dim": 3}, 4)
    make("attention_window", {"layer": attention, "key_dim": 4, "value_dim": 3, "window": 4}, 5)
