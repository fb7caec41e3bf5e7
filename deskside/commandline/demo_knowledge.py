"""The demonstration's knowledge base: a handbook in Markdown, published to the simulated desks and the local index."""

import shutil
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

FOLDER = "handbook"
# Which target each desk has, and what its languages are called there.
TARGETS: Mapping[str, tuple[str, str]] = {"zendesk": ("guide", "en-us"), "whmcs": ("billing", "en")}
SECTIONS = {"Billing": "Billing", "Domains": "Domains", "Mail": "Mail", "Servers": "Servers"}


def write(folder: Path, desks: Mapping[str, str]) -> Path:
    """Copy the handbook into `folder`, and write the configuration that publishes it beside it; its path.

    `desks` maps each simulated desk to the name of a category there. Nothing waits in the demonstration: what is gone
    from the handbook may leave at the next look.
    """
    with resources.as_file(resources.files("deskside.demo") / FOLDER) as packed:
        shutil.copytree(packed, folder / FOLDER, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    parts = [
        "[knowledge]\nevery_minutes = 1\nlistings = 1\ngrace_hours = 0\nfull_listing_hours = 1\n",
        f'[knowledge.sources.handbook]\nkind = "markdown"\nfolder = "{folder / FOLDER}"\n'
        'language = "en"\nlanguages = ["ru"]\n',
    ]
    for desk in desks:
        parts.append(f'[knowledge.targets.{TARGETS[desk][0]}]\nkind = "{desk}"\n')
    for desk, category in desks.items():
        target, language = TARGETS[desk]
        for name, section in SECTIONS.items():
            way = f"{category} / {section}" if desk == "zendesk" else section
            parts.append(
                f'[[knowledge.routes]]\nsource = "handbook"\npath = "{name}/*"\ntarget = "{target}"\n'
                f'section = "{way}"\nlanguages = {{ en = "{language}", ru = "ru" }}\n'
            )
    path = folder / "deskside.toml"
    path.write_text("\n".join(parts), "utf-8")
    return path
