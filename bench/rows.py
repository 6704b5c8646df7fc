"""Rows of figures: a dict each, of keys that say what it is of (IDENTITY) and of what was measured (all others)."""
import json

IDENTITY = ("bench", "name", "unit", "rtt", "calls", "at", "profile", "cipher", "payload_bytes", "cache", "way", "batch",
            "operation", "frame", "source", "stage")
BESIDE = ("goal", "packets", "frames", "samples", "at_most_tried", "libsrtp_ns")  # how many, or another row's: no figures


def row(bench, name, unit, value, **more):
    """`value` None: there was nothing to measure."""
    return {"bench": bench, "name": name, "unit": unit, "value": value if value is None else round(value, 4), **more}


def pick(rows, key, **wanted):
    return next((line[key] for line in rows if key in line and all(line.get(k) == v for k, v in wanted.items())), None)


def show(header, table):
    table = [header] + [tuple("-" if cell is None else str(cell) for cell in cells) for cells in table]
    widths = [max(len(cells[i]) for cells in table) for i in range(len(header))]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())


def show_rows(rows):
    """A table for each set of keys."""
    kinds = {}
    for line in rows:
        keys = tuple(key for key in line if key != "bench")
        kinds.setdefault(keys, []).append(line)
    for keys, same in kinds.items():
        print()
        show(keys, [[line[key] for key in keys] for line in same])


def name(line):
    return " ".join(str(line[key]) for key in IDENTITY if key in line)


def figures(line):
    return {key: value for key, value in line.items()
            if key not in IDENTITY + BESIDE and isinstance(value, (int, float))}


def compare(rows, path):
    """What is in both: the row's name, the figure's, what it was, what it is, and the ratio (None: it was 0)."""
    with open(path) as earlier:
        before = {name(line): line for line in map(json.loads, earlier)}
    for line in rows:
        for key, now in figures(line).items():
            was = before.get(name(line), {}).get(key)
            if isinstance(was, (int, float)) and (was or now):
                yield {"row": name(line), "figure": key, "before": was, "now": now,
                       "ratio": round(now / was, 2) if was else None}
