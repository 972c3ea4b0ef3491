"""`python -m collector` is `chiso`."""

from prometheus_client import disable_created_metrics

from collector.commands.app import app


def main() -> None:
    # When a counter began is a second series for each of ours, and nobody asks for it.
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped
    app(prog_name="chiso")


if __name__ == "__main__":
    main()
