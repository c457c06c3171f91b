"""Three real batches, with which the bot runs without a network: facts, and summaries in our own words.

They are kept in the layout of the feed, so that the feed's parser reads them.
"""
