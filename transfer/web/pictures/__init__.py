"""Pictures drawn on the server: each a pure function from rows to an SVG and its table.

No picture needs a script, a style sheet or a font of its own, so each may stand in a page under the
strict content security policy, in print or in a file. Colour alone never carries a meaning.
"""
