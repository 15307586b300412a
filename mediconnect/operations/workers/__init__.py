"""The processes behind the web: clusters of queue workers, the gate before them, the supervisor above them.

They live in operations, at the top, because the gate has to know `mediconnect/schedule.py`.
"""
