"""Writing the sheet's contacts to AWS: the one thing that Cairn can change there.

Plan (what would change, read from AWS itself) → confirm → write one by one, each read back → undo
as a plan of its own. Off unless CONTACT_PUSH is set and the connection names a contacts role.
"""
