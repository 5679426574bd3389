"""Character cards, the files in which other programs keep characters: V1, V2 and V3, as JSON, PNG or CharX.

Nobody vouches for a card: what is read of it is bounded, and no pixel of its picture is decoded here.
"""
