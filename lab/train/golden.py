#!/usr/bin/env python3
"""Ship trained weights together with the numbers that prove them.

    python3 golden.py OUT NAME   OUT is the folder that train.py wrote, or weights shipped before, as ONNX
    python3 golden.py --wide     made-up weights for the 64 / 128 / 256 variant

The first writes NAME.onnx and NAME.golden.json into the model folder (or --model DIR), both from
OUT/checkpoint.pt or from the file, the weights rounded to --digits binary digits: of 8 (those of bfloat16) the page's
compression takes 1.4 bytes for each weight, of 11 (those of half precision) 1.9. What is evaluated is what is stored. The second writes testdata/golden-wide.json, which depends on no training.

A golden file lists the logits that PyTorch computes for generated pictures, in float32 and, from the same
float32 weights and pixels, in float64. Pictures and made-up weights are integer arithmetic, the same as in
internal/golden; hashes of both are in the file, so each side proves that it has the other's."""

import argparse
import copy
import hashlib
import json
import os
import sys

import numpy as np
import torch

import network

SIDE = network.SIDE
WIDE = (64, 128, 256)


class LCG:
    """The 32-bit linear congruential generator of Numerical Recipes, as in picture.go."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return self.state

    def array(self, shape):
        return np.array([self.next() for _ in range(int(np.prod(shape)))], np.int64).reshape(shape)


def pictures():
    """Name and pixels, uint8 [224][224][3], of every generated picture."""
    y, x = np.mgrid[:SIDE, :SIDE]
    squares = ((x // 8 + y // 8) % 2 == 0)[..., None]
    d = (x - 112) ** 2 + (y - 112) ** 2
    return [(name, np.asarray(rgb).astype(np.uint8)) for name, rgb in (
        ("gradient", np.stack([x * 255 // (SIDE - 1), y * 255 // (SIDE - 1), (x + y) * 255 // (2 * SIDE - 2)], -1)),
        ("checks", np.where(squares, [230, 210, 220], [90, 60, 140])),
        ("rings", np.stack([d // 50 % 256, d // 20 % 256, d // 90 % 256], -1)),
        ("noise", LCG(1).array((SIDE, SIDE, 3)) >> 24),
        ("few cells", smear(2, 6, 14, 8)),
        ("many cells", smear(3, 24, 10, 24)),
    )]


def smear(seed, count, radius, spread):
    """Noisy discs with a darker disc inside on a pale ground, nuclei above everything."""
    random = LCG(seed)
    y, x = np.mgrid[:SIDE, :SIDE]
    body, nucleus = np.zeros((2, SIDE, SIDE, 1), bool)
    for _ in range(count):
        cx, cy = (random.next() >> 16) % SIDE, (random.next() >> 16) % SIDE
        r = radius + (random.next() >> 16) % spread
        d = ((x - cx) ** 2 + (y - cy) ** 2)[..., None]
        body |= d < r * r
        nucleus |= 2 * d < r * r
    rgb = np.where(nucleus, [104, 62, 142], np.where(body, [178, 158, 208], [238, 214, 224]))
    return rgb + (random.array((SIDE, SIDE, 3)) >> 28)


def made_up(filters):
    """ALL-Net with the weights that Weights of internal/golden draws."""
    net = network.ALLNet(filters).eval()
    random = LCG(2023)
    for name, p in net.named_parameters():
        limit = 1 / 16
        if name.endswith("weight"):
            limit, n = 1.0, 12
            while n <= p[0].numel():
                limit, n = limit / 2, n * 4
        values = ((random.array(p.shape) >> 8) - 2**23) * (limit / 2**23)
        p.data = torch.from_numpy(values.astype(np.float32))
    return net


def weights_sha256(net):
    return hashlib.sha256(b"".join(p.detach().numpy().astype("<f4").tobytes() for p in net.parameters())).hexdigest()


def logits(net, rgb):
    """Logits of one picture in the precision of the network. The pixels are those that Preprocess hands on,
    level / 255 rounded to float32."""
    levels = np.arange(256, dtype=np.float32) / np.float32(255)
    x = torch.from_numpy(levels[rgb]).permute(2, 0, 1)[None].contiguous()
    with torch.no_grad():
        return net(x.to(next(net.parameters()).dtype))[0]


def golden(net):
    """What a golden file holds for a network without normalisation layers."""
    double = network.ALLNet(net.filters, dense=net.dense).double().eval()
    double.load_state_dict(net.state_dict())
    return dict(made_with=f"PyTorch {torch.__version__}", filters=net.filters, weights_sha256=weights_sha256(net), pictures=[
        dict(name=name, sha256=hashlib.sha256(rgb.tobytes()).hexdigest(),
             logits=logits(net, rgb).tolist(), logits64=logits(double, rgb).tolist())
        for name, rgb in pictures()])


def trained(out):
    """The network in OUT/checkpoint.pt, in evaluation mode, on the CPU."""
    path = os.path.join(out, "checkpoint.pt")
    state = network.load(path)
    settings = state["settings"]
    if len(state["history"]) < settings["epochs"]:
        sys.exit(f"{path} is after epoch {len(state['history'])} of {settings['epochs']}; let train.py finish first")
    net = network.ALLNet(settings["filters"], settings["norm"], settings["dense"])
    net.load_state_dict(state["average"])
    return net.float().eval().to(memory_format=torch.contiguous_format)


def check_folding(net, plain):
    for name, rgb in pictures():
        difference = (logits(net, rgb) - logits(plain, rgb)).abs().max().item()
        if not difference < 1e-4:
            sys.exit(f"{name}: the folded network differs from the trained one by {difference:.1e}; expected less than 1e-4")


def rounded(net, digits):
    """net with every weight at the nearest number of so many binary digits; held in float32."""
    net = copy.deepcopy(net)
    with torch.no_grad():
        for p in net.parameters():
            if not torch.isfinite(p).all():
                sys.exit("a weight is not finite")
            part, exponent = np.frexp(p.numpy().astype(np.float64))
            p.copy_(torch.from_numpy(np.ldexp(np.round(np.ldexp(part, digits)), exponent - digits)))
    return net


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        json.dump(content, f, indent=1)
        f.write("\n")
    print(path)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out", nargs="?", help="folder that train.py wrote, or an ONNX file that this program wrote, to be rounded anew")
    p.add_argument("name", nargs="?", help="name under which the network is shipped: article, robust or cells")
    p.add_argument("--digits", type=int, default=8, choices=range(2, 25), help="binary digits that a weight keeps", metavar="2..24")
    p.add_argument("--wide", action="store_true", help="the made-up 64 / 128 / 256 network instead")
    p.add_argument("--model", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "model"), help="folder to write into")
    a = p.parse_args()
    if (a.name is None) != a.wide or (a.out is None) != a.wide:
        p.error("name either OUT and NAME or --wide")
    if a.wide:
        write(os.path.join(a.model, "testdata", "golden-wide.json"), golden(made_up(WIDE)))
        return
    network.check_export()
    if a.out.endswith(".onnx"):
        plain = network.read(a.out)
    else:
        net = trained(a.out)
        plain = net.folded()
        check_folding(net, plain)
    plain = rounded(plain, a.digits)
    network.export(plain, os.path.join(a.model, a.name + ".onnx"))
    write(os.path.join(a.model, a.name + ".golden.json"), golden(plain))


if __name__ == "__main__":
    main()
