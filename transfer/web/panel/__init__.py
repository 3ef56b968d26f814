"""The pages for the clerk and the members of a panel: their cases, and questions that are kept."""
