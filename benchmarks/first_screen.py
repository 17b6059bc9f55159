"""The first screen after signing in, as a browser with an empty cache loads it."""

from typing import Any

from benchmarks.figures import Bench, Measured

MOST_BYTES = 350.0
MOST_REQUESTS = 12.0


def measure(bench: Bench) -> list[Measured]:
    """Compressed kilobytes and requests of the workbench in Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.fixtures.browser import chromium

    visitor = bench.site.sign_in("head")
    cookies = [
        {"name": name, "value": value, "url": bench.site.url}
        for name, value in visitor.cookies.items()
    ]
    finished = []

    def note(request: Any) -> None:  # Playwright cannot mark a built-in method as its listener
        finished.append(request)

    with sync_playwright() as playwright:
        switches = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=switches)
        context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        context.add_cookies(cookies)
        page = context.new_page()
        page.on("requestfinished", note)
        page.goto(bench.site.url, wait_until="networkidle")
        sizes = {request.url: request.sizes() for request in finished}
        browser.close()
    total = sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes.values())
    largest = sorted(sizes.items(), key=lambda item: -item[1]["responseBodySize"])[:5]
    details = {url.removeprefix(bench.site.url): s["responseBodySize"] for url, s in largest}
    return [
        Measured("first screen", round(total / 1000, 1), "kB", MOST_BYTES, details),
        Measured("first screen", len(sizes), "requests", MOST_REQUESTS),
    ]
