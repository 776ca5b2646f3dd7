"""Who may open a device: the group that it belongs to, and whether it takes a new login."""

from .case import Case
from .finding import Finding, wrong


def shut(case: Case, name: str, device: str) -> Finding:
    """A device that this user may not open."""
    user, group = case.world.user(), case.world.group_of(device)
    what = f"{device} belongs to the group {group}, and {user} may not open it"
    if case.world.joined(group):
        return wrong(name, what, f"log in anew (or restart the service): {user} joined the group {group} since")
    if group == "root":
        return wrong(name, what, "install systemd/pump-companion.rules as docs/install.md says, and restart the Pi")
    return wrong(name, what, f"sudo usermod -aG {group} {user}, then log in anew")
