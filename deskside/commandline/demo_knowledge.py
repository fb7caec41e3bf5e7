"""The demonstration's knowledge base: a handbook in Markdown, published to the simulated desks."""

from collections.abc import Mapping
from pathlib import Path

from deskside.demo import handbook

FOLDER = "handbook"
# Which target each desk has, and what it calls the language the handbook is written in.
TARGETS: Mapping[str, tuple[str, str]] = {"zendesk": ("guide", "en-us"), "whmcs": ("billing", "en")}
SECTIONS = ("Billing", "Domains", "Mail", "Servers")
CATEGORY = "Alpine Hosting"


def write(folder: Path) -> Path:
    """Copy the handbook into `folder`, and write the configuration that publishes it beside it; its path.

    Nothing waits in the demonstration: what is gone from the handbook may leave its readers at the next look.
    """
    handbook.copy_to(folder / FOLDER)
    parts = [
        "[knowledge]\nevery_minutes = 1\nlistings = 1\ngrace_hours = 0\nfull_listing_hours = 1\n",
        f'[knowledge.sources.handbook]\nkind = "markdown"\nfolder = "{folder / FOLDER}"\n'
        f'language = "{handbook.LANGUAGE}"\nlanguages = {list(handbook.LANGUAGES)}\n',
        *(f'[knowledge.targets.{target}]\nkind = "{desk}"\n' for desk, (target, _) in TARGETS.items()),
        *(_route(desk, section) for desk in TARGETS for section in SECTIONS),
    ]
    path = folder / "deskside.toml"
    path.write_text("\n".join(parts), "utf-8")
    return path


def _route(desk: str, section: str) -> str:
    target, language = TARGETS[desk]
    # Guide has categories above its sections; WHMCS has categories only.
    way = f"{CATEGORY} / {section}" if desk == "zendesk" else section
    return (
        f'[[knowledge.routes]]\nsource = "handbook"\npath = "{section}/*"\ntarget = "{target}"\n'
        f'section = "{way}"\nlanguages = {{ {handbook.LANGUAGE} = "{language}", ru = "ru" }}\n'
    )
