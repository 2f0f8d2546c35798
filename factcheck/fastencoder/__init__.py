"""The shipped model on the processor's 8-bit instructions: the same vectors, nearly, in a fraction of the time and memory.

``opening`` opens it; ``body`` encodes, with ONNX Runtime; ``vocabulary`` cuts texts into tokens; ``files`` makes what they read,
once, from the weights in the installed package; ``graph`` writes the network down; ``calibration`` looks how large the numbers in it
get. Nothing here needs torch.
"""
