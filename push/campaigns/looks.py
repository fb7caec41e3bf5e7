"""How a message looks where it is shown: what each platform cuts off and leaves out. Pure.

The lengths are characters of title and body that fit (webpushnotifications.xyz, "Web push notification character
limit"; buttons as PushOwl found them on Windows 11); of iOS nobody measured any, it cuts by lines. What is supported is
from MDN's browser-compat-data 8.1.9.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from push.model import Content

# Beyond the first of these some platforms cut it off, beyond the second nearly all do.
TITLE = (40, 50)
BODY = (90, 120)
BUTTON = (18, 18)


@dataclass(frozen=True, slots=True)
class Platform:
    """What a platform shows of a message; None is a length that nobody measured."""

    name: str
    title: int | None
    body: int | None
    image: bool
    buttons: int


PLATFORMS = (
    Platform("chrome-windows", 69, 139, image=True, buttons=2),
    Platform("chrome-android", 30, 65, image=True, buttons=2),
    Platform("safari-macos", 49, 103, image=False, buttons=0),
    Platform("firefox", 54, 200, image=False, buttons=2),
    Platform("ios", None, None, image=False, buttons=0),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as a platform shows it: what is seen of it, and what is cut off."""

    seen: str
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A message on a platform. `missing` names what of it is not shown there: image, buttons."""

    platform: Platform
    title: Text
    body: Text
    image: str
    buttons: Sequence[Text]
    missing: Sequence[str]


def looks(content: Content) -> Sequence[Look]:
    """This message, its templates worked out already, on every platform."""
    return [_look(content, platform) for platform in PLATFORMS]


def severity(length: int, limits: tuple[int, int]) -> str:
    """How a length stands to two limits: `fits`, `long` or `cut`."""
    return "cut" if length > limits[1] else "long" if length > limits[0] else "fits"


def cut_by(title: str, body: str) -> tuple[Sequence[str], Sequence[str]]:
    """The platforms that cut this title, and those that cut this body."""
    titles = [one.name for one in PLATFORMS if one.title is not None and len(title) > one.title]
    bodies = [one.name for one in PLATFORMS if one.body is not None and len(body) > one.body]
    return titles, bodies


def _look(content: Content, platform: Platform) -> Look:
    missing = []
    if content.image and not platform.image:
        missing.append("image")
    if len(content.buttons) > platform.buttons:
        missing.append("buttons")
    return Look(
        platform,
        _cut(content.title, platform.title),
        _cut(content.body, platform.body),
        content.image if platform.image else "",
        [_cut(button.title, BUTTON[1]) for button in content.buttons[: platform.buttons]],
        missing,
    )


def _cut(text: str, most: int | None) -> Text:
    if most is None or len(text) <= most:
        return Text(text)
    return Text(text[: most - 1].rstrip() + "…", text[most - 1 :])
