"""A report as one HTML page that asks for nothing: styles and pictures are in it, scripts there are none."""

from __future__ import annotations

from deepnet_tui.drawing.color.data_colors import BLUE, ON_DARK, ON_LIGHT, RGB, hex_color
from deepnet_tui.report.document import Block, CodeBlock, Figure, Paragraph, Remarks, Report, TableBlock
from deepnet_tui.report.svg.picture import FONT, safe, style_sheet

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _parts(color: RGB) -> str:
    return ",".join(map(str, color))


STYLE = f"""
:root{{color-scheme:light dark;--ink:#1b2430;--muted:#5b6675;--page:#fff;--soft:#f3f6fa;--rule:#e2e6ec;
--accent:{hex_color(ON_LIGHT[BLUE])};
--warn:#9a5700;--heat:{_parts(ON_LIGHT[BLUE])}}}
@media screen and (prefers-color-scheme:dark){{:root{{--ink:#d5dae3;--muted:#93a0b4;--page:#12161d;--soft:#1d2430;
--rule:#2a3340;--accent:{hex_color(ON_DARK[BLUE])};--warn:#e5b567;--heat:{_parts(ON_DARK[BLUE])}}}}}
*{{box-sizing:border-box}}
body{{margin:0;background:var(--page);color:var(--ink);font-size:16px;line-height:1.5;{FONT}}}
main{{max-width:56rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}}
h1{{font-size:1.9rem;line-height:1.2;margin:0 0 .25rem;overflow-wrap:anywhere}}
h2{{font-size:1.2rem;margin:2.5rem 0 .75rem;padding-top:.9rem;border-top:1px solid var(--rule)}}
p{{margin:.5rem 0;overflow-wrap:anywhere}}
.subtitle,figcaption,.notes{{color:var(--muted)}}
.highlights{{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.4rem,1fr));gap:.75rem;margin:1.5rem 0}}
.highlights div{{background:var(--soft);border-radius:.6rem;padding:.7rem .9rem}}
.highlights dt{{color:var(--muted);font-size:.82rem}}
.highlights dd{{margin:0;font-size:1.3rem;font-weight:600;overflow-wrap:anywhere}}
.scroll{{overflow-x:auto;margin:.75rem 0}}
table{{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}}
th,td{{padding:.3rem .75rem;text-align:left;border-bottom:1px solid var(--rule);vertical-align:top;max-width:30rem;
overflow-wrap:break-word}}
thead th{{color:var(--muted);font-weight:500;white-space:nowrap}}
tbody th{{font-weight:500}}
.number{{text-align:right;white-space:nowrap}}
.heat{{background:rgba(var(--heat),calc(var(--share)*.55))}}
figure{{margin:1rem 0}}
.chart{{max-width:100%;height:auto}}
figcaption{{font-size:.9rem}}
ul{{margin:.5rem 0;padding-left:1.2rem}}
li{{overflow-wrap:anywhere}}
.warning{{color:var(--warn)}}
pre{{background:var(--soft);border-radius:.6rem;padding:.9rem 1rem;overflow-x:auto;font-size:.85rem;line-height:1.45;
white-space:pre-wrap;overflow-wrap:anywhere}}
@media print{{body{{font-size:11pt}}main{{max-width:none;padding:0}}h2{{break-after:avoid}}
figure,tr,.highlights div{{break-inside:avoid}}.highlights div,pre,.heat{{-webkit-print-color-adjust:exact;
print-color-adjust:exact}}.scroll{{overflow:visible}}@page{{margin:18mm 16mm}}}}
"""


def html(report: Report) -> str:
    """The whole page. Names can hold anything: whatever comes from a file is escaped."""
    highlights = "".join(f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd></div>" for name, value in report.highlights)
    sections = "".join(
        f"<section><h2>{safe(section.title)}</h2>{''.join(map(_block, section.blocks))}</section>\n"
        for section in report.sections
        if section.blocks
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{safe(report.title)}</title>\n'
        f"<style>{STYLE}{style_sheet()}</style></head>\n<body><main>\n"
        f'<header><h1>{safe(report.title)}</h1><p class="subtitle">{safe(report.subtitle)}</p>'
        f'<dl class="highlights">{highlights}</dl></header>\n{sections}</main></body></html>\n'
    )


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{safe(text)}</p>"
        case Remarks(texts, kind):
            items = "".join(f"<li>{safe(text)}</li>" for text in texts)
            return f'<ul class="{"warning" if kind == "warning" else "notes"}">{items}</ul>'
        case TableBlock():
            return _table(block)
        case Figure(picture, caption):
            return f"<figure>{picture.inline()}<figcaption>{safe(caption)}</figcaption></figure>"
        case CodeBlock(text):
            return "<pre>" + "\n".join(map(safe, text.split("\n"))) + "</pre>"


def _table(table: TableBlock) -> str:
    classes = ["number" if place >= table.numbers else "" for place in range(len(table.head))]
    head = "".join(
        f'<th scope="col"{_class(kind)}>{safe(name)}</th>' for name, kind in zip(table.head, classes, strict=True)
    )
    rows = []
    for number, row in enumerate(table.rows):
        cells = [f'<th scope="row">{safe(row[0])}</th>']
        for place, cell in enumerate(row[1:], start=1):
            shaded = table.shades and place >= table.numbers
            heat = f' style="--share:{table.shades[number][place - table.numbers]:.3f}"' if shaded else ""
            cells.append(f"<td{_class(classes[place] + (' heat' if shaded else ''))}{heat}>{safe(cell)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _class(name: str) -> str:
    return f' class="{name.strip()}"' if name.strip() else ""
