"""Headless Chromium, of which nothing reaches a network, and what the tests ask of a page."""
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

# Of a phone and of a window.
WIDTHS = (375, 1280)
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-quic --disable-default-apps --disable-extensions "
    "--disable-dev-shm-usage --disable-lcd-text --hide-scrollbars"
).split() + ["--host-resolver-rules=MAP * ~NOTFOUND"]
# What a slow machine may take, in seconds.
PATIENCE = 20


@contextmanager
def chromium():
    """A browser with an empty profile. The path of the driver is given, so that Selenium looks for none."""
    profile = tempfile.mkdtemp()
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ["CHROMIUM"]
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(os.environ["CHROMEDRIVER"]))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


class Browser:
    def __init__(self, driver):
        self.driver = driver

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def size(self, width, height=900):
        """Sets the size of the page."""
        size = {"width": width, "height": height}
        self.cdp("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=1, mobile=False)

    def media(self, media="", **features):
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.cdp("Emulation.setEmulatedMedia", media=media, features=features)

    def reset(self):
        """A page of 1280 by 900, in light colors, with nothing in the logs."""
        self.driver.get("about:blank")
        self.size(WIDTHS[-1])
        self.media(prefers_color_scheme="light")
        self.console(), self.requests()

    def open(self, page: Path, fragment=""):
        """Loads a page, even where only the fragment differs from that of the one before."""
        self.driver.get("about:blank")
        self.driver.get(page.as_uri() + fragment)

    def until(self, condition, what):
        WebDriverWait(self.driver, PATIENCE, 0.02).until(lambda _: condition(), what)

    def press(self, *keys):
        """Presses keys where the focus is."""
        actions = webdriver.ActionChains(self.driver)
        for key in keys:
            actions.send_keys(key)
        actions.perform()

    def screenshot(self, to: Path):
        self.driver.save_screenshot(str(to))

    def console(self):
        """What the console got since the last call, violations of the page's policy included."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """The addresses that were asked for since the last call."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        sent = (message["params"] for message in messages if message["method"] == "Network.requestWillBeSent")
        return [params["request"]["url"] for params in sent]
