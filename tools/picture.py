"""Makes docs/queue.png from a running `deskside demo`: `python tools/picture.py`, with playwright and Chromium."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from deskside.commandline.demo import NAME, PASSWORD

URL = "http://127.0.0.1:8642"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Wait until the dead server's ticket stands at the head, open why, and take the picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1180, "height": 800}, device_scale_factor=1.5)
        page.goto(f"{URL}/queue")
        page.fill("input[name=name]", NAME)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_selector("text=/server down/i", timeout=120_000)
        page.locator("details.why summary").first.click()
        page.wait_for_timeout(500)
        page.screenshot(path=Path(__file__).parent.parent / "docs" / "queue.png")
        browser.close()


if __name__ == "__main__":
    main()
