"""Emoji as characters."""

import re

# Confluence's own by their ids (`atlassian-…`) and the emoticons of its old editor, by what they look like.
_OWN = {
    "check_mark": "✅",
    "cross_mark": "❌",
    "plus": "➕",
    "minus": "➖",
    "question_mark": "❓",
    "exclamation_mark": "❗",
    "info": "ℹ️",
    "warning": "⚠️",
    "light_bulb_on": "💡",
    "light_bulb_off": "💡",
    "yellow_star": "⭐",
    "red_star": "⭐",
    "green_star": "⭐",
    "blue_star": "⭐",
    "flag_on": "🚩",
    "flag_off": "🏳️",
    "done": "✅",
    "thumbs_up": "👍",
    "thumbs_down": "👎",
}
_EMOTICONS = {
    "smile": "🙂",
    "sad": "🙁",
    "cheeky": "😛",
    "laugh": "😀",
    "wink": "😉",
    "thumbs-up": "👍",
    "thumbs-down": "👎",
    "information": "ℹ️",
    "tick": "✅",
    "cross": "❌",
    "warning": "⚠️",
    "plus": "➕",
    "minus": "➖",
    "question": "❓",
    "light-on": "💡",
    "light-off": "💡",
    "yellow-star": "⭐",
    "red-star": "⭐",
    "green-star": "⭐",
    "heart": "❤️",
    "broken-heart": "💔",
}
_CODES = re.compile(r"[0-9a-f]{2,6}(?:-[0-9a-f]{2,6}){0,9}\Z")


def character(name: str, code: str, fallback: str) -> str:
    """The emoji with this id, or of this name; empty for a picture of a team's own.

    `blue-star` is the name Confluence gives whatever its old editor did not have, so it says nothing.
    """
    if fallback and not (fallback.startswith(":") and fallback.endswith(":")):
        return fallback
    if code.startswith("atlassian-") and (found := _OWN.get(code.removeprefix("atlassian-"))):
        return found
    if _CODES.match(code):
        try:
            return "".join(chr(int(part, 16)) for part in code.split("-"))
        except ValueError:
            return ""
    return _EMOTICONS.get(name, "")
