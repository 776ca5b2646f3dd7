"""The pump companion: asks why you are pumping, keeps the answer, and tells the home's dashboards."""


def version() -> str:
    """This program's version, as its package says."""
    import importlib.metadata

    try:
        return importlib.metadata.version("pump-companion")
    except importlib.metadata.PackageNotFoundError:
        return "unpackaged"
