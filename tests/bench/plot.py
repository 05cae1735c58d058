"""Bars on a logarithmic scale, as SVG."""

import math
from html import escape

WIDTH, LEFT, RIGHT, BAR, GAP, HEAD = 720, 170, 90, 16, 6, 34
OURS, OTHERS, WORDS, LINES = "#0b6e4f", "#8a94a0", "#39424e", "#d5dae0"


def svg(panels, ours, usual):
    """Panels below each other. A panel is a title and bars `(who, value or None, reports)`."""
    parts, top = [], 12
    for title, bars in panels:
        drawn, height = panel(title, [bar for bar in bars if bar[1]], ours, usual, top)
        parts += drawn
        top += height
    style = f"font-family: system-ui, sans-serif; font-size: 12px; fill: {WORDS}"
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" style="{style}">\n'
        f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def panel(title, bars, ours, usual, top):
    """One panel's elements, and its height."""
    if not bars:
        return [], 0
    values = [value for _, value, _ in bars]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    scale = lambda value: (math.log10(value) - low) / max(high - low, 1) * (WIDTH - LEFT - RIGHT)
    bottom = top + HEAD + len(bars) * (BAR + GAP)
    parts = [f'<text x="12" y="{top + 14}" font-weight="600">{escape(title)}</text>']
    for power in range(low, high + 1):
        x = LEFT + scale(10**power)
        parts += [
            f'<line x1="{x:.1f}" y1="{top + 24}" x2="{x:.1f}" y2="{bottom}" stroke="{LINES}"/>',
            f'<text x="{x:.1f}" y="{top + 20}" text-anchor="middle" font-size="10">{10**power:g}</text>',
        ]
    for index, (who, value, reports) in enumerate(bars):
        y = top + HEAD + index * (BAR + GAP)
        colour = OURS if who == ours else OTHERS
        name = "Vigie" if who == ours else who
        fewer = f" ({reports:,})" if reports != usual else ""
        width = max(scale(value), 1)
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}{fewer}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2" fill="{colour}"/>',
            f'<text x="{LEFT + width + 6:.1f}" y="{y + 12}">{value:.3g}</text>',
        ]
    return parts, bottom - top + 16
