"""What does a page weigh, and when is it painted? Measured in the browser, against the goals."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page

FIRST_VIEW_BYTES = 150 * 1024
SCRIPT_BYTES = 25 * 1024
LCP_MS = 1200
CLS = 0.02

PACKED = """async (url) => {
    const body = (await fetch(url)).body.pipeThrough(new CompressionStream("gzip"));
    return (await new Response(body).arrayBuffer()).byteLength;
}"""
PAINTED = """() => new Promise((resolve) => {
    let painted = 0, moved = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) painted = entry.startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) moved += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve([painted, moved]), 300);
})"""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a first view loads, in bytes under gzip, as a server in service sends it."""

    whole: int
    scripts: int
    hosts: frozenset[str]


def first_view(page: Page, address: str) -> Weight:
    """Open an address and return what came with it."""
    loaded: dict[str, str] = {}
    page.on("request", lambda asked: loaded.update({asked.url: asked.resource_type}))
    page.goto(address, wait_until="networkidle")
    kinds = dict(loaded)
    sizes: dict[str, int] = {url: page.evaluate(PACKED, url) for url in kinds}
    return Weight(
        whole=sum(sizes.values()),
        scripts=sum(sizes[url] for url, kind in kinds.items() if kind == "script"),
        hosts=frozenset(urlsplit(url).netloc for url in kinds),
    )


def painted(page: Page) -> tuple[float, float]:
    """Return when the largest part of the page at hand was painted, in ms, and what it moved."""
    at, moved = page.evaluate(PAINTED)
    return at, moved


def over_goals(page: Page, address: str) -> list[str]:
    """Return which goals a page misses; it is opened twice, as painting counts once warm."""
    weight = first_view(page, address)
    page.goto(address, wait_until="networkidle")
    at, moved = painted(page)
    goals = [
        ("bytes", weight.whole, FIRST_VIEW_BYTES),
        ("bytes of scripts", weight.scripts, SCRIPT_BYTES),
        ("ms until it is painted", at, LCP_MS),
        ("of layout shift", moved, CLS),
    ]
    told = [f"{address}: {found} {what}, not {most}" for what, found, most in goals if found > most]
    told += [f"{address}: nothing says when it is painted"] * (at <= 0)
    others = weight.hosts - {urlsplit(address).netloc}
    return told + [f"{address} loads of {host}" for host in sorted(others)]
