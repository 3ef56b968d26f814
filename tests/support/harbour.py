"""An edition with a column of evidence of each type, for tests of returns and of the API."""

EDITION = """
edition = "harbour-2030"
title = "Harbour authority"
mechanism = { is = "TUPE", by = "H-01" }

[[clause]]
id = "H-01"
title = "The move"
text = "Staff of the two councils move."
sources = ["The order"]
confidence = "S"

[parties]
transferors = ["London Borough of Moor", "Fen District Council"]
[[parties.transferee]]
id = "port"
name = "Port Authority"
changes = { employer = "Port Authority" }
[[parties.transferee]]
id = "town"
name = "Town Council"
changes = { employer = "Town Council" }
[[parties.transferee]]
id = "none"
name = "Neither"
changes = { employer = "Neither" }

[scope]
who = "employer in transferors"

[[route]]
id = "all"
clause = "H-01"
when = "true"
to = "'port'"

[[letter]]
id = "outcome"

[[milestone]]
id = "start"
on = 2030-01-01
clause = "H-01"
role = "start"
announced_on = 2029-12-01

[[milestone]]
id = "transfer"
on = 2030-04-01
clause = "H-01"
role = "transfer"
announced_on = 2029-12-01
"""

EVIDENCE = """
[[evidence]]
name = "cases"
title = "Cases"
type = "whole"
least = 1
most = 50

[[evidence]]
name = "change"
title = "Change"
type = "whole"

[[evidence]]
name = "port_cases"
title = "Cases of the port"
type = "decimal"
not_above = "cases"

[[evidence]]
name = "served"
title = "Share served"
type = "share"

[[evidence]]
name = "pay"
title = "Pay"
type = "money"

[[evidence]]
name = "keen"
title = "Keen"
type = "yes-no"

[[evidence]]
name = "since"
title = "Since"
type = "date"

[[evidence]]
name = "remark"
title = "Remark"
type = "text"

[[evidence]]
name = "grade"
title = "Grade"
type = "choice"
choices = ["Upper grade", "lower"]

[[evidence]]
name = "goes_to"
title = "Goes to"
type = "transferee"
document = true

[[evidence]]
name = "came_from"
title = "Came from"
type = "transferor"

[[evidence]]
name = "new_manager"
title = "New manager"
type = "staff-number"
"""
