"""Server health: the address guard, a probe a file, the verdict, and the words of the note."""
