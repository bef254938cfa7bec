"""The trainer: trains a network on data, reports its costs, stops early, and can be resumed.

One iteration goes through engine.compiled: the batching brings the examples into the buffers, the gradient program
computes the gradient from them, and the update changes the parameters. Every `report_every` iterations, and at the end,
the reports measure the costs and decide whether the run goes on.
"""
