#!/usr/bin/env python3
"""Scores bookings: reads `user amount` lines and prints how far each is from what the user usually books.

An ordinary script: it knows nothing of troupe, and its output is buffered as Python likes it."""
import sys

usual = {}
for line in sys.stdin:
    user, amount = line.split()
    amount = float(amount)
    before = usual.get(user, amount)
    usual[user] = 0.9 * before + 0.1 * amount
    print(f"{user} {amount:.0f} {abs(amount - before) / (abs(before) + 1):.2f}")
