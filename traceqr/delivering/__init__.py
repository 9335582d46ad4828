"""Delivering: finding out what there is to tell, and sending it by mail and by webhook until it has arrived."""
