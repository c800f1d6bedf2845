"""Takes pictures of every page, in two widths, light and dark, to be looked at; and the one that README shows."""
import sys
from pathlib import Path

from PIL import Image

from browser import WIDTHS, chromium

PAGES, TO, README = map(Path, sys.argv[1:])


def main():
    TO.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for page in sorted(PAGES.resolve().glob("*.html")):
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    browser.size(width)
                    browser.media(prefers_color_scheme=scheme)
                    browser.open(page)
                    browser.screenshot(TO / f"{page.stem}-{width}-{scheme}.png")
                browser.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
                browser.screenshot(TO / f"{page.stem}-{width}-open.png")
        for_readme(browser)


def for_readme(browser):
    """A plan with one change unfolded, from top to bottom."""
    browser.size(1280)
    browser.media(prefers_color_scheme="light")
    browser.open(PAGES.resolve() / "plan-12.html")
    browser.js("document.querySelectorAll('details.row').forEach("
               "(row) => { row.open = row.textContent.includes('role.shop ') && row.dataset.kind === 'role'; })")
    browser.size(1280, browser.js("return Math.ceil(document.querySelector('footer').getBoundingClientRect().top)"))
    browser.screenshot(README)
    # Few colors make a small file.
    Image.open(README).convert("RGB").quantize(256).save(README, optimize=True)


main()
