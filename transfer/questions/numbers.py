"""Staff numbers as the record spells them."""

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn


def numbers_whatever_case(conn: Conn, typed: str) -> tuple[str, ...]:
    """The staff numbers on record that are spelled so but for upper and lower case."""
    with conn.cursor(row_factory=tuple_row) as reader:
        found = reader.execute(
            # Blank: the person's own sheets, which everybody on record has.
            "SELECT DISTINCT staff_number FROM position_sheet"
            " WHERE assignment = '' AND lower(staff_number) = lower(%s) ORDER BY staff_number",
            (typed,),
        )
        return tuple(number for (number,) in found)
