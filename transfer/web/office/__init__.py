"""The pages for those who run exercises, and for those who audit them."""
