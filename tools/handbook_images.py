"""Makes the pictures of the demonstration's handbook from tools/handbook/*.svg, with playwright and Chromium."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

DRAWINGS = Path(__file__).parent / "handbook"
IMAGES = Path(__file__).parent.parent / "deskside" / "demo" / "handbook" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Take a picture of each drawing in its own size."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        for drawing in sorted(DRAWINGS.glob("*.svg")):
            page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{drawing.read_text()}")
            page.locator("svg").screenshot(path=IMAGES / f"{drawing.stem}.png")
        browser.close()


if __name__ == "__main__":
    main()
