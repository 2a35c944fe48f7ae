"""Learning curves as data (curves.json) and as pictures (accuracy.svg, loss.svg)."""

import json
import os

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 400, 60, 50, 30, 20


def write(folder, settings, history):
    _replace(folder, "curves.json", json.dumps(dict(settings=settings, epochs=history), indent=1) + "\n")
    for measure in ("accuracy", "loss"):
        _replace(folder, measure + ".svg", drawing(measure, history))


def _replace(folder, name, text):
    """A training that is ended while it writes leaves the old file or the new one."""
    path = os.path.join(folder, name)
    with open(path + ".part", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(path + ".part", path)


def drawing(measure, history):
    """An SVG picture of one measure over the epochs, training and test side."""
    series = [("training", "#1f5fa8", [e["train_" + measure] for e in history]),
              ("test", "#c0491f", [e["test_" + measure] for e in history])]
    # The test side need not be measured after every epoch.
    series = [(name, colour, [(e, v) for e, v in enumerate(values) if v is not None]) for name, colour, values in series]
    top = 1.0 if measure == "accuracy" else max([v for _, _, points in series for _, v in points], default=0) or 1.0

    def at(epoch, value):
        x = LEFT + (WIDTH - LEFT - RIGHT) * epoch / max(1, len(history) - 1)
        return f"{x:.1f},{HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top:.1f}"

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             f'<text x="{LEFT}" y="18">{measure.capitalize()} per epoch</text>']
    for i in range(6):
        y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * i / 5
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{top * i / 5:.2f}</text>')
    for epoch in sorted({0, len(history) // 2, len(history) - 1}):
        x = at(epoch, 0).split(",")[0]
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{epoch + 1}</text>')
    for i, (name, colour, measured) in enumerate(series):
        points = " ".join(at(e, v) for e, v in measured)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{WIDTH - RIGHT - 150 + 80 * i}" y="18" fill="{colour}">{name}</text>')
    return "\n".join(parts + ["</svg>", ""])
