"""The command line: which commands there are."""

import typer

from collector.commands.accept import accept
from collector.commands.advise import advise
from collector.commands.changes import changes
from collector.commands.check import check
from collector.commands.demo import demo
from collector.commands.explain import explain
from collector.commands.history import history
from collector.commands.pull import pull
from collector.commands.rescore import rescore
from collector.commands.robust import robust
from collector.commands.run import run
from collector.commands.schema import schema
from collector.commands.scores import scores
from collector.commands.source import app as source
from collector.commands.whatif import whatif

app = typer.Typer(
    name="chiso",
    help="Live indicators and scores of state agencies, from their source systems.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    demo,
    run,
    check,
    pull,
    accept,
    scores,
    history,
    explain,
    advise,
    changes,
    rescore,
    whatif,
    robust,
    schema,
):
    app.command()(command)
app.add_typer(source, name="source")
