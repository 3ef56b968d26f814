"""Notices: telling people outside that there is something to read or to do.

    owed          which notice is owed to whom, and why; pure
    kept          the table of notices: noted once, claimed by one sender, kept with what came of it
    couriers      what takes a notice along: the protocol, and how a courier says no
    outbox        a courier that writes each notice into a file, the default
    govuk_notify  a courier that hands it to GOV.UK Notify as an e-mail
    addresses     the address book, outside the record
    sending       finds what is owed, and sends what waits

A notice has a kind, an opaque reference and a link, and nothing else: no name, no staff number, no
date, and nothing of what the record says.
"""
