"""x"""

plugin = None
