"""`deskside demo`: a living Deskside beside a simulated Zendesk, on this machine only."""

import click


@click.command()
def demo() -> None:
    """See it work in a minute: a simulated Zendesk, living and dead servers, a stream of tickets. Touches nothing."""
    raise click.ClickException("the demonstration is being wired")
