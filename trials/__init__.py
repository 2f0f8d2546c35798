"""Trials: how the house behaves when processes are killed, disks fail and everybody comes at once. Each is a command that prints its figures."""
