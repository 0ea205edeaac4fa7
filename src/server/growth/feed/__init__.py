"""Who follows whom, what they publish, and the feeds made of it.

Owns follow and feed_post. Invariants: a published post has what its kind needs; the place of a post in a feed is fixed
by its first publication; nobody is shown what their preference blocks, and a post hidden by a case is shown to nobody.
"""
