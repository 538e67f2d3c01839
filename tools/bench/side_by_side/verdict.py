"""Whether gdn2 was right in a result of side_by_side.py. A peer's errors are reported and judged by nobody."""

# Relative to the float64 recurrence, of o and every gradient: above the worst seen, far below what a bug does. The
# finer limits are those of the tests (reference/check/tolerances.h).
LIMITS = {"float32": 1e-4, "bfloat16": 3e-2, "float16": 4e-3}
# db follows what is left of the state after a decay of exp(-20), 2e-9; f16 holds nothing below 6e-8.
LOST = {("float16", "fast", "db")}
TENSORS = ("o", "dq", "dk", "dv", "dg", "db", "dw")


def complaints(result):
    """A line for everything of gdn2's that is missing, off, not finite or not repeated to the bit."""
    lines = []
    for row in result.get("check", []):
        if not row["name"].startswith("gdn2"):
            continue
        label = f"{row['name']} {row['dtype']} {row['kind']} {row['shape']}"
        if "failed" in row:
            lines.append(f"{label}: {row['failed']}")
        lines += [f"{label}: {n} is {row[n]:.1e} off, at most {LIMITS[row['dtype']]:.0e}"
                  for n in TENSORS if n in row and not row[n] <= LIMITS[row["dtype"]] and
                  (row["dtype"], row["kind"], n) not in LOST]
        lines += [f"{label}: no {n}" for n in TENSORS if n not in row and "failed" not in row]
    lines += [f"gdn2 {row['dtype']} {row['shape']}: {row['same']} of {row['runs']} runs had the bits of the first"
              for row in result.get("repeat", []) if row["same"] != row["runs"]]
    for times in result.get("times", []) + result.get("decode", []):
        rows = sum((times.get(part) or [] for part in ("forward", "backward", "decode")), [])
        lines += [f"{row['name']}: {row['failed']}" for row in rows if "failed" in row and row["name"][:4] == "gdn2"]
    return lines
