"""`deskside`: the top of the command line."""

import logging
import sys
from pathlib import Path

import click

from deskside import __version__
from deskside.commandline import (
    database,
    demo,
    desks,
    events,
    health,
    incidents,
    kb,
    kb_search,
    people,
    plugins,
    prober,
    push,
    push_opinion,
    push_test,
    queue,
    rdap,
    serve,
    services,
    setup,
    sweep,
    weights,
)
from deskside.errors import DesksideError


class _Group(click.Group):
    """Turns an error of ours into one line and exit status 1; a trace is for errors nobody foresaw."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DesksideError as error:
            click.secho(f"deskside: {error}", fg="red", err=True)
            sys.exit(1)


@click.group(cls=_Group)
@click.version_option(__version__, prog_name="deskside")
@click.option(
    "--config",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="DESKSIDE_CONFIG",
    help="The configuration file (deskside.toml here, if not given).",
)
@click.option("--verbose", is_flag=True, help="Say more in the log.")
@click.pass_context
def main(context: click.Context, path: Path | None, verbose: bool) -> None:
    """Deskside sits at the side of your help desk: server health on every ticket, a fair weighted queue."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # Their own lines quote bodies and addresses of people.
    for name in ("urllib3", "zenpy", "apscheduler", "procrastinate"):
        logging.getLogger(name).setLevel(logging.ERROR)
    context.obj = path


queue.queue.add_command(weights.weights)
push.push.add_command(push_opinion.opinion)
push.push.add_command(push_test.test)
kb.kb.add_command(kb_search.search)
for command in (
    demo.demo,
    setup.init,
    setup.check,
    desks.connect,
    serve.serve,
    serve.web,
    serve.worker,
    serve.clock,
    health.health,
    prober.prober,
    incidents.incidents,
    sweep.sweep,
    queue.queue,
    services.services,
    rdap.rdap,
    push.push,
    kb.kb,
    events.events,
    people.people,
    people.tokens,
    database.db,
    plugins.plugins,
):
    main.add_command(command)
