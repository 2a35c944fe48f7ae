"""ALL-Net as the article's code built it (lab/ARTICLE.md, "Network";
input 224 x 224 x 3, three blocks of 3x3 valid convolution, ReLU and 2x2 max pooling, global
average pooling, dense 256, 512, 1024, dropout 0.2, dense 4), and its export.

With norm="batch" every block is normalised in training. The normalisation stands after the
pooling and its gain is kept positive; a positive gain commutes with the maximum, so
`folded` turns the network into exactly the plain ALL-Net that is exported."""

import copy
import importlib.util
import inspect
import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = ("Benign", "Early", "Pre", "Pro")
SIDE = 224
DENSE = (256, 512, 1024)


class Block(nn.Module):
    """3x3 valid convolution, 2x2 max pooling, ReLU. ReLU and maximum commute, so this is the
    article's order (convolution, ReLU, pooling) at a quarter of the memory traffic."""

    def __init__(self, inputs, outputs, norm):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, bias=norm == "none")
        nn.init.xavier_uniform_(self.conv.weight)
        if norm == "none":
            nn.init.zeros_(self.conv.bias)
        else:
            self.momentum = 0.1
            self.log_gain = nn.Parameter(torch.zeros(outputs))
            self.shift = nn.Parameter(torch.zeros(outputs))
            self.register_buffer("mean", torch.zeros(outputs))
            self.register_buffer("variance", torch.ones(outputs))

    def forward(self, x):
        x = F.max_pool2d(self.conv(x), 2)
        if self.conv.bias is None:
            x = F.batch_norm(x, self.mean, self.variance, self.log_gain.exp(), self.shift,
                             self.training, momentum=self.momentum, eps=1e-5)
        return F.relu(x)

    def folded(self):
        if self.conv.bias is not None:
            return self
        plain = Block(self.conv.in_channels, self.conv.out_channels, "none")
        scale = self.log_gain.exp() / torch.sqrt(self.variance + 1e-5)
        plain.conv.weight.data = self.conv.weight.data * scale[:, None, None, None]
        plain.conv.bias.data = self.shift - self.mean * scale
        return plain


class ALLNet(nn.Module):
    """x: [N][3][height][width], RGB in [0,1] > logits [N][4]. 224 x 224 at inference; any size from
    22 pixels (46 with four blocks) up passes, since everything before the global average pooling is convolutional.
    filters: of the blocks, as many as there are; dense: widths of the layers between pooling and output."""

    def __init__(self, filters=(32, 64, 128), norm="none", dense=DENSE):
        super().__init__()
        self.filters = tuple(filters)
        self.dense = tuple(dense)
        self.norm = norm
        widths = (3,) + self.filters
        self.blocks = nn.Sequential(*(Block(i, o, norm) for i, o in zip(widths, widths[1:])))
        self.pool = nn.AdaptiveAvgPool2d(1)
        head = []
        for i, o in zip((widths[-1],) + self.dense, self.dense):
            head += [nn.Linear(i, o), nn.ReLU()]
        head += [nn.Dropout(0.2), nn.Linear((widths[-1:] + self.dense)[-1], len(CLASSES))]
        for layer in head:
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)
        self.head = nn.Sequential(*head)

    def forward(self, x):
        return self.head(torch.flatten(self.pool(self.blocks(x)), 1))

    def folded(self):
        """The same function without normalisation layers, in evaluation mode."""
        plain = ALLNet(self.filters, dense=self.dense)
        with torch.no_grad():
            plain.blocks = nn.Sequential(*(b.folded() for b in self.blocks))
            plain.head.load_state_dict(self.head.state_dict())
        return plain.float().eval()


def parameter_count(network):
    return sum(p.numel() for p in network.parameters())


def check_export():
    """End the program where `export` would fail after the work: from 2.0 on PyTorch's exporter needs the package onnx."""
    if int(torch.__version__.split(".")[0]) >= 2 and importlib.util.find_spec("onnx") is None:
        sys.exit(f"PyTorch {torch.__version__} writes ONNX files with the Python package onnx, which is not installed")


def load(checkpoint):
    """What train.py saved, on the CPU."""
    # Newer releases load nothing but tensors unless told that the file is trusted.
    trusted = {"weights_only": False} if "weights_only" in inspect.signature(torch.load).parameters else {}
    return torch.load(checkpoint, map_location="cpu", **trusted)


def export(network, path):
    """Write the folded network as ONNX, opset 13: input "image" [1][3][224][224], output "logits" [1][4]."""
    plain = copy.deepcopy(network.folded()).cpu().to(memory_format=torch.contiguous_format)
    options = dict(opset_version=13, input_names=["image"], output_names=["logits"])
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False  # releases from 2.5 on: the exporter that writes opset 13 as asked
    torch.onnx.export(plain, torch.zeros(1, 3, SIDE, SIDE), path, **options)


def read(path):
    """The network in an ONNX file that `export` wrote. Needs the Python package onnx."""
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError:
        sys.exit(f"reading {path} needs the Python package onnx (Debian: python3-onnx)")
    state = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in onnx.load(path).graph.initializer}
    filters = [len(p) for p in state.values() if p.dim() == 4]
    dense = [len(p) for p in state.values() if p.dim() == 2][:-1]
    plain = ALLNet(filters, dense=dense)
    wanted = {name: tuple(p.shape) for name, p in plain.state_dict().items()}
    if {name: tuple(p.shape) for name, p in state.items()} != wanted:
        sys.exit(f"{path} holds no network that export wrote")
    plain.load_state_dict(state)
    return plain.eval()


def unfold(net, plain, settle):
    """Make the normalised network net the same function as plain, so that training can go on from it. settle(net) must
    set the running statistics of net's normalisation from training pictures."""
    if net.norm == "none":
        net.load_state_dict(plain.state_dict())
        return
    with torch.no_grad():
        for block, folded in zip(net.blocks, plain.blocks):
            block.conv.weight.copy_(folded.conv.weight)
        net.head.load_state_dict(plain.head.state_dict())
        # One block after the other, for the statistics of one depend on what those before it hand on.
        for block, folded in zip(net.blocks, plain.blocks):
            settle(net)
            block.log_gain.copy_(torch.sqrt(block.variance + 1e-5).log())
            block.shift.copy_(folded.conv.bias + block.mean)


def multiply_adds(filters=(32, 64, 128), dense=DENSE):
    """Multiply-adds of one forward pass at 224 x 224."""
    total, side, inputs = 0, SIDE, 3
    for outputs in filters:
        total += (side - 2) ** 2 * 9 * inputs * outputs
        side, inputs = (side - 2) // 2, outputs
    widths = (inputs,) + tuple(dense) + (len(CLASSES),)
    return total + sum(math.prod(pair) for pair in zip(widths, widths[1:]))
