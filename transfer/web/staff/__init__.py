"""The pages for members of staff: their own record, what they may do, who has read it."""
