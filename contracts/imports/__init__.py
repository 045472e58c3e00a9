"""Files in, through one importer: `receive` keeps a file, `preview` says what it would do, `commit` does it.

`reading` turns any file into lines, `values` turns cells into values, `formats` says which column means what, `writing`
and `writers` match lines with what is known and write.
"""

from contracts.imports.desk import commit, preview, receive, withdraw_contents

__all__ = ["commit", "preview", "receive", "withdraw_contents"]
