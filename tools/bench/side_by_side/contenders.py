"""Who is timed: gdn2, and FLA's kernels in each of their settings. Each is a class with `forward` and `backward` that
only enqueue, and `results` for the check."""
import torch

from problems import LOWER_BOUND, NAMES, repeat_heads, sum_groups


class Ours:
    """gdn2. `saved`: the forward pass keeps states and residuals for the backward pass."""

    def __init__(self, library, x, shape, saved=False, gradients=True):
        self.saved = saved
        inside = dict(decay="bounded", lower_bound=LOWER_BOUND, normalise=True) if shape.inside else {}
        self.call = library.call(x, gradients=gradients, **inside)

    def forward(self):
        self.call.forward_saving() if self.saved else self.call.forward()

    def backward(self):
        self.call.backward(self.saved)

    def results(self):
        self.forward()
        self.backward()
        return {"o": self.call.o, **{"d" + n: self.call.d[n] for n in NAMES}}


class Peer:
    """FLA's chunk_gdn2, or chunk_kda on one number a head in place of b and w. Key heads are repeated beforehand where
    the rule groups them: its kernels want as many of q, k, g and b as of v."""

    def __init__(self, x, shape, rule="gdn2", safe_gate=False, saved=False):
        self.shape = shape
        self.x = repeat_heads(x, shape)
        self.leaves = {n: self.x[n].detach().requires_grad_() for n in NAMES}
        self.options = dict(output_final_state=True, safe_gate=safe_gate, disable_recompute=saved,
                            cu_seqlens=x.get("cu_seqlens"))
        if shape.inside:
            self.options |= dict(use_qk_l2norm_in_kernel=True, use_gate_in_kernel=True, lower_bound=LOWER_BOUND,
                                 A_log=x["A_log"], dt_bias=x["dt_bias"].flatten())
        if rule == "kda":
            from fla.ops.kda import chunk_kda
            self.leaves["beta"] = self.x["b"].float().mean(-1).to(x["q"].dtype).requires_grad_()
            self.names, self.function = ("q", "k", "v", "g", "beta"), chunk_kda
        else:
            from fla.ops.gdn2 import chunk_gdn2
            self.names, self.function = NAMES, chunk_gdn2
        self.o = None

    def _call(self):
        return self.function(*[self.leaves[n] for n in self.names], **self.options)[0]

    def forward(self):
        with torch.no_grad():
            self._call()

    def keep(self):
        """A forward pass whose graph `backward` uses."""
        self.o = self._call()

    def backward(self):
        self.d = torch.autograd.grad(self.o, [self.leaves[n] for n in self.names], self.x["d_o"], retain_graph=True)

    def results(self):
        self.keep()
        self.backward()
        d = sum_groups(dict(zip(self.names, self.d)), self.shape)
        return {"o": self.o.detach(), **{"d" + n: t for n, t in d.items()}}


class OurDecode:
    """One token of every sequence, states in place."""

    def __init__(self, library, x, states):
        self.call, self.states = library.call(x, final_state=False), states

    def forward(self):
        self.call.decode(self.states)


class PeerDecode:
    """FLA's fused_recurrent_gdn2 on one token: states [value_dim, key_dim] in and out."""

    def __init__(self, x, states):
        from fla.ops.gdn2 import fused_recurrent_gdn2
        self.function, self.x, self.states = fused_recurrent_gdn2, x, states

    def forward(self):
        with torch.no_grad():
            self.o, self.final = self.function(*[self.x[n] for n in NAMES], initial_state=self.states,
                                               output_final_state=True, state_v_first=True)
