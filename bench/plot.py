"""A picture of a part as SVG: a panel for each axis and unit, of curves or, where there is no axis, of bars."""
import html
import os

AXES = {"payload_bytes": "bytes of payload", "rtt": "ms of round trip", "calls": "calls", "at": "seconds"}
UNITS = {"median_ns": "ns a packet, medians", "median_us": "us a frame, medians", "share": "share of the mean of all"}
KINDS = {"cipher": "SRTP", "way": "sockets", "frame": "media session"}  # of packet's rows
COLOURS = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#57606a", "#cf222e")
LEFT, WIDTH, HEIGHT, LINE = 60, 800, 200, 16  # of the axes, and of a line of text
BARS = 420  # where bars begin


def label(line):
    """What a row is of, without what the panel says."""
    words = [line[key] for key in ("name", "cipher", "way", "operation", "frame", "source", "stage") if key in line]
    return ", ".join(words)


def drawn(line):
    """(what the panel is of, the unit, the value); cold caches and the other profile are left to the table."""
    if line.get("cache") == "cold" or line.get("profile") == "AEAD_AES_128_GCM":
        return
    kind = next((kind for key, kind in KINDS.items() if key in line), "")
    for key, unit in UNITS.items():
        if key in line and (key == "share") == (line.get("stage", "all") != "all"):
            yield kind, unit, line[key]
    if line.get("value") is not None:
        yield kind, line["unit"], line["value"]


def panels(rows):
    """{(kind, axis, unit): {label: [(x, y)]}}, all in the order of the rows; without an axis x is 0."""
    found = {}
    for line in rows:
        axis = next((key for key in AXES if key in line), None)
        for kind, unit, value in drawn(line):
            curves = found.setdefault((kind, axis, unit), {})
            curves.setdefault(label(line), []).append((line[axis] if axis else 0, value))
    return found


def text(x, y, words, more=""):
    return f'<text x="{x:g}" y="{y:g}"{more}>{html.escape(words)}</text>'


def number(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def style(i):
    dash = f' stroke-dasharray="{4 * (i // len(COLOURS))} 3"' if i >= len(COLOURS) else ""
    return f' fill="none" stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="1.5"{dash}'


def curve_panel(top, axis, unit, curves):
    """(elements, height)"""
    points = [point for curve in curves.values() for point in curve]
    right, most = max(x for x, _ in points) or 1, max(y for _, y in points) * 1.1 or 1
    first = top + (len(curves) + 1) // 2 * LINE + 8  # the legend is above
    bottom = first + HEIGHT
    out = [text(LEFT, bottom + 34, unit), text(LEFT + WIDTH, bottom + 34, AXES[axis], ' text-anchor="end"')]
    for i in range(5):
        y = bottom - i * HEIGHT / 4
        out += [f'<path d="M{LEFT} {y:g}h{WIDTH}" stroke="#d0d7de"/>',
                text(LEFT - 6, y + 4, number(most * i / 4), ' text-anchor="end"'),
                text(LEFT + i * WIDTH / 4, bottom + 18, number(right * i / 4), ' text-anchor="middle"')]
    for i, (name, curve) in enumerate(curves.items()):
        x, y = LEFT + i % 2 * WIDTH / 2, top + (i // 2 + 1) * LINE
        line = " L".join(f"{LEFT + x / right * WIDTH:.1f} {bottom - y / most * HEIGHT:.1f}" for x, y in sorted(curve))
        out += [f'<path d="M{line}"{style(i)}/><path d="M{x:g} {y - 4}h24"{style(i)}/>', text(x + 30, y, name)]
    return out, bottom + 60 - top


def bar_panel(top, unit, curves):
    most = max((value for curve in curves.values() for _, value in curve), default=0) or 1
    out = [text(LEFT, top + LINE, unit)]
    for i, (name, curve) in enumerate(curves.items()):
        y, value = top + (i + 1) * LINE, curve[-1][1]
        length = max(0, value / most) * (LEFT + WIDTH - BARS - 60)
        out += [text(BARS - 6, y + 28, name, ' text-anchor="end"'),
                f'<rect x="{BARS}" y="{y + 18}" width="{length:.1f}" height="{LINE - 4}" fill="{COLOURS[0]}"/>',
                text(BARS + length + 6, y + 28, number(value))]
    return out, (len(curves) + 4) * LINE


def svg(title, rows):
    out, top = [text(LEFT, 24, title, ' font-size="15"')], 36
    for (kind, axis, unit), curves in panels(rows).items():
        unit = f"{kind}: {unit}" if kind else unit
        elements, height = curve_panel(top, axis, unit, curves) if axis else bar_panel(top, unit, curves)
        out, top = out + elements, top + height
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {top}" font-family="sans-serif" font-size="12">'
            f'<rect width="900" height="{top}" fill="#fff"/>')
    return head + "\n".join(out) + "</svg>\n"


def draw(part, rows, folder):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{part}.svg"), "w") as out:
        out.write(svg(part, rows))
