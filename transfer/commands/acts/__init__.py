"""The acts of procedures as they are offered to people and programs, derived from the kinds.

given       the body that an act takes, made from what its declaration needs
doing       one act asked for; how most acts are done; what came of it
exercise    the acts of an exercise that take more than one command, or choose their people
others      how an appeal and a consultation begin
offered     all of them by kind and name, for the API, the command line and the pages
"""
