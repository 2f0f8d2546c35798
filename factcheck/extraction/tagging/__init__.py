"""The trained reading of an article: words -> tags -> quotes with who said them, by which words, in which frame."""
