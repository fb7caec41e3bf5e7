"""The Flask application: the API, the pages, and the commands to the simulation."""

from flask import Flask

from deskside.demo.whmcs import api, control, pages
from deskside.demo.whmcs.knowledge import endpoint
from deskside.demo.whmcs.knowledge import pages as knowledge_pages
from deskside.demo.whmcs.wire import Wire
from deskside.demo.whmcs.world import World


def create_app(world: World) -> Flask:
    """The application that serves `world`."""
    app = Flask(__name__)
    app.extensions["world"] = world
    for blueprint in (api.api, endpoint.api, control.pages, pages.pages, knowledge_pages.pages):
        app.register_blueprint(blueprint)
    app.wsgi_app = Wire(app.wsgi_app, world)  # type: ignore[method-assign]
    return app
