"""Common given and family names from which a sample's invented people are named."""

GIVEN_NAMES: tuple[str, ...] = tuple(
    # One name a line, as a literal would have it, is far longer and no easier to read.
    """
    Aaliyah Adam Aisha Alan Alison Amara Amit Andrew Angela Anita Anna Anthony Ayesha Barbara
    Ben Beverley Brian Carol Caroline Catherine Chidi Chloë Christine Claire Colin Craig Daniel
    David Dawn Deborah Delroy Denise Diane Donna Edward Elaine Eleri Elizabeth Emma Farah Fiona
    Gareth Gary Geoffrey Gillian Graham Grace Harpreet Heather Helen Ian Imran Jacqueline James
    Jane Janet Jason Jean Joanne John Joyce Julie Karen Kathryn Keith Kelly Kenneth Kevin Kofi
    Laura Leroy Lesley Linda Lisa Louise Malcolm Margaret Maria Mark Martin Mary Matthew Mehmet
    Michael Mohammed Nadia Natalie Neil Nicola Nigel Olivia Pamela Patricia Paul Pauline Peter
    Philip Priya Rachel Rebecca Renée Richard Robert Ruth Samantha Sandra Sarah Shabana Sharon
    Siân Simon Siobhán Stephen Steven Stuart Susan Tariq Tracey Usha Valerie Vikram Wayne Wendy
    William Yasmin Yvonne Zoë
    """.split()  # noqa: SIM905 - see above
)

FAMILY_NAMES: tuple[str, ...] = tuple(
    # One name a line, as a literal would have it, is far longer and no easier to read.
    """
    Adams Adeyemi Ahmed Akhtar Ali Allen Anderson Bailey Baker Banerjee Barker Begum Bell
    Bennett Brown Butler Campbell Carter Chapman Chowdhury Clark Clarke Cole Collins Cook Cooper
    Cox Davies Davis Dixon Edwards Ellis Evans Fisher Foster Fraser Gill Graham Gray Green
    Griffiths Hall Harris Harrison Harvey Hill Holmes Hughes Hunt Hussain Jackson James Jenkins
    Johnson Jones Kaur Kelly Khan King Knight Kumar Lee Lewis Lloyd Marshall Martin Mason
    Matthews Mensah Miller Mills Mitchell Moore Morgan Morris Murphy Nguyen O'Brien O'Connor
    Okafor Owen Palmer Parker Patel Pearson Phillips Powell Price Rahman Reid Reynolds Richards
    Richardson Roberts Robinson Rogers Russell Scott Shah Shaw Simpson Singh Smith Stevens
    Stewart Taylor Thomas Thompson Turner Walker Walsh Ward Watson Webb White Wilkinson Williams
    Wilson Wood Wright Young
    """.split()  # noqa: SIM905 - see above
)
