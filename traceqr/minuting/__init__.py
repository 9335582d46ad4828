"""The record of an inspection (现场检查笔录) as a document: what it says, and how it is drawn."""
