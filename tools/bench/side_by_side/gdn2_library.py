"""gdn2's kernels on PyTorch's tensors: flat_api.h through ctypes."""
import ctypes
from ctypes import POINTER, Structure, byref, c_float, c_int, c_int32, c_int64, c_void_p

import torch

PRECISION = {torch.float32: 0, torch.bfloat16: 1, torch.float16: 2}
DECAY = {"log": 0, "softplus": 1, "bounded": 2}


class Problem(Structure):
    """Gdn2Problem, field by field."""
    _fields_ = ([(n, c_int64) for n in ("batch", "length", "sequences")] +
                [(n, c_int32) for n in ("heads", "value_heads", "key_dim", "value_dim", "precision", "decay",
                                        "normalise", "value_first")] +
                [(n, c_float) for n in ("scale", "lower_bound")] +
                [(n, c_void_p) for n in ("q", "k", "v", "g", "b", "w", "cu_seqlens", "A_log", "dt_bias",
                                         "initial_state", "o", "final_state")])


class Gradients(Structure):
    """Gdn2Gradients, field by field."""
    _fields_ = ([(n, c_void_p) for n in ("d_o", "d_final_state", "d_q", "d_k", "d_v", "d_g", "d_b", "d_w",
                                         "d_initial_state", "d_gate")] + [("saved", c_int32)])


def pointer(tensor):
    assert tensor is None or tensor.is_contiguous()
    return None if tensor is None else tensor.data_ptr()


class Call:
    """One problem with outputs and workspaces of its own, to be enqueued as often as wanted.

    `x`: a dict with q k g b [batch, length, heads, key_dim] and v w [batch, length, value_heads, value_dim], and as
    wanted cu_seqlens (int64), initial_state, A_log, dt_bias, and d_o for `backward`.
    """

    def __init__(self, library, x, scale=None, decay="log", lower_bound=-5.0, normalise=False, gradients=False,
                 final_state=True, value_first=False):
        self.kernels, self.x = library, x
        q, v = x["q"], x["v"]
        batch, length, heads, key_dim = q.shape
        value_heads, value_dim = v.shape[2:]
        cu_seqlens = x.get("cu_seqlens")
        sequences = batch if cu_seqlens is None else len(cu_seqlens) - 1
        self.o = torch.full_like(v, float("nan"))
        state = (sequences, value_heads, value_dim, key_dim) if value_first else \
            (sequences, value_heads, key_dim, value_dim)
        self.final_state = torch.empty(state, device=q.device) if final_state else None
        self.problem = Problem(batch, length, 0 if cu_seqlens is None else sequences, heads, value_heads, key_dim,
                               value_dim, PRECISION[q.dtype], DECAY[decay], int(normalise), int(value_first),
                               key_dim ** -0.5 if scale is None else scale, lower_bound,
                               *[pointer(x[n]) for n in ("q", "k", "v", "g", "b", "w")],
                               *[pointer(x.get(n)) for n in ("cu_seqlens", "A_log", "dt_bias", "initial_state")],
                               pointer(self.o), pointer(self.final_state))
        size = library.lib.gdn2_forward_workspace(byref(self.problem))
        if gradients:
            self.d = {n: torch.full_like(x[n], float("nan")) for n in ("q", "k", "v", "g", "b", "w")}
            size = max(size, library.lib.gdn2_backward_workspace(byref(self.problem)))
            self.d_gate = torch.empty(heads * (key_dim + 1), device=q.device) if "A_log" in x else None
        self.workspace = self._empty(size)

    def _empty(self, size):
        if size < 0:
            raise RuntimeError(self.kernels.error())
        return torch.empty(max(size, 16), dtype=torch.uint8, device=self.o.device)

    def _stream(self):
        return torch.cuda.current_stream().cuda_stream

    def forward(self):
        self.kernels.check(self.kernels.lib.gdn2_forward(byref(self.problem), pointer(self.workspace),
                                                         self._stream()))

    def forward_saving(self):
        self.kernels.check(self.kernels.lib.gdn2_forward_saving(byref(self.problem), pointer(self.workspace),
                                                                self._stream()))

    def backward(self, saved=False):
        d = Gradients(pointer(self.x["d_o"]), None, *[pointer(self.d[n]) for n in ("q", "k", "v", "g", "b", "w")],
                      None, pointer(self.d_gate), int(saved))
        self.kernels.check(self.kernels.lib.gdn2_backward(byref(self.problem), byref(d), pointer(self.workspace),
                                                          self._stream()))

    def decode(self, states):
        self.kernels.check(self.kernels.lib.gdn2_decode(byref(self.problem), pointer(states),
                                                        int(states.dtype == torch.bfloat16), self._stream()))


class Library:
    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        self.lib.gdn2_error.restype = ctypes.c_char_p
        problem, gradients = POINTER(Problem), POINTER(Gradients)
        for name in ("gdn2_forward_workspace", "gdn2_backward_workspace"):
            getattr(self.lib, name).restype = c_int64
            getattr(self.lib, name).argtypes = [problem]
        self.lib.gdn2_forward.argtypes = self.lib.gdn2_forward_saving.argtypes = [problem, c_void_p, c_void_p]
        self.lib.gdn2_backward.argtypes = [problem, gradients, c_void_p, c_void_p]
        self.lib.gdn2_decode.argtypes = [problem, c_void_p, c_int, c_void_p]

    def error(self):
        return self.lib.gdn2_error().decode()

    def check(self, status):
        if status:
            raise RuntimeError(self.error())

    def call(self, x, **options):
        return Call(self, x, **options)
