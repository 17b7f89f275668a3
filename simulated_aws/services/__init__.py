"""One module per boto3 client, with the operations the simulation answers itself.

Found by discovery: a module registers its functions with `answers.answers`.
"""
