"""The store on PostgreSQL: a connection with the surface of SQLite's, so that the rest of ``db`` says everything once.

Statements are written in the SQL both engines know where there is one, and translated where there is none (``dialect``). The schema is
made from SQLite's own (``schema``), so that the two cannot drift apart. Full text is the one thing that is done differently (``words``).
"""
