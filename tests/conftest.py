"""Ctrl-C works in the processes that tests start, also where the tests run in a shell's background.

There SIGINT is ignored from the start, and who is started inherits that.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
