"""Where people are asked: our own page, and the words a portal's script asks with."""

from flask import Response, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_limiter.util import get_remote_address

from deskside.store.database import reading
from push.subscribers import agents, topics
from push.subscribers.topics import Topic
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.signing import LANGUAGES
from webhooks.pages.words import gettext
from webhooks.push import origins
from webhooks.push.face import anywhere, blueprint, face, file_url, for_visitors, icon, language, policy

asking = blueprint("push_asking")
for_visitors(asking)


def words_of_consent() -> str:
    """What a person agrees to, in the reader's language. It is shown where they are asked, and kept with their yes."""
    settings = face().settings
    return gettext(
        "%(name)s may send notifications about the chosen topics to this browser, as a rule at most %(most)s a week, "
        "and keeps for this what the browser needs to be reached. It can be switched off at any time.",
        name=settings.name,
        most=settings.per_week,
    )


@asking.get("/")
@limiter.limit("120 per minute", key_func=get_remote_address)
def page() -> ResponseReturnValue:
    """The page that asks: topics and language first, then the browser's own question on the click."""
    with force_locale(language()):
        browser, platform = agents.recognise(request.headers.get("User-Agent", ""))
        chosen = {name for name in request.args.get("topics", "").split(",") if name}
        answer = make_response(
            render_template(
                "push_ask.html",
                name=face().settings.name,
                icon=icon(),
                topics=[(topic, topic.name in chosen if chosen else topic.proposed) for topic in _offered()],
                words=words_of_consent(),
                origins=list(origins.portals()),
                languages=LANGUAGES,
                browser=browser,
                platform=platform,
                file_url=file_url,
                worker=url_for("push_files.worker"),
                manifest=url_for("push_files.manifest", lang=language()),
            )
        )
    answer.headers["Content-Security-Policy"] = policy(scripts=True)
    # The portal whose script opened this window must hear that it is done.
    answer.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return answer


@asking.get("/prompt")
@limiter.limit("240 per minute", key_func=get_remote_address)
def prompt() -> Response:
    """The same question for the script of a portal, in words."""
    name, tongue = face().settings.name, language()
    with force_locale(tongue):
        response: Response = jsonify(
            language=tongue,
            languages=LANGUAGES,
            icon=icon(),
            topics=[
                {"name": topic.name, "title": topic.title(tongue), "proposed": topic.proposed} for topic in _offered()
            ],
            title=gettext("Hear from %(name)s at once?", name=name),
            body=gettext("A short notification when there is news for you, also while this page is closed."),
            about=gettext("What about"),
            tongue=gettext("Language"),
            words=words_of_consent(),
            yes=gettext("Yes, notify me"),
            no=gettext("Not now"),
            open=gettext("Go on in a new window"),
            done=gettext("Notifications are on."),
            preferences=gettext("Choose topics and times"),
            denied=gettext("This browser blocks notifications of this site."),
            how=gettext("How to allow them"),
            trouble=gettext("That did not work. Try again in a moment."),
        )
    response.headers["Cache-Control"] = "public, max-age=300"
    return anywhere(response)


def _offered() -> list[Topic]:
    with reading(current().database) as connection:
        return topics.offered(connection)
