"""Random problems, and what the rule gives for them in float64, token by token."""
import torch
import torch.nn.functional as F

NAMES = ("q", "k", "v", "g", "b", "w")
LOWER_BOUND, NORM_EPSILON = -5.0, 1e-6  # of the gate and the norms that kernels compute


def random_problem(shape, dtype, seed=0, kind="mild"):
    """q and k of unit length, gates behind their sigmoids, g in float and above -5 unless `kind` says otherwise."""
    generator = torch.Generator("cuda").manual_seed(seed)

    def normal(*size):
        return torch.randn(*size, device="cuda", generator=generator)

    keys = (shape.batch, shape.length, shape.heads, shape.key_dim)
    values = (shape.batch, shape.length, shape.states, shape.value_dim)
    x = {"q": F.normalize(normal(*keys), dim=-1), "k": F.normalize(normal(*keys), dim=-1), "v": normal(*values),
         "b": torch.sigmoid(normal(*keys)), "w": torch.sigmoid(normal(*values)), "d_o": normal(*values)}
    g = -0.2 * torch.rand(keys, device="cuda", generator=generator)
    if kind == "fast":
        g = torch.full_like(g, -20.0)
    if kind == "mixed":
        g[..., ::4] = -20 - 10 * torch.rand(g[..., ::4].shape, device="cuda", generator=generator)
    if kind == "reflecting":
        x["b"] = 2 * x["b"]
        x["k"] = F.normalize(normal(1, 1, *keys[2:]) + 0.3 * normal(*keys), dim=-1)
        g = 0.1 * g
    if kind == "tied":  # one number a head in place of both gates: KDA
        beta = torch.sigmoid(normal(*keys[:3], 1))
        x |= {"b": beta.expand(keys).contiguous(), "w": beta.expand(values).contiguous()}
    if shape.inside:
        x |= {"q": normal(*keys), "k": normal(*keys)}
        g = normal(*keys) - 2
    x = {name: tensor.to(dtype) for name, tensor in x.items()}
    x["g"] = g
    if shape.inside:
        x |= {"A_log": 0.1 * normal(shape.heads), "dt_bias": 0.1 * normal(shape.heads, shape.key_dim)}
    if shape.lengths:
        starts = torch.tensor((0,) + shape.lengths).cumsum(0)
        assert starts[-1] == shape.length
        x["cu_seqlens"] = starts.cuda()
    return x


def repeat_heads(x, shape):
    """The same problem for who has no groups: key heads repeated."""
    group = shape.states // shape.heads
    if group == 1:
        return x
    return {name: t.repeat_interleave(group, 2).contiguous() if name in "qkgb" else t for name, t in x.items()}


def sum_groups(d, shape):
    """Gradients of repeated heads, summed into their key heads."""
    group = shape.states // shape.heads
    if group == 1:
        return d
    return {name: t.unflatten(2, (shape.heads, group)).float().sum(3) if name in "qkgb" else t
            for name, t in d.items()}


def recurrence(x, shape):
    """o and the gradients of <o, d_o>, in float64: Eqs. 8-10 as they stand."""
    leaves = {n: x[n].double().requires_grad_() for n in NAMES}
    y = dict(leaves)
    if shape.inside:
        y |= {n: y[n] * (y[n].square().sum(-1, keepdim=True) + NORM_EPSILON).rsqrt() for n in "qk"}
        y["g"] = LOWER_BOUND * torch.sigmoid(x["A_log"].double().exp()[:, None] * (y["g"] + x["dt_bias"].double()))
    y = repeat_heads(y, shape)
    starts = x["cu_seqlens"].tolist() if "cu_seqlens" in x else None
    outputs = []
    spans = zip(starts, starts[1:]) if starts else [(0, shape.length)]
    for first, last in spans:
        S = torch.zeros(shape.batch, shape.states, shape.key_dim, shape.value_dim, dtype=torch.float64, device="cuda")
        for t in range(first, last):
            q, k, v, g, b, w = (y[n][:, t] for n in NAMES)
            S = S * g.exp()[..., None]
            r = w * v - torch.einsum("bhk,bhkv->bhv", b * k, S)
            S = S + torch.einsum("bhk,bhv->bhkv", k, r)
            outputs.append(shape.key_dim ** -0.5 * torch.einsum("bhk,bhkv->bhv", q, S))
    o = torch.stack(outputs, 1)
    gradients = torch.autograd.grad(o, [leaves[n] for n in NAMES], x["d_o"].double())
    return {"o": o.detach(), **{"d" + n: d for n, d in zip(NAMES, gradients)}}


def relative(found, expected):
    """||found - expected|| / ||expected||; NaN stays NaN."""
    expected = expected.double()
    return float((found.double() - expected).norm() / expected.norm().clamp_min(1e-300))
