"""The handbook of the demonstration: what a hosting company tells its clients, in Markdown, some of it in Russian too.

The demonstration publishes a copy of it, so that a visitor may edit, rename and delete.
"""

import shutil
from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGE, LANGUAGES = "en-us", ("ru",)


def copy_to(folder: Path) -> Path:
    """Copy the documents and their images into `folder`, which is made; gives it back."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"), dirs_exist_ok=True)
    return folder
