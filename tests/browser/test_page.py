"""What a person does with a page of --format html, and what such a page must never do."""
import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest
from browser import WIDTHS, chromium
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PAGES = Path(os.environ["PAGES"])
PLAN, LARGE = PAGES / "plan-12.html", PAGES / "plan-1200.html"
EVERY_PAGE = sorted(PAGES.glob("*.html"))
every_page = pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.stem)
# Where each element is looked at, a large page adds nothing.
SMALL_PAGES = [page for page in EVERY_PAGE if page != LARGE]
every_small_page = pytest.mark.parametrize("page", SMALL_PAGES, ids=lambda page: page.stem)

UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
ALL_SHOWN = "[...document.querySelectorAll('{}')].filter((one) => one.checkVisibility())"
SHOWN = "return " + ALL_SHOWN.format("details.row") + ".map((row) => {})"
ADDRESSES = SHOWN.replace("{}", "row.querySelector('summary b').textContent")
# The text of each element that has some of its own and can be seen, its colors, and those of what is behind it.
TEXTS = """
  const behind = (element) => {
    const colors = [];
    for (; element; element = element.parentElement) colors.push(getComputedStyle(element).backgroundColor);
    return colors;
  };
  return [...document.querySelectorAll("body *")]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))
    .filter((one) => one.checkVisibility() && !one.closest("script, style, option"))
    .map((one) => [one.textContent.trim().slice(0, 60), getComputedStyle(one).color, behind(one)]);
"""


@pytest.fixture(scope="session")
def chrome():
    with chromium() as browser:
        yield browser


@pytest.fixture
def browser(chrome):
    chrome.reset()
    return chrome


@pytest.fixture
def say(capsys):
    """Prints where a measured time is seen, whether the test passes or not."""
    def say(text):
        with capsys.disabled():
            print(f" {text} ", end="", flush=True)
    return say


def shown(browser):
    return browser.js(ADDRESSES)


def field(browser, name):
    return browser.driver.find_element(By.NAME, name)


def choose(browser, name, value):
    """Chooses from a list with the keyboard, which raises the events that a person does."""
    field(browser, name).send_keys(value)
    browser.until(lambda: field(browser, name).get_property("value") == value, f"{name} is not {value}")


def fragment(browser):
    return browser.js("return decodeURIComponent(location.hash)")


def has_focus(browser):
    """The address of the row with the focus."""
    return browser.js("return document.activeElement.closest('details.row')?.querySelector('b').textContent")


# What a page loads and runs


@every_page
def test_a_page_loads_nothing_and_nothing_goes_wrong(browser, page):
    browser.open(page)
    assert browser.js("return performance.getEntriesByType('resource').map((entry) => entry.name)") == []
    assert browser.requests() == [page.as_uri()]
    assert browser.console() == []


@every_page
def test_the_policy_of_a_page_refuses_whatever_it_does_not_hold_itself(browser, page):
    browser.open(page)
    browser.js("""
      window.refused = [];
      document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
      const add = (name, fields) => document.body.append(Object.assign(document.createElement(name), fields));
      add("script", { textContent: "window.ran = true" });
      add("script", { src: "https://example.com/x.js" });
      add("style", { textContent: "body { display: none }" });
      add("img", { src: "https://example.com/x.png", onerror: null });
      add("iframe", { src: "https://example.com/" });
      add("div", { innerHTML: "<b onclick='window.ran = true' style='color: red'>x</b>" });
      document.querySelector("body > div:last-child b").click();
      fetch("https://example.com/").catch(() => {});
    """)
    expected = {"script-src-elem", "script-src-attr", "style-src-elem", "style-src-attr", "img-src", "frame-src",
                "connect-src"}
    browser.until(lambda: expected <= set(browser.js("return refused")), f"not all of {expected} are refused")
    assert browser.js("return window.ran === undefined && document.body.checkVisibility()")


HOSTILE = """
version = 1
workspace = "hostile"
[defaults]
account = "main"
region = "us-east-1"
[accounts.main]
id = "123456789012"
[streams.clicks]
kinesis = "clicks"
[apps.image]
name = "<img src=x onerror=document.title='ran'>"
stream = "clicks"
[apps.script]
name = "</script><script>document.title='ran'</script>"
[apps.style]
name = "</summary></details></style><style>body{{display:none}}</style>"
[apps.attribute]
name = "' \\" onclick=document.title='ran' x=\\""
"""


def test_hostile_names_are_text(browser, tmp_path):
    (tmp_path / "pinpoint-streams.toml").write_text(HOSTILE)
    command = [os.environ["PINPOINT_STREAMS"], "--sandbox", "plan", "--format", "html"]
    html = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    # Without the policy too: what keeps names from running is that they are text.
    page, without_policy = tmp_path / "page.html", tmp_path / "without-policy.html"
    page.write_bytes(html)
    without_policy.write_bytes(html.replace(b"Content-Security-Policy", b"nothing"))
    for each in (page, without_policy):
        browser.open(each, "#text=%3Cimg+src%3Dx+onerror%3Ddocument.title%3D%27ran%27%3E")
        assert shown(browser) == ["app.image"]
        field(browser, "text").send_keys(Keys.ESCAPE)
        browser.js(UNFOLD)
        assert browser.js("return document.querySelectorAll('img').length") == 0
        assert browser.js("return document.querySelectorAll('script, style').length") == 2
        text = browser.js("return document.querySelector('main').textContent")
        for name in tomllib.loads(HOSTILE)["apps"].values():
            quoted = json.dumps(name["name"].replace("{{", "{").replace("}}", "}"))
            assert quoted in text
        for row in browser.driver.find_elements(By.CSS_SELECTOR, "details.row > summary"):
            row.click()
        assert browser.js("return document.title") != "ran"
        assert browser.console() == []


# Speed

def within_a_second(measure, say, what):
    """Tries until one does it, as something else may keep the machine busy for a while."""
    tries = []
    while min(tries, default=1000) >= 1000 and len(tries) < 10:
        tries.append(measure())
    say(f"[{what} after {tries[-1]:.0f} ms]")
    assert tries[-1] < 1000, f"{tries} ms; the load of this machine is {os.getloadavg()[0]}"


def test_1200_changes_are_there_within_a_second(browser, say):
    script = browser.cdp("Page.addScriptToEvaluateOnNewDocument", source="""
      const painted = () => setTimeout(() => { window.painted = performance.now(); });
      addEventListener("load", () => requestAnimationFrame(painted));
    """)

    def painted():
        browser.open(LARGE)
        browser.until(lambda: browser.js("return window.painted"), "the page is not painted")
        return browser.js("return window.painted")

    try:
        within_a_second(painted, say, "painted")
    finally:
        browser.cdp("Page.removeScriptToEvaluateOnNewDocument", **script)
    assert browser.js("return document.querySelectorAll('details.row').length") == len(shown(browser)) == 1200


def test_1200_changes_are_filtered_within_a_second(browser, say):
    browser.open(LARGE)
    browser.js("""
      const output = document.getElementById("shown");
      document.addEventListener("keydown", (event) => {
        const before = output.textContent;
        const painted = () => { window.took = performance.now() - event.timeStamp; };
        const filtered = () => output.textContent === before ? requestAnimationFrame(filtered) : setTimeout(painted);
        requestAnimationFrame(filtered);
      }, { capture: true });
    """)

    def filtered():
        browser.js("window.took = null")
        field(browser, "text").send_keys("9" if len(shown(browser)) == 1200 else Keys.BACKSPACE)
        browser.until(lambda: browser.js("return window.took"), "the list is not filtered")
        return browser.js("return window.took")

    within_a_second(filtered, say, "filtered")


# Filters


def test_text_filters_and_the_address_of_the_page_keeps_it(browser):
    browser.open(PLAN)
    everything = shown(browser)
    assert len(everything) == 12
    field(browser, "text").send_keys("Shop commerce")
    some = shown(browser)
    assert sorted(some) == ["app.shop", "role.shop"]
    assert browser.js("return document.getElementById('shown').textContent").startswith(f"{len(some)} of 12 ")
    assert fragment(browser) == "#text=Shop+commerce"

    browser.driver.refresh()
    assert shown(browser) == some and field(browser, "text").get_property("value") == "Shop commerce"
    browser.open(PLAN, "#text=shop+COMMERCE")
    assert shown(browser) == some
    browser.driver.get("about:blank")
    browser.driver.back()
    browser.until(lambda: shown(browser) == some, "going back forgets the filter")

    field(browser, "text").send_keys(Keys.ESCAPE)
    assert shown(browser) == everything and fragment(browser) == ""


def test_a_group_without_a_match_is_not_shown(browser):
    browser.open(PLAN, "#text=app.mail")
    assert shown(browser) == ["app.mail"]
    assert browser.js("return " + ALL_SHOWN.format("section.group") + ".length") == 1


@every_small_page
def test_each_list_filters_and_the_address_of_the_page_keeps_it(browser, page):
    browser.open(page)
    number = len(shown(browser))
    lists = browser.js("""
      const lists = [...document.querySelectorAll("select")];
      return lists.map((list) => [list.name, ...[...list.options].map((option) => option.value)]);
    """)
    assert len(lists) >= 2
    for name, everything, *values in lists:
        assert everything == "" and values
        found = 0
        for value in values:
            field(browser, name).send_keys(Keys.ARROW_DOWN)
            browser.until(lambda: field(browser, name).get_property("value") == value, f"{name} is not {value}")
            some = shown(browser)
            assert set(browser.js(SHOWN.replace("{}", f"row.dataset.{name}"))) == {value}
            assert fragment(browser).startswith(f"#{name}=")
            found += len(some)
        assert found == number, name
        browser.driver.refresh()
        assert shown(browser) == some, f"{fragment(browser)} is forgotten"
        browser.press(Keys.ESCAPE)


def test_filters_add_up(browser):
    browser.open(PLAN)
    choose(browser, "action", "update")
    choose(browser, "kind", "role")
    assert shown(browser) == ["role.shop"]
    field(browser, "text").send_keys("no such text")
    assert shown(browser) == []


def test_a_click_on_a_number_shows_the_changes_that_it_counts(browser):
    browser.open(PLAN)
    buttons = browser.driver.find_elements(By.CSS_SELECTOR, ".counts button")
    assert len(buttons) == 5
    for button in buttons:
        button.click()
        assert len(shown(browser)) == int(button.find_element(By.TAG_NAME, "b").text)
        assert button.get_attribute("aria-pressed") == "true"
        assert field(browser, "action").get_property("value") == button.get_attribute("data-action")
        assert fragment(browser) == f"#action={button.get_attribute('data-action')}"
        button.click()
        assert len(shown(browser)) == 12 and button.get_attribute("aria-pressed") == "false"


def test_an_address_with_a_filter_that_the_page_has_not_shows_everything(browser):
    browser.open(PLAN, "#action=explode&nothing=1")
    assert len(shown(browser)) == 12 and browser.console() == []


# The keyboard


def test_a_diff_is_opened_and_closed_with_the_keyboard(browser):
    browser.open(PLAN)
    diff = lambda: browser.js("""
      return document.activeElement.closest("details.row").querySelector("pre").checkVisibility()
    """)
    browser.press("/")
    assert browser.js("return document.activeElement.name") == "text"
    browser.press("role.shop widens", Keys.ENTER)
    assert has_focus(browser) == "role.shop" and not diff()
    browser.press(Keys.ENTER, Keys.TAB)
    assert browser.js("return document.activeElement.textContent") == "document" and not diff()
    browser.press(Keys.ENTER)
    assert diff()
    browser.press(Keys.ENTER)
    assert not diff()
    browser.press("k", Keys.ENTER)
    assert not browser.js("return document.activeElement.closest('details.row').open")


def test_j_and_k_go_from_change_to_change(browser):
    browser.open(PLAN)
    addresses = shown(browser)
    browser.press("j")
    assert has_focus(browser) == addresses[0]
    assert browser.js("return getComputedStyle(document.activeElement).outline").endswith(" solid 2px")
    browser.press("j", "j")
    assert has_focus(browser) == addresses[2]
    browser.press("k")
    assert has_focus(browser) == addresses[1]
    browser.press(*"j" * 20)
    assert has_focus(browser) == addresses[-1]
    on_screen = """
      const { top, bottom } = document.activeElement.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    """
    assert browser.js(on_screen)
    browser.press(*"k" * 20)
    assert has_focus(browser) == addresses[0] and browser.js(on_screen)


def test_the_filters_do_not_cover_the_change_with_the_focus(browser):
    for width in WIDTHS:
        for back in ("k", Keys.SHIFT + Keys.TAB):
            browser.size(width, 300)
            browser.open(PLAN)
            addresses = shown(browser)
            browser.press(*"j" * 12)
            for _ in range(9):
                browser.driver.switch_to.active_element.send_keys(back)
            assert has_focus(browser) == addresses[2]
            covered = browser.js("""
              const { left, top } = document.activeElement.getBoundingClientRect();
              return !document.activeElement.contains(document.elementFromPoint(left + 20, top + 8));
            """)
            assert not covered, f"{has_focus(browser)} at a width of {width}"


# What it looks like


@every_small_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(browser, page, scheme):
    browser.media(prefers_color_scheme=scheme)
    browser.open(page)
    assert browser.js("return matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    browser.js(UNFOLD)
    faint = {(text, round(ratio, 1)) for text, color, behind in browser.js(TEXTS)
             if (ratio := contrast(color, behind)) < 4.5}
    assert faint == set()


def contrast(color, behind):
    """The ratio of WCAG 2. `behind` are colors from the nearest to that of the page."""
    back = (255.0, 255.0, 255.0)
    for layer in reversed(behind):
        back = over(rgba(layer), back)
    lighter, darker = sorted((luminance(over(rgba(color), back)), luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def rgba(text):
    numbers = [float(number) for number in text[text.index("(") + 1 : -1].replace("/", ",").split(",")]
    return numbers if len(numbers) == 4 else [*numbers, 1.0]


def over(color, back):
    return tuple(color[3] * color[at] + (1 - color[3]) * back[at] for at in range(3))


def luminance(color):
    linear = [value / 3294.6 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_plan_is_legible_without_color(browser):
    browser.open(PLAN)
    browser.js(UNFOLD)
    signs = {"create": "+", "update": "~", "replace": "-/+", "delete": "-", "forget": "x"}
    rows = browser.js(SHOWN.replace("{}", "[row.dataset.action, row.querySelector('summary').textContent]"))
    assert len(rows) == 12
    for action, text in rows:
        assert text.startswith(signs[action] + " "), text
    for button in browser.driver.find_elements(By.CSS_SELECTOR, ".counts button"):
        assert button.text.split()[0] == signs[button.text.split()[-1]]
    for name, sign in (("added", "+"), ("removed", "-")):
        texts = browser.js("return " + ALL_SHOWN.format(f"pre .{name}, .statements .{name}") + ".map((one) => one.textContent)")
        lines = [line for text in texts for line in text.splitlines()]
        assert lines and all(line.startswith(sign) for line in lines), lines


@every_page
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(browser, page, width):
    browser.size(width)
    browser.open(page)
    for _ in ("folded", "unfolded"):
        assert browser.js("return document.documentElement.scrollWidth") == width
        browser.js(UNFOLD)


@every_small_page
def test_print_shows_all_details_and_no_filters(browser, page):
    browser.open(page)
    browser.media("print")
    hidden = browser.js("""
      return [...document.querySelectorAll("details > :not(summary)")].filter((one) => !one.checkVisibility()).length
    """)
    assert hidden == 0
    assert not browser.js("return document.getElementById('filters').checkVisibility()")


@every_small_page
def test_a_page_can_be_read_without_its_script(browser, page):
    browser.open(page)
    rows = shown(browser)
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page)
        assert shown(browser) == rows
        assert not browser.js("return document.getElementById('filters').checkVisibility()")
        row = browser.driver.find_element(By.CSS_SELECTOR, "details.row > summary")
        row.send_keys(Keys.ENTER)
        assert row.find_element(By.XPATH, "..").get_property("open")
    finally:
        browser.cdp("Emulation.setScriptExecutionDisabled", value=False)
