"""Sizes of problems, with the bytes and products that each must cost."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    batch: int
    length: int
    heads: int
    key_dim: int = 128
    value_dim: int = 128
    value_heads: int = 0          # 0: as many as heads
    lengths: tuple = ()           # packed: of each sequence, `length` in all
    inside: bool = False          # kernels normalise q and k and make the log-decay from g, A_log and dt_bias

    @property
    def states(self):
        return self.value_heads or self.heads

    def __str__(self):
        heads = f"{self.heads}" if self.states == self.heads else f"{self.heads}/{self.states}"
        packed = f" in {len(self.lengths)}" if self.lengths else ""
        inside = " inside" if self.inside else ""
        return f"{self.batch} x {self.length}{packed} x {heads} x {self.key_dim} x {self.value_dim}{inside}"

    def forward_bytes(self, element):
        """Every input read once (g in float), o written once."""
        keys, values = self.heads * self.key_dim, self.states * self.value_dim
        return self.batch * self.length * (keys * (3 * element + 4) + values * 3 * element)

    def backward_bytes(self, element):
        """Every input and d_o read once, every gradient written once."""
        keys, values = self.heads * self.key_dim, self.states * self.value_dim
        return self.batch * self.length * (keys * (6 * element + 8) + values * 5 * element)

    def forward_flops(self):
        """Products of a chunk of 64: T and A_qk of a key head; X, O and S by K, A X and A_qk R of a value head."""
        chunks = self.batch * self.length / 64
        return chunks * (self.heads * 2 * 2 * 64 ** 2 * self.key_dim +
                         self.states * 2 * (3 * 64 * self.key_dim + 2 * 64 ** 2) * self.value_dim)

    def backward_flops(self):
        """Of saving scan, reverse scan and gradients: docs/kernels.md, "Backward"."""
        chunks = self.batch * self.length / 64
        product, square = 64 * self.key_dim * self.value_dim, 64 ** 2
        return chunks * 2 * (self.states * ((2 + 3 + 3) * product + (1 + 2 + 2) * square * self.value_dim) +
                             self.heads * (2 + 4) * square * self.key_dim)


# Kinds: problems.py.
CHECKED = [("mild", Shape(1, 256, 64)), ("fast", Shape(1, 200, 64)), ("mixed", Shape(1, 200, 64)),
           ("reflecting", Shape(1, 256, 64)), ("tied", Shape(1, 256, 64)),
           ("mild", Shape(1, 1024, 2)), ("mild", Shape(1, 500, 2, 64, 64)), ("mild", Shape(1, 256, 2, 128, 256)),
           ("mild", Shape(1, 256, 2, 256, 256)), ("mild", Shape(1, 300, 2, lengths=(1, 63, 64, 65, 107))),
           ("mild", Shape(1, 256, 2, value_heads=4)), ("mild", Shape(1, 256, 64, inside=True))]
TIMED = [Shape(1, 8192, 64), Shape(8, 2048, 16), Shape(1, 8192, 16), Shape(1, 32768, 16), Shape(1, 1024, 64),
         Shape(4, 4096, 16), Shape(2, 8192, 64), Shape(1, 8192, 96), Shape(1, 8192, 16, value_heads=64),
         Shape(1, 8192, 64, lengths=(1300, 547, 2048, 963, 271, 3063)), Shape(1, 8192, 64, lengths=(1024,) * 8),
         Shape(1, 8192, 64, inside=True), Shape(1, 8192, 64, 64, 64), Shape(1, 8192, 32, 128, 256),
         Shape(1, 8192, 32, 256, 256)]
