import pathlib


def edit(path, *subs):
    p = pathlib.Path(path)
    s = p.read_text()
    for a, b in subs:
        if a not in s:
            print("MISSING", path, repr(a[:90]))
        s = s.replace(a, b)
    p.write_text(s)


edit(
    "transfer/imports/staff_return/sample.py",
    ('"" if role.automatic is None else role.automatic.value', 'role.automatic or ""'),
)
edit(
    "transfer/rehearsal/play.py",
    ("reason=self._by_a_panel(),", 'reason="the decision of a panel, as drawn by the rehearsal",'),
)
edit(
    "transfer/rehearsal/run.py",
    (
        "            members = tuple(sorted(person.staff_number for person in staff.people))\n",
        """            members = exercises.who_is_covered(
                record.office,
                terms,
                sorted({person.staff_number for person in staff.people}),
                on=plan.starts_on,
            )
""",
    ),
    (
        "from transfer.commands.office import Act, key_id\n",
        "from transfer.commands import exercises\nfrom transfer.commands.office import Act, key_id\n",
    ),
)
