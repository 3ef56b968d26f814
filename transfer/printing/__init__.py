"""Documents on paper: a template, the values that it shows, and a PDF of them."""
