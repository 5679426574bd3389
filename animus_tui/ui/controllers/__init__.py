"""What the chat screen does, in objects that are given the session and the widgets that they need.

Each action of the table is a method of the controller that the table names as its owner.
"""
