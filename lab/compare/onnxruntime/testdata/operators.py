#!/usr/bin/env python3
"""Small networks around single operators, as PyTorch exports them, with the numbers that PyTorch computes.

    python3 operators.py operators.json     one network for each operator and version of its form
    python3 operators.py OUT.json --rivals  the networks of lab/train/rivals.py with made-up statistics

The picture is the "noise" one of lab/train/golden.py, RGB in [0,1]; the single operators see a few of its
pixels. The numbers are computed in float64 from the float32 weights."""

import base64
import copy
import io
import json
import math
import os
import sys

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../train"))
import golden
import rivals

PICTURE = dict(golden.pictures())["noise"]


class Net(nn.Module):
    """`part` of the pixels at every 16th (or so) place, [1][3][14][14], centred; one row of numbers comes out."""

    def __init__(self, part, every=16):
        super().__init__()
        self.part, self.every = part, every

    def forward(self, x):
        x = F.max_pool2d(x, 1, self.every) - 0.5
        return torch.flatten(self.part(x), 1)


class Call(nn.Module):
    """A function as a module, with the modules that it uses."""

    def __init__(self, function, *modules):
        super().__init__()
        self.function, self.modules_used = function, nn.ModuleList(modules)

    def forward(self, x):
        return self.function(x, *self.modules_used)


def statistics(net):
    """Normalisations as after a training: every number of them different from what they begin with."""
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values, low, high in ((layer.weight.data, 0.5, 1.5), (layer.bias.data, -0.5, 0.5),
                                      (layer.running_mean, -0.5, 0.5), (layer.running_var, 0.5, 2)):
                values.uniform_(low, high)
    return net


def parts():
    """Name, operator set and network around one operator."""
    def row(start, step, *shape):
        return (torch.arange(math.prod(shape)) * step + start).reshape(shape)

    squeeze_excite = Call(lambda x, down, up: x * torch.sigmoid(up(F.relu(down(x.mean((2, 3), keepdim=True))))),
                          nn.Conv2d(3, 2, 1), nn.Conv2d(2, 3, 1))
    yield "convolution", 13, nn.Conv2d(3, 5, 3, bias=False), 24
    yield "convolution, strides and pads", 13, nn.Conv2d(3, 4, (3, 5), stride=(2, 3), padding=(1, 2)), 16
    yield "convolution, dilations", 13, nn.Conv2d(3, 4, 3, dilation=(2, 3), padding=(0, 3)), 24
    yield "convolution in groups", 13, nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 12, 3, stride=2, groups=2)), 24
    yield "convolution by depth", 13, nn.Conv2d(3, 3, 3, padding=1, groups=3), 24
    yield "convolution by depth, twofold, strides", 13, nn.Conv2d(3, 6, 3, stride=2, padding=1, dilation=2, groups=3), 24
    yield "padding and an even kernel", 13, Call(lambda x, c: c(F.pad(x, (1, 2, 0, 1), value=0.25)), nn.Conv2d(3, 4, 4, stride=2)), 24
    yield "normalisation", 13, nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 4, 3, stride=2)), 24
    yield "leaky ReLU", 13, nn.LeakyReLU(0.2), 32
    yield "ELU", 13, nn.ELU(0.7), 32
    yield "clip, attributes", 9, nn.Hardtanh(-0.2, 0.3), 32
    yield "clip, inputs", 13, nn.Hardtanh(-0.2, 0.3), 32
    yield "sigmoid", 13, nn.Sigmoid(), 32
    yield "hyperbolic tangent", 13, nn.Tanh(), 32
    yield "hard sigmoid", 13, Call(lambda x: F.hardsigmoid(8 * x)), 32
    yield "hard swish", 14, Call(lambda x: F.hardswish(8 * x)), 32
    yield "arithmetic that spreads", 13, Call(lambda x: (x + row(0.5, 0.25, 3, 1, 1)) * row(1, 0.5, 1, 1, 1, 7) - 2), 32
    yield "division", 13, Call(lambda x: x / row(1.5, 0.5, 7) - x / 4), 32
    yield "squeeze and excite", 13, squeeze_excite, 32
    yield "largest of a window", 13, nn.MaxPool2d(3, 2, 1), 16
    yield "largest of a window, ceiling and dilation", 13, nn.MaxPool2d((3, 2), 3, 1, dilation=(2, 1), ceil_mode=True), 16
    yield "mean of a window", 13, nn.AvgPool2d(3, 2, 1, count_include_pad=False), 16
    yield "mean of a window, padding counted", 13, nn.AvgPool2d(3, 2, 1), 16
    yield "mean of a window, ceiling", 13, nn.AvgPool2d(3, 2, ceil_mode=True), 16
    yield "mean of a window, ceiling, padding counted", 13, nn.AvgPool2d(3, 2, 1, ceil_mode=True), 16
    yield "global mean", 13, nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1)), 16
    yield "mean over two axes", 13, Call(lambda x: x.mean((2, 3))), 16
    yield "mean over one axis", 13, Call(lambda x: x.mean(1)), 32
    yield "mean over one axis that stays", 13, Call(lambda x: x.mean(2, keepdim=True)), 32
    yield "joining", 13, Call(lambda x, a, b: torch.cat([a(x), x, b(x)], 1), nn.Conv2d(3, 2, 1), nn.Conv2d(3, 4, 1)), 32
    yield "joining along the last axis", 13, Call(lambda x: torch.cat([x, 2 * x], 3)), 32
    yield "another shape", 13, Call(lambda x: x.reshape(x.size(0), -1, 2) * row(1, 1, 2)), 16
    yield "another shape, open batch", 13, Call(lambda x: x.view(x.size(0) * x.size(1), -1).reshape(x.size(0), -1)), 32
    yield "shuffled channels", 13, Call(lambda x, c: c(x).view(1, 2, 3, 7, 7).transpose(1, 2).reshape(1, 6, 7, 7), nn.Conv2d(3, 6, 1)), 32
    yield "parts", 13, Call(lambda x: torch.cat([x[:, 1:, ::3, -4:], x[:, :2, 1:14:3, 5:-5]], 1)), 16
    yield "parts, attributes", 9, Call(lambda x: x[:, 1:, 2:-3, -4:]), 16
    yield "other order of axes", 13, Call(lambda x: x.permute(0, 2, 3, 1)), 32
    yield "axes of one, attributes", 11, Call(lambda x: x.mean((2, 3), keepdim=True).squeeze(3).squeeze(2).unsqueeze(1).unsqueeze(3).squeeze(1)), 16
    yield "axes of one, inputs", 13, Call(lambda x: x.mean((2, 3), keepdim=True).squeeze(3).squeeze(2).unsqueeze(1).unsqueeze(3).squeeze(1)), 16
    yield "dense", 13, Call(lambda x, a, b: b(F.dropout(F.relu(a(torch.flatten(x, 1))), 0.5, False)), nn.Linear(48, 9), nn.Linear(9, 4)), 60
    yield "matrix product", 13, nn.Linear(7, 5), 32
    yield "softmax", 13, Call(lambda x, d: F.softmax(8 * d(torch.flatten(x, 1)), 1), nn.Linear(48, 4)), 60
    yield "softmax, older", 11, Call(lambda x, d: F.softmax(8 * d(torch.flatten(x, 1)), 1), nn.Linear(48, 4)), 60
    yield "softmax over channels", 13, nn.Softmax(1), 60


def entry(name, opset, net):
    x = torch.from_numpy(PICTURE.copy()).permute(2, 0, 1)[None].contiguous().float() / 255
    net = statistics(net).eval()
    file = io.BytesIO()
    with torch.no_grad():
        double = copy.deepcopy(net).double()
        torch.onnx.export(net, x, file, opset_version=opset, input_names=["image"], output_names=["answer"],
                          dynamic_axes={"image": {0: "pictures"}} if name.endswith("open batch") else None)
        answer = double(x.double())[0]
    return dict(name=name, opset=opset, onnx=base64.b64encode(file.getvalue()).decode(), answer=[float(f"{v:.9g}") for v in answer])


def main():
    torch.manual_seed(1)
    if "--rivals" in sys.argv:
        entries = [entry(name, 13, make()) for name, make in rivals.NETWORKS.items()]
    else:
        entries = [entry(name, opset, Net(part, every)) for name, opset, part, every in parts()]
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        f.write(f'{{"made_with": "PyTorch {torch.__version__}", "networks": [\n')
        f.write(",\n".join(json.dumps(e) for e in entries) + "\n]}\n")


if __name__ == "__main__":
    main()
