"""The reports of ``vitrina check`` as one page that needs no network."""

from __future__ import annotations

from html import escape
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.finding import Finding
    from vitrina.model.report import Report

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; }
summary { cursor: pointer; padding: .4rem 0; overflow-wrap: anywhere; }
.state { display: inline-block; min-width: 5.5rem; font-weight: 600; }
.valid { color: #1a7f37; } .invalid, .error { color: #cf222e; } .warning { color: #9a6700; } .info { color: #57606a; }
@media (prefers-color-scheme: dark) {
  .valid { color: #3fb950; } .invalid, .error { color: #ff7b72; } .warning { color: #d29922; } .info { color: #8b949e; }
}
li { margin: .6rem 0; overflow-wrap: anywhere; }
code { font-size: .9em; }
.fix::before { content: "→ "; }
</style>
</head>
<body>
<h1>$title</h1>
$reports
</body>
</html>
""")


def build_page(reports: Sequence[Report]) -> str:
    """The page; what is in the data is escaped."""
    n_valid = sum(report.is_valid for report in reports)
    title = f"{n_valid} of {len(reports)} valid"
    return _PAGE.substitute(title=title, reports="\n".join(_build_report(report) for report in reports))


def _build_report(report: Report) -> str:
    state, name = ("valid", "valid") if report.is_valid else ("invalid", "not valid")
    what = escape(" ".join(part for part in (report.kind, report.version) if part))
    items = "\n".join(_build_finding(finding) for finding in report.findings) or "<li>Nothing was found.</li>"
    is_open = "" if report.is_valid else " open"
    head = f'<span class="state {state}">{name}</span> <code>{escape(report.source)}</code> {what}'
    return f"<details{is_open}><summary>{head}</summary>\n<ul>\n{items}\n</ul></details>"


def _build_finding(finding: Finding) -> str:
    place = f" at <code>{escape(finding.path)}</code>" if finding.path else ""
    fix = f'<br><span class="fix">{escape(finding.fix)}</span>' if finding.fix else ""
    return (
        f'<li><span class="{finding.severity}">{finding.severity}</span> <code>{escape(finding.code)}</code>{place}'
        f"<br>{escape(finding.message)}{fix}</li>"
    )
