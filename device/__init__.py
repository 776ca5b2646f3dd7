"""The pump companion: asks why you are pumping, keeps the answer, and tells the home's dashboards."""

SPOKEN = ("en", "de", "fr", "es", "it")
"""The languages of the display and of Home Assistant's names, by their codes: each is a file in `device/words`."""


class OneLineError(Exception):
    """What can't be had or done, for people: one line that says what is wrong, where, and what to do.

    Wherever it is raised, the command line prints it and ends with `status`.
    """

    status = 1


def version() -> str:
    """This program's version, as its package says."""
    import importlib.metadata

    try:
        return importlib.metadata.version("pump-companion")
    except importlib.metadata.PackageNotFoundError:
        return "unpackaged"
