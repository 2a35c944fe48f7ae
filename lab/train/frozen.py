#!/usr/bin/env python3
"""A head trained on the frozen features of a network that others trained: how the article's Table 6 says that its other
networks were used ("feature extractors").

    npm pack nsfwjs@4.3.0
    python3 frozen.py PREPARED OUT nsfwjs-4.3.0.tgz [--network InceptionV3|MobileNetV2] [--split FILE --protocol NAME]

No package that can be had here has the weights that Keras offers. The npm package nsfwjs (MIT licence) has InceptionV3 and
MobileNetV2 that began with those, were trained on to tell five kinds of photographs apart, and were rounded to 8 bits. Their
layers are of published.py and torchvision; their features are the means of the last layer's channels, of the pictures as
they are, 224 x 224. A multinomial logistic regression is fitted to the features of the training side.

OUT receives features-NETWORK.npy, which is computed once and taken up where it was left, and NAME-NETWORK-frozen-s1.json, of the
form of train.py's result.json. The
strength of the regression's penalty is chosen on the validation side; a split without one has the last fifth of each class's
training pictures, in the order of their files, set apart for it. Only the test side is counted."""

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import tarfile
import time

import numpy as np
import torch
import torchvision.models
from torch import nn
from torch.nn import functional as F

import golden
import network
import published
import train

PACKAGE = "4496790efc9bdc6f3e85a826a8e482c1fa1e9db4b3d18c095e98cc0c73cfb12f"  # SHA-256 of nsfwjs-4.3.0.tgz
PENALTIES = [10.0 ** e for e in range(1, -5, -1)]


def inception():
    net = published.inception_v3(1000)
    net.fc = nn.Identity()
    names = [(f"conv2d_{i}", f"batch_normalization_{i}") for i in range(1, 95)]
    return net, names


def mobilenet_v2():
    """Keras's MobileNetV2, whose epsilon and paddings are not torchvision's."""
    net = published.paddings_as_in_keras(published.epsilon(torchvision.models.mobilenet_v2(weights=None), 1e-3))
    net.classifier = nn.Identity()
    names = [("Conv1", "bn_Conv1"), ("expanded_conv_depthwise",) * 2, ("expanded_conv_project",) * 2]
    names += [(f"block_{i}_{part}",) * 2 for i in range(1, 17) for part in ("expand", "depthwise", "project")]
    names = [(conv, bn if bn != conv else conv + "_BN") for conv, bn in names] + [("Conv_1", "Conv_1_bn")]
    return net, names


# make: the network without its last layers, and the names of its convolutions and normalisations in the package; side: of the
# package's own pictures; check: the first features of the drawn picture "many cells", repeated to that side, as
# TensorFlow.js 4.22.0 computes them from the package.
NETWORKS = {
    "InceptionV3": dict(make=inception, folder="inception_v3", side=299, check=[0.2567572, 0, 0.137189, 0, 0, 0, 0.3071775, 0, 0.05364399, 0.08593982, 0.3298683, 0.0002035784]),
    "MobileNetV2": dict(make=mobilenet_v2, folder="mobilenet_v2", side=224, check=[0, 0.1732763, 0, 0.02087878, 0, 0, 0, 0, 0, 0, 0, 0, 2.48843, 0.75866, 0, 0, 0, 0, 0, 1.670623, 0, 0.007946921, 0, 0]),
}


def read_weights(package, folder):
    """The arrays of a network in the package by their names, in Keras's order of axes."""
    with open(package, "rb") as f:
        if hashlib.sha256(f.read()).hexdigest() != PACKAGE:
            sys.exit(f"{package} is not the file that `npm pack nsfwjs@4.3.0` gives; its SHA-256 is another than {PACKAGE}")
    with tarfile.open(package) as tar:
        texts = {os.path.basename(m.name): tar.extractfile(m).read().decode() for m in tar
                 if m.isfile() and m.name.startswith(f"package/dist/models/{folder}/")}
    model = texts.pop("model.min.js")
    shards = sorted(texts, key=lambda name: int(re.search(r"shard(\d+)of", name).group(1)))
    data = b"".join(base64.b64decode(re.search(r'"([A-Za-z0-9+/]{1000,}=*)"', texts[name]).group(1)) for name in shards)
    arrays, at = {}, 0
    for name, shape, low, step in re.findall(
            r'\{name:"([^"]+)",shape:\[([\d,]*)\],dtype:"float32",quantization:\{min:([^,]+),scale:([^,]+),dtype:"uint8"\}\}', model):
        shape = [int(n) for n in shape.split(",")]
        levels = np.frombuffer(data, np.uint8, int(np.prod(shape)), at).reshape(shape)
        arrays[name] = (levels * float(step) + float(low)).astype(np.float32)
        at += levels.size
    if at != len(data):
        sys.exit(f"{package}: the weights of {folder} have {len(data)} bytes, their list {at}")
    return arrays


def load(package, about):
    """The network with the package's weights, from pictures [N][3][side][side] in [0,1] to features."""
    net, names = about["make"]()
    arrays = read_weights(package, about["folder"])
    convolutions = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    norms = [layer for layer in net.modules() if isinstance(layer, nn.BatchNorm2d)]
    if not len(convolutions) == len(norms) == len(names):
        sys.exit(f"the network has {len(convolutions)} convolutions and {len(norms)} normalisations; expected {len(names)} of each")
    with torch.no_grad():
        for (conv, norm), convolution, normalisation in zip(names, convolutions, norms):
            depthwise = conv + "/depthwise_kernel" in arrays
            kernel = torch.from_numpy(arrays[conv + ("/depthwise_kernel" if depthwise else "/kernel")])
            set_to(convolution.weight, kernel.permute(2, 3, 0, 1) if depthwise else kernel.permute(3, 2, 0, 1), conv)
            for part, values in (("gamma", normalisation.weight), ("beta", normalisation.bias),
                                 ("moving_mean", normalisation.running_mean), ("moving_variance", normalisation.running_var)):
                if f"{norm}/{part}" in arrays:
                    set_to(values, torch.from_numpy(arrays[f"{norm}/{part}"]), norm)
                elif part != "gamma":
                    sys.exit(f"{package} has no {norm}/{part}")
    net.eval()
    check(net, about)
    return net


def set_to(values, source, name):
    if values.shape != source.shape:
        sys.exit(f"{name} has shape {tuple(source.shape)}; expected {tuple(values.shape)}")
    values.copy_(source)


def drawn(side):
    """The picture of the check, [1][3][side][side]."""
    rgb = np.tile(dict(golden.pictures())["many cells"], (2, 2, 1))[:side, :side]
    return train.pictures(rgb[None])


def check(net, about):
    """End the program where the network computes other features than TensorFlow.js does with the package."""
    with torch.no_grad():
        got = net(drawn(about["side"]))[0, :len(about["check"])]
    off = (got - torch.tensor(about["check"])).abs().max().item()
    if not off <= 1e-4 * max(1, *about["check"]):
        sys.exit(f"the features are {off:.2g} off those that TensorFlow.js computes: {got.tolist()}")


def features(net, pixels, path):
    """The features of all pictures, [n][channels], kept in the file path; pictures that are there are not computed again."""
    if os.path.exists(path):
        kept = np.lib.format.open_memmap(path, "r+")
    else:
        with torch.no_grad():
            channels = net(torch.zeros(1, 3, network.SIDE, network.SIDE)).shape[1]
        kept = np.lib.format.open_memmap(path, "w+", np.float32, (len(pixels), channels))
        kept[:] = np.nan
    if len(kept) != len(pixels):
        sys.exit(f"{path} holds features of {len(kept)} pictures; expected {len(pixels)}. Delete it, or choose another OUT")
    left = np.flatnonzero(np.isnan(kept[:, 0]))
    start = time.time()
    with torch.no_grad():
        for i in range(0, len(left), 16):
            rows = left[i:i + 16]
            kept[rows] = net(train.pictures(pixels[rows])).numpy()
            train.progress("features", i + len(rows), len(left), start)
    kept.flush()
    return np.array(kept)


def fit(x, y, penalty, weights):
    """Weights and offsets, [channels + 1][classes], of a multinomial logistic regression: the mean cross-entropy plus penalty
    times the sum of the squared weights, which has one minimum. The search begins with the given weights."""
    weights = weights.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=1000, tolerance_grad=1e-6, tolerance_change=1e-12, history_size=20, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = F.cross_entropy(x @ weights[:-1] + weights[-1], y) + penalty * (weights[:-1] ** 2).sum()
        value.backward()
        return value

    optimizer.step(loss)
    return weights.detach()


def path(x, labels, rows, last):
    """The logits of all features x from heads that are fitted to the given rows, by penalty, from the strongest to last. A
    channel that hardly varies in these rows is not blown up to the spread of the others."""
    mean, deviation = x[rows].mean(0), x[rows].std(0)
    scaled = torch.from_numpy(((x - mean) / np.maximum(deviation, 0.1 * deviation.mean())).astype(np.float64))
    y = torch.from_numpy(labels)[rows]
    weights, logits = torch.zeros(x.shape[1] + 1, len(network.CLASSES), dtype=torch.float64), {}
    for penalty in PENALTIES:
        weights = fit(scaled[rows], y, penalty, weights)
        logits[penalty] = scaled @ weights[:-1] + weights[-1]
        if penalty == last:
            break
    return logits


def head(x, labels, learned, apart, refit):
    """The probabilities of all features x by a head that is fitted to the rows refit; its penalty is that with the least loss on
    the rows apart when the head is fitted to the rows learned. The penalty and all losses are returned too."""
    y = torch.from_numpy(labels)
    logits = path(x, labels, learned, PENALTIES[-1])
    losses = {penalty: F.cross_entropy(logits[penalty][apart], y[apart]).item() for penalty in PENALTIES}
    chosen = min(PENALTIES, key=losses.get)
    if not np.array_equal(learned, refit):
        logits = path(x, labels, refit, chosen)
    return logits[chosen].softmax(1).numpy(), chosen, losses


def sides(rows):
    """Row numbers of a split: learned from while the penalty is chosen, apart for choosing it, learned from in the end, counted."""
    side = np.array([s for _, _, s in rows])
    labels = np.array([label for _, label, _ in rows])
    learned, test = np.flatnonzero(side == "train"), np.flatnonzero(side == "test")
    apart = np.flatnonzero(side == "validation")
    if len(apart):
        return learned, apart, learned, test
    apart = np.concatenate([of[len(of) - len(of) // 5:] for of in (learned[labels[learned] == c] for c in range(len(network.CLASSES)))])
    return np.setdiff1d(learned, apart), apart, learned, test


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("prepared", help="folder that `allnet prepare` wrote")
    p.add_argument("out", help="folder for the results")
    p.add_argument("package", help="nsfwjs-4.3.0.tgz")
    p.add_argument("--network", choices=sorted(NETWORKS), default="InceptionV3")
    p.add_argument("--split", help="split file to follow instead of the one in PREPARED, of the same pictures in the same order")
    p.add_argument("--protocol", default="honest", help="name of the split, for result.json")
    a = p.parse_args()
    held, _ = train.read_split(os.path.join(a.prepared, "split.tsv"))
    rows, split_sha256 = train.read_split(a.split or os.path.join(a.prepared, "split.tsv"))
    if [row[:2] for row in rows] != [row[:2] for row in held]:
        sys.exit(f"{a.split} lists other pictures than {a.prepared}, or in another order")
    os.makedirs(a.out, exist_ok=True)
    pixels = np.load(os.path.join(a.prepared, "pixels.npy"), mmap_mode="r")
    net = load(a.package, NETWORKS[a.network])
    x = features(net, pixels, os.path.join(a.out, f"features-{a.network}.npy"))
    labels = np.array([label for _, label, _ in rows])
    learned, apart, refit, test = sides(rows)
    start = time.time()
    probabilities, penalty, losses = head(x, labels, learned, apart, refit)
    confusion = train.confusion_matrix(labels[test], probabilities[test])
    command = ["python3", "lab/train/frozen.py", "PREPARED", "OUT", "nsfwjs-4.3.0.tgz", "--network", a.network]
    command += ["--split", "SPLIT", "--protocol", a.protocol] if a.split else []
    result = dict(protocol=a.protocol, network=a.network.lower() + "-frozen", filters=[], seed=1, epochs=0, crop_epochs=0, augment="none", recipe="frozen",
                  split_sha256=split_sha256, classes=list(network.CLASSES), parameters=(x.shape[1] + 1) * len(network.CLASSES), train_n=len(refit),
                  confusion=confusion.tolist(), test_n=int(confusion.sum()), correct=int(confusion.trace()), history=[],
                  seconds=round(time.time() - start, 1), penalty=penalty, penalty_losses={f"{k:g}": v for k, v in losses.items()},
                  package=dict(name="nsfwjs-4.3.0.tgz", sha256=PACKAGE), command=" ".join(command))
    train.write_json(os.path.join(a.out, f"{a.protocol}-{a.network.lower()}-frozen-s1.json"), result, labels[test], probabilities[test])
    print("loss on the pictures apart, by penalty: " + ", ".join(f"{k:g}: {v:.4f}" for k, v in losses.items()))
    print(f"penalty {penalty:g}; test side: {confusion.trace()} of {confusion.sum()} right\n{confusion}")


if __name__ == "__main__":
    main()
