"""The elements, attributes, addresses and styles that help centres show to readers.

Source: the allowed and the unsafe HTML of Zendesk Guide, support.zendesk.com/hc/en-us/articles/6644509092378 and
4408824584602. Narrower than these where the wider form could do harm: no `noscript` (browsers and sanitisers disagree
about what is in it), no addresses but those of the schemes below.
"""

import re
from urllib.parse import urlsplit


def words(text: str) -> frozenset[str]:
    """The words of a text, parted by white space."""
    return frozenset(text.split())


ELEMENTS = words("""
    a abbr address article aside audio bdi bdo blockquote br caption cite code col colgroup data dd del details dfn div
    dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr iframe img ins kbd li mark nav ol p pre q rp rt ruby
    s samp section small source span strong sub summary sup table tbody td tfoot th thead time tr track ul var video
""")
ATTRIBUTES = words("class dir id lang tabindex title style")
PREFIXES = ("aria-", "data-")
ATTRIBUTES_OF = {
    "a": words("href name rel target"),
    "audio": words("autoplay controls loop muted preload src"),
    "col": words("span"),
    "colgroup": words("span"),
    "details": words("open"),
    "iframe": words("allow allowfullscreen frameborder height name src width"),
    "img": words("alt height name src width"),
    "ol": words("reversed start type"),
    "source": words("src type"),
    "table": words("border cellpadding cellspacing"),
    "td": words("colspan rowspan"),
    "th": words("colspan rowspan scope"),
    "time": words("datetime"),
    "track": words("default kind label src srclang"),
    "video": words("controls height poster preload src width"),
}
ADDRESSES = words("href src poster")
SCHEMES = words("http https mailto tel doc asset")
FRAME_HOSTS = words("""
    content.jwplatform.com fast.wistia.com play.vidyard.com player.vimeo.com players.brightcove.net
    web.microsoftstream.com www.loom.com www.microsoft.com www.youtube-nocookie.com www.youtube.com
""")

_LISTS = words("list-style list-style-image list-style-position list-style-type")
STYLES = words("""
    aspect-ratio background background-attachment background-blend-mode background-clip background-color
    background-image background-origin background-position background-repeat background-size border border-bottom
    border-bottom-color border-bottom-left-radius border-bottom-right-radius border-bottom-style border-bottom-width
    border-collapse border-color border-image border-left border-left-color border-left-style border-left-width
    border-radius border-right border-right-color border-right-style border-right-width border-spacing border-style
    border-top border-top-color border-top-left-radius border-top-right-radius border-top-style border-top-width
    border-width box-sizing color display font font-family font-feature-settings font-kerning font-size
    font-size-adjust font-stretch font-style font-variant font-variant-caps font-variant-numeric font-weight height
    letter-spacing line-height max-height max-width min-height min-width orphans outline padding padding-bottom
    padding-left padding-right padding-top text-align text-align-last text-decoration text-decoration-color
    text-decoration-line text-decoration-style text-decoration-thickness text-emphasis text-indent text-justify
    text-orientation text-overflow text-rendering text-shadow text-transform text-underline-offset
    text-underline-position text-wrap vertical-align white-space widows width word-spacing
""")
STYLES_OF = {
    "table": words("margin margin-bottom margin-left margin-right margin-top"),
    "figure": words("float"),
    "ul": _LISTS,
    "ol": _LISTS,
    "li": _LISTS,
}
ALL_STYLES = STYLES.union(*STYLES_OF.values())

# What begins a new line for a reader; the rest stands inside a line.
BLOCKS = words("""
    address article aside blockquote caption center dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol optgroup p pre search section summary table tbody td
    tfoot th thead tr ul
""")
UNSEEN = words("head noscript script style svg template title")

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
# What the URL Standard takes out of an address before it reads it.
_IGNORED = re.compile(r"^[\x00-\x20]+|[\t\n\r]")


def takes(element: str, attribute: str) -> bool:
    """Whether readers get this attribute of this element."""
    return attribute in ATTRIBUTES or attribute in ATTRIBUTES_OF.get(element, ()) or attribute.startswith(PREFIXES)


def scheme(address: str) -> str:
    """The scheme of an address as a browser reads it, lower case; "" where it is relative."""
    found = _SCHEME.match(_IGNORED.sub("", address))
    return found[1].lower() if found else ""


def frame_host(address: str) -> str:
    """The host of a frame's address, "" where there is none or it is not asked over https."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme == "https" and port is None and not parts.username else ""
