"""The encoder's layers as an ONNX graph, with matrix products of 8-bit integers.

Inputs: ``words`` float32 (texts, tokens, hidden), the rows of the word embeddings, which stay outside so that several graphs
share them; ``mask`` int32 (texts, tokens), 1 for a token and 0 for padding; ``share`` float32 (texts, 1, tokens), each token's
share in the mean. Outputs: ``mean`` float32 (texts, 1, hidden), not normalised, and ``layer1`` to ``layerN`` (texts, tokens, hidden)
for the layers an explanation looks at.

What is rounded to 8 bits: the inputs of every matrix product, with one scale for a whole batch or, ``finer``, one for each token,
and the weights, with one scale for each output. That alone costs too much, since a few channels are a hundred times larger than
the others. So the scale of large channels is moved into the weights (SmoothQuant, arXiv 2211.10438), and the few largest channels
inside the feed-forward part, single tokens of which reach 70 where others stay below 1, are multiplied in float32 beside the rest
(LLM.int8(), arXiv 2208.07339).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

APART = 8  # channels of each feed-forward part that are not rounded: without any the cosine loses .003, with 32 it gains .0001
EVENLY = 0.5  # which share of a channel's size moves into the weights; .3 and .8 are worse, .65 has single texts that are
OPSET, IR = 17, 9
OWN = "com.microsoft"  # ONNX Runtime's own operators

Weights = Mapping[str, np.ndarray]  # by their names in Hugging Face's BertModel, float32
Value = tuple[str, int, list | None]  # name of an input or output, its type as ONNX numbers them, its shape
Largest = Mapping[str, np.ndarray]  # name of a matrix without ".weight" -> largest absolute value of each input channel

QUERY, KEY, VALUE = "attention.self.query", "attention.self.key", "attention.self.value"
ATTENDED, INNER, OUTER = "attention.output.dense", "intermediate.dense", "output.dense"


def depth(weights: Weights) -> int:
    """The number of layers."""
    return 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))


def exact(weights: Weights, heads: int, epsilon: float) -> tuple[bytes, dict[str, str]]:
    """The graph in float32, for calibration, and the outputs it has besides ``mean``: matrix -> what goes into it."""
    made = _Sentences(weights, heads, epsilon, None)
    return made.serialized([], made.inputs), made.inputs


def rounded(weights: Weights, heads: int, epsilon: float, largest: Largest, shown: range, finer: bool = False) -> bytes:
    """The graph in 8 bits; ``shown`` are the layers, counted from 1, whose token states can be asked for.

    ``finer``: each token is rounded with a scale of its own. Nearer to float32, in a sixth more time. To round what goes into the attention a
    second time, by what the first left, took as much again and ranked no better.
    """
    return _Sentences(weights, heads, epsilon, largest, finer).serialized(list(shown), {})


def evened(weights: Weights, largest: Largest, layer: int) -> dict[str, np.ndarray]:
    """By which each input channel of the layer's matrices is divided before it is rounded; their geometric mean is 1."""
    at = f"encoder.layer.{layer}."
    found = {}
    for part, readers in ((QUERY, (QUERY, KEY, VALUE)), (ATTENDED, (ATTENDED,)), (INNER, (INNER,)), (OUTER, (OUTER,))):
        by_weights = np.max([np.abs(weights[f"{at}{name}.weight"]).max(axis=0) for name in readers], axis=0)
        scale = np.maximum(largest[at + part], 1e-2) ** EVENLY / np.maximum(by_weights, 1e-3) ** (1 - EVENLY)
        found[part] = (scale / np.exp(np.log(scale).mean())).astype(np.float32)
    return found


def in_8_bits(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(in, out) float32 -> int8 of the same shape and a float32 scale for each output."""
    scale = np.maximum(np.abs(matrix).max(axis=0) / 127, 1e-12).astype(np.float32)
    return np.clip(np.round(matrix / scale), -127, 127).astype(np.int8), scale


class Graph:
    """The layers, written down node by node; a subclass says what comes of their ``states``. ``largest`` None: everything in float32."""

    mask = "mask"  # the input that tells tokens from padding; "" for a graph that is never given any padding

    def __init__(self, weights: Weights, heads: int, epsilon: float, largest: Largest | None, finer: bool = False) -> None:
        self._finer = finer
        self._weights, self._heads, self._epsilon, self._largest = weights, heads, epsilon, largest
        self._nodes: list = []
        self._constants: list = []
        self._sizes: dict[str, str] = {}  # tensor in 8 bits -> what each of its tokens was divided by
        self.inputs: dict[str, str] = {}  # matrix -> tensor that goes into it
        self.hidden = weights["embeddings.LayerNorm.weight"].shape[0]
        self.states: list[str] = []  # of each layer (texts, tokens, hidden)
        state = self._embedded()
        for layer in range(depth(weights)):
            state = self._layer(layer, state)
            self.states.append(state)

    def written(self, inputs: Sequence[Value], outputs: Sequence[Value]) -> bytes:
        """The graph with these inputs and outputs; of an output None as shape says nothing."""
        from onnx import helper

        inputs, outputs = ([helper.make_tensor_value_info(*value) for value in values] for values in (inputs, outputs))
        graph = helper.make_graph(self._nodes, "encoder", inputs, outputs, self._constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(OWN, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR).SerializeToString()

    def op(self, kind: str, *inputs: str, own: bool = False, outputs: int = 1, name: str = "", **attributes) -> str:
        """Adds a node; the name of its (first) output. Further outputs are called the same with 1, 2 behind a colon."""
        from onnx import helper

        first = name or f"{kind}-{len(self._nodes)}"
        names = [first, *(f"{first}:{i}" for i in range(1, outputs))]
        self._nodes.append(helper.make_node(kind, list(inputs), names, domain=OWN if own else "", **attributes))
        return first

    def constant(self, values: np.ndarray) -> str:
        from onnx import numpy_helper

        name = f"constant-{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _embedded(self) -> str:
        at = "embeddings."
        places = self._weights[at + "position_embeddings.weight"] + self._weights[at + "token_type_embeddings.weight"][0]
        tokens = self.op("Shape", "words", start=1, end=2)
        used = self.op("Slice", self.constant(places), self.constant(np.array([0], np.int64)), tokens)
        return self.normed(self.op("Add", "words", used), at + "LayerNorm")

    def _layer(self, layer: int, state: str) -> str:
        at = f"encoder.layer.{layer}."
        scales = evened(self._weights, self._largest, layer) if self._largest is not None else {}
        small = self._small(state, at + QUERY, scales.get(QUERY))
        query, key = (self._product(small, at + part, scales.get(QUERY)) for part in (QUERY, KEY))
        # What is attended to is made even by the weights that make it, which costs nothing.
        value = self._product(small, at + VALUE, scales.get(QUERY), scales.get(ATTENDED))
        attended = self.op("MultiHeadAttention", query, key, value, "", self.mask, own=True, num_heads=self._heads)
        small = self._small(attended, at + ATTENDED, None)
        attended = self._product(small, at + ATTENDED, scales.get(ATTENDED))
        state = self.normed(self.op("Add", attended, state), at + "attention.output.LayerNorm")
        small = self._small(state, at + INNER, scales.get(INNER))
        inner = self.op("Gelu", self._product(small, at + INNER, scales.get(INNER)), own=True)
        outer = self._outer(inner, at + OUTER, scales.get(OUTER))
        return self.normed(self.op("Add", outer, state), at + "output.LayerNorm")

    def _small(self, tensor: str, matrix: str, scale: np.ndarray | None) -> str:
        """The tensor as it goes into a matrix: divided by the scale and in 8 bits, or as it is."""
        self.inputs[matrix] = tensor
        if self._largest is None:
            return tensor
        if scale is not None:
            tensor = self.op("Mul", tensor, self.constant(1 / scale))
        return self._in_8_bits(tensor)

    def _in_8_bits(self, tensor: str) -> str:
        """Three outputs: values, scale and zero."""
        if not self._finer:
            return self.op("DynamicQuantizeLinear", tensor, outputs=3)
        size = self.op("ReduceMax", self.op("Abs", tensor), axes=[-1], keepdims=1)
        size = self.op("Max", size, self.constant(np.array(1e-6, np.float32)))
        tensor = self.op("Div", tensor, size)
        small = self.op("DynamicQuantizeLinear", tensor, outputs=3)
        self._sizes[small] = size
        return small

    def _product(self, small: str, matrix: str, scale: np.ndarray | None, scale_out: np.ndarray | None = None) -> str:
        weights, bias = self._weights[matrix + ".weight"].T, self._weights[matrix + ".bias"]
        if scale is not None:
            weights = weights * scale[:, None]
        if scale_out is not None:
            weights, bias = weights / scale_out, bias / scale_out
        return self._times(small, weights, bias)

    def _times(self, small: str, weights: np.ndarray, bias: np.ndarray) -> str:
        if self._largest is None:
            return self.op("Add", self.op("MatMul", small, self.constant(weights)), self.constant(bias))
        values, scale = map(self.constant, in_8_bits(weights))

        def product(some: str, *more: str) -> str:
            return self.op("MatMulIntegerToFloat", some, values, f"{some}:1", scale, f"{some}:2", *more, own=True)

        if small not in self._sizes:
            return product(small, "", self.constant(bias))
        return self.op("Add", self.op("Mul", product(small), self._sizes[small]), self.constant(bias))

    def _outer(self, inner: str, matrix: str, scale: np.ndarray | None) -> str:
        """Back from the wide middle of the feed-forward part, its largest channels apart."""
        if scale is None:
            return self._product(self._small(inner, matrix, None), matrix, None)
        weights = self._weights[matrix + ".weight"].T
        apart = np.sort(np.argsort(-self._largest[matrix], kind="stable")[:APART]).astype(np.int64)
        kept = np.ones_like(scale)
        kept[apart] = 0
        small = self._in_8_bits(self.op("Mul", inner, self.constant(kept / scale)))
        most = self._times(small, weights * (scale * kept)[:, None], self._weights[matrix + ".bias"])
        largest = self.op("Gather", inner, self.constant(apart), axis=-1)
        return self.op("Add", most, self.op("MatMul", largest, self.constant(weights[apart])))

    def normed(self, tensor: str, name: str) -> str:
        """Layer normalisation: the mean taken off, then the root mean square; one operator for both takes five times as long."""
        centred = self.op("Sub", tensor, self.op("ReduceMean", tensor, axes=[-1], keepdims=1))
        gain, shift = (self.constant(self._weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.op("Add", self.op("SimplifiedLayerNormalization", centred, gain, axis=-1, epsilon=self._epsilon), shift)


class _Sentences(Graph):
    """Out of the layers comes the mean of each text's tokens."""

    def serialized(self, shown: Sequence[int], beside: Mapping[str, str]) -> bytes:
        from onnx import TensorProto

        number, states = TensorProto.FLOAT, ["texts", "tokens", self.hidden]
        self.op("MatMul", "share", self.states[-1], name="mean")
        for layer in shown:
            self.op("Identity", self.states[layer - 1], name=f"layer{layer}")
        outputs = [("mean", number, ["texts", 1, self.hidden]), *((f"layer{layer}", number, states) for layer in shown)]
        outputs += [(name, number, None) for name in beside.values()]
        inputs = [("words", number, states), ("mask", TensorProto.INT32, ["texts", "tokens"]), ("share", number, ["texts", 1, "tokens"])]
        return self.written(inputs, outputs)
