"""Texts in which the form says who speaks: debates, minutes, interviews, subtitles."""
