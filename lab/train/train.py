#!/usr/bin/env python3
"""Train a network on what `allnet prepare` wrote.

    python3 train.py PREPARED OUT [--recipe fast|article|robust] [--split FILE] [options]

OUT receives the ONNX file, curves.json, accuracy.svg, loss.svg, result.json and checkpoint.pt; started again with the
same OUT, training goes on behind the last finished epoch. Only the training side of the split is ever
learned from, and the last epoch is what is exported: no epoch is chosen by the test side."""

import argparse
import copy
import hashlib
import json
import math
import os
import sys
import time
import zlib

import numpy as np
import torch
from torch.nn import functional as F

import augment
import cells
import curves
import network
import rivals
import robust

# "article" is the recipe of the article's code. "fast" exports the same network after a
# fifth of the arithmetic: normalised blocks (folded at export), the first epochs on random
# 112-pixel crops, a warm-up and a cosine instead of a constant rate, bfloat16 products
# (--precision float32 on a processor without instructions for them, which takes ten times as long otherwise).
# "robust" is ours: a fourth block, and pictures altered and mixed as robust.py says. "cells" is
# the same network on what cells.py makes of fields of which only cells are left.
RECIPES = {
    "article": dict(epochs=50, crop_epochs=0, norm="none", rate=1e-3, schedule="constant", precision="float32",
                    augment="benign", filters=[32, 64, 128], dense=[256, 512, 1024], average=0.0),
    "fast": dict(epochs=24, crop_epochs=18, norm="batch", rate=2e-3, schedule="cosine", precision="bfloat16",
                 augment="benign", filters=[32, 64, 128], dense=[256, 512, 1024], average=0.0),
    "robust": dict(epochs=72, crop_epochs=52, norm="batch", rate=2e-3, schedule="cosine", precision="bfloat16",
                   augment="robust", filters=[24, 48, 96, 160], dense=[256], average=0.995),
    "cells": dict(epochs=70, crop_epochs=64, norm="batch", rate=2e-3, schedule="cosine", precision="bfloat16",
                  augment="cells", filters=[24, 48, 96, 160], dense=[256], average=0.998),
}
CROP = 112
BATCH = 32
# Parts of a batch of the robust recipe; see robust.Augmenter.batch.
PLAN = dict(outliers=0.14, erased=0.12, thinned=0.25, transplanted=0.3)
# Part of a batch of the recipe cells from which no class is to be read, and pictures of other laboratories to one of ours.
DOUBTFUL, FOREIGN = 0.1, 0.2
# Over this first part of the epochs, batches of the robust recipe go from the first to the second value of --ease.
EASED = 0.4
EASE = [0.6, 0.15]


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("prepared", help="folder that `allnet prepare` wrote")
    p.add_argument("out", help="folder for the results")
    p.add_argument("--recipe", choices=sorted(RECIPES), default="fast")
    p.add_argument("--network", choices=["allnet"] + sorted(rivals.NETWORKS), default="allnet")
    p.add_argument("--split", help="split file to follow instead of the one in PREPARED; all its pictures must be in PREPARED")
    p.add_argument("--protocol", default="", help="name of the split, for result.json")
    p.add_argument("--filters", type=int, nargs="+",
                   help="filters of the blocks: 32 64 128 (the article's code) or 64 128 256 (its text)")
    p.add_argument("--dense", type=int, nargs="*", help="widths of the layers between pooling and output")
    p.add_argument("--epochs", type=int)
    p.add_argument("--crop-epochs", type=int, help=f"epochs on {CROP}-pixel crops before those on whole pictures")
    p.add_argument("--norm", choices=["none", "batch"])
    p.add_argument("--rate", type=float, help="learning rate of Adam (its peak, for the cosine)")
    p.add_argument("--schedule", choices=["constant", "cosine"])
    p.add_argument("--precision", choices=["float32", "bfloat16"])
    p.add_argument("--augment", choices=["none", "benign", "robust", "cells"])
    p.add_argument("--foreign", nargs="*", default=[], help="folders that `allnet fields` wrote of other laboratories' pictures without malignant cells (recipe cells)")
    p.add_argument("--stain", choices=["reference", "own"], default="reference", help="whether the nuclei's stain is brought to the reference (recipe cells)")
    p.add_argument("--average", type=float, help="decay of the moving average of the weights that is exported; 0: none")
    p.add_argument("--masks", help="folder that `allnet prepare` wrote of the segmented pictures, with the split of PREPARED (recipe robust)")
    p.add_argument("--outliers", nargs="*", default=[], help="folders that `allnet prepare` wrote of foreign pictures (recipe robust)")
    p.add_argument("--ease", type=float, nargs=2, default=EASE, metavar=("FROM", "TO"),
                   help="how much easier than the hardest the batches are at first and later, 0 to 1 (recipe robust)")
    p.add_argument("--start", help="what this training begins with: OUT of a finished one, or an ONNX file that golden.py shipped")
    p.add_argument("--start-curves", help="curves.json of the training that the ONNX file of --start is of: it says what that learned from")
    p.add_argument("--evaluate-every", type=int, default=1, help="measure the test side after every so many epochs, and after the last")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--limit", type=int, help="use only this many pictures of each class and side (to try the recipe)")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = p.parse_args()
    for name, value in RECIPES[a.recipe].items():
        if getattr(a, name) is None:
            setattr(a, name, value)
    if any(n <= 0 or n % 8 for n in a.filters):
        p.error(f"--filters {a.filters}: the engine takes positive multiples of 8")
    if not os.path.isfile(os.path.join(a.prepared, "pixels.npy")):
        p.error(f"{a.prepared} holds no pixels.npy; expected a folder that `allnet prepare` wrote")
    if bool(a.start_curves) != bool(a.start and a.start.endswith(".onnx")):
        p.error("an ONNX file to start with and --start-curves go together")
    if a.augment == "robust" and not a.masks:
        p.error("--augment robust needs --masks")
    if a.augment == "cells" and not os.path.isfile(os.path.join(a.prepared, "cells.npy")):
        p.error(f"{a.prepared} holds no cells.npy; expected a folder that `allnet fields` wrote")
    return a


def read_split(path):
    """Rows (file, class, side) of a split file, and its SHA-256."""
    with open(path, "rb") as f:
        data = f.read()
    rows = [line.split("\t") for line in data.decode().splitlines()][1:]
    return [(file, network.CLASSES.index(name), side) for file, name, _, side in rows], hashlib.sha256(data).hexdigest()


def pictures(pixels):
    """uint8 [n][h][w][c] > [n][c][h][w] in [0,1], as the engine's levels are."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255


def limited(labels, mask, limit):
    """The rows in mask, of each class no more than limit, if that is not None."""
    return np.concatenate([np.flatnonzero(mask & (labels == c))[:limit] for c in range(len(network.CLASSES))])


class Data:
    """Pictures [N][224][224][3] as levels (memory-mapped), and the rows of the split: the picture of each, its label and,
    for an altered copy (FILE#k), the seed of its alteration. train and test are row numbers; a row of the validation
    side counts as test, for neither is learned from."""

    def __init__(self, a):
        self.pixels = np.load(os.path.join(a.prepared, "pixels.npy"), mmap_mode="r")
        levels = np.load(os.path.join(a.prepared, "levels.npy"))
        if not np.array_equal(levels, np.arange(256, dtype=np.float32) / 255):
            sys.exit("levels.npy is not level / 255; expected what `allnet prepare` writes")
        held, _ = read_split(os.path.join(a.prepared, "split.tsv"))
        if len(held) != len(self.pixels):
            sys.exit(f"split.tsv lists {len(held)} pictures, pixels.npy holds {len(self.pixels)}; run `allnet prepare` again")
        place = {file: i for i, (file, _, _) in enumerate(held)}
        rows, self.split_sha256 = read_split(a.split or os.path.join(a.prepared, "split.tsv"))
        missing = [file for file, _, _ in rows if file not in place and file.split("#")[0] not in place]
        if missing:
            sys.exit(f"{a.prepared} lacks {len(missing)} of the split's pictures, {missing[0]} for one")
        self.place = np.array([place[file] if file in place else place[file.split("#")[0]] for file, _, _ in rows])
        self.copy = np.array([0 if file in place else 1 + zlib.crc32(file.encode()) for file, _, _ in rows])
        self.labels = np.array([label for _, label, _ in rows])
        sides = np.array([side for _, _, side in rows])
        self.train, self.test = limited(self.labels, sides == "train", a.limit), limited(self.labels, sides != "train", a.limit)
        if not (len(self.train) and len(self.test)):
            sys.exit(f"the split has {len(self.train)} training and {len(self.test)} test pictures; expected some on either side")
        self.masks = np.load(os.path.join(a.masks, "pixels.npy"), mmap_mode="r") if a.masks else None
        if self.masks is not None:
            masked, _ = read_split(os.path.join(a.masks, "split.tsv"))
            if [file for file, _, _ in masked] != [file for file, _, _ in held] or len(self.masks) != len(held):
                sys.exit(f"{a.masks} holds other pictures than {a.prepared}; expected the same {len(held)}, prepared with the same split")
        banks = [np.load(os.path.join(folder, "pixels.npy"), mmap_mode="r") for folder in a.outliers]
        self.bank = np.concatenate(banks) if banks else None
        self.nuclei = None

    def find_nuclei(self):
        """Numbers the stained nuclei of the training pictures, once."""
        self.nuclei = np.zeros(self.pixels.shape[:3] + (1,), np.uint8)
        for i in range(0, len(self.train), BATCH):
            at = np.sort(self.place[self.train[i:i + BATCH]])
            found = robust.stained(pictures(self.pixels[at]), pictures(self.masks[at]))
            self.nuclei[at] = robust.separate(found).permute(0, 2, 3, 1).numpy()

    def batch(self, rows, device):
        """Pictures as the network reads them: [n][3][224][224] in [0,1], and their labels."""
        x = pictures(np.stack([self.pixels[i] for i in self.place[rows]])).to(device)
        for i in np.flatnonzero(self.copy[rows]):
            x[i:i + 1] = augment.table3(x[i:i + 1], np.random.RandomState(self.copy[rows[i]] & 0xffffffff))
        return x, torch.from_numpy(self.labels[rows]).to(device)


def rate_at(a, step, steps):
    """Learning rate of one step: constant, or two epochs of warm-up and a cosine to a hundredth."""
    if a.schedule == "constant":
        return a.rate
    warm = 2 * steps // a.epochs
    if step < warm:
        return a.rate * (step + 1) / warm
    return a.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))))


def progress(label, done, total, start):
    if sys.stderr.isatty() or done == total:
        left = (time.time() - start) / done * (total - done)
        filled = 30 * done // total
        end = "\n" if done == total else ""
        print(f"\r{label} [{'#' * filled}{'-' * (30 - filled)}] {done}/{total}, {left:.0f} s left ", end=end, file=sys.stderr, flush=True)


class Batches:
    """Draws the training batches of one epoch, as the recipe's augmentation has them."""

    def __init__(self, a, data, random):
        self.a, self.data, self.random = a, data, random
        self.augmenter = robust.Augmenter(random)
        if a.augment == "cells":
            self.augmenter = cells.Augmenter(random)
            self.augmenter.reference = a.stain == "reference"

    def rows(self):
        """Pairs of a row and whether it is drawn as an altered copy, shuffled. Benign, the smallest class, is drawn
        almost twice, as in the article."""
        data = self.data
        if self.a.augment == "cells":
            return [(i, False) for i in data.order(self.random, FOREIGN)]
        order = [(i, False) for i in data.train]
        if self.a.augment != "none":
            order += [(i, True) for i in augment.benign_copies(data.train[data.labels[data.train] == 0], self.random)]
        self.random.shuffle(order)
        return order

    def draw(self, chosen, side, ease=0.0):
        """Pictures [n][3][side][side] and targets, labels [n] or distributions [n][4]."""
        rows = np.array([i for i, _ in chosen])
        if self.a.augment == "cells":
            doubtful = int(round((1 - ease) * DOUBTFUL * len(rows)))
            x, readable = self.augmenter.fields([self.data.slot(i, self.random) for i in rows], side, doubtful)
            labels = torch.from_numpy(np.where(rows < 0, 0, self.data.labels[rows]))
            y = 0.05 / len(network.CLASSES) + 0.95 * F.one_hot(labels, len(network.CLASSES)).float()
            y[~readable] = 1 / len(network.CLASSES)
            return x.to(self.a.device), y.to(self.a.device)
        if self.a.augment == "robust":
            x, y = self.data.batch(rows, "cpu")
            nuclei = torch.from_numpy(np.stack([self.data.nuclei[i] for i in self.data.place[rows]])).permute(0, 3, 1, 2)
            x, y = self.augmenter.batch(x, nuclei, y, self.data.bank, side, PLAN, ease)
            return x.to(self.a.device), y.to(self.a.device)
        x, y = self.data.batch(rows, self.a.device)
        copies = np.flatnonzero([altered for _, altered in chosen])
        if len(copies):
            x[copies] = augment.table3(x[copies], self.random)
        return (augment.crop(x, side, self.random) if side < network.SIDE else x), y


def train_epoch(a, data, net, average, optimizer, epoch, random):
    """One pass over the training side: mean loss and accuracy of the batches as they were learned from."""
    net.train()
    batches = Batches(a, data, random)
    order = batches.rows()
    steps = math.ceil(len(order) / BATCH)
    start, loss_sum, right, counted = time.time(), 0.0, 0, 0
    for step in range(steps):
        ease = float(np.interp((epoch * steps + step) / (EASED * a.epochs * steps), [0, 1], a.ease))
        x, y = batches.draw(order[step * BATCH:(step + 1) * BATCH], CROP if epoch < a.crop_epochs else network.SIDE, ease)
        x = x.contiguous(memory_format=torch.channels_last)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(a, epoch * steps + step, a.epochs * steps)
        with torch.autocast(torch.device(a.device).type, dtype=torch.bfloat16, enabled=a.precision == "bfloat16"):
            logits = net(x).float()
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if average is not net:
            # A short memory at first, so that the average does not hold on to the beginning.
            decay = min(a.average, (1 + epoch * steps + step) / (10 + epoch * steps + step))
            with torch.no_grad():
                for mean, value in zip(average.parameters(), net.parameters()):
                    mean.lerp_(value, 1 - decay)
        loss_sum += loss.item() * len(y)
        # Where the target is every class alike there is nothing to be right about.
        shown = torch.ones_like(y, dtype=torch.bool) if y.dim() == 1 else y.max(1).values > 0.5
        right += (logits.argmax(1) == (y if y.dim() == 1 else y.argmax(1)))[shown].sum().item()
        counted += shown.sum().item()
        progress(f"epoch {epoch + 1}/{a.epochs}", step + 1, steps, start)
    return loss_sum / len(order), right / max(1, counted)


def settle(a, data, net):
    """Replace the running statistics of the normalisation, which lag behind fast-moving weights, by their
    averages over 16 batches of whole training pictures, altered as the recipe has it, under the present weights."""
    if net.norm == "none":
        return
    batches = Batches(a, data, np.random.RandomState(0))
    net.train()
    with torch.no_grad():
        for count in range(1, 17):
            if a.augment == "cells":
                chosen = batches.rows()[:BATCH]
            else:
                chosen = [(i, False) for i in batches.random.choice(data.train, min(BATCH, len(data.train)), replace=False)]
            x, _ = batches.draw(chosen, network.SIDE)
            for block in net.blocks:
                block.momentum = 1 / count  # makes the running statistics plain averages
            net(x.contiguous(memory_format=torch.channels_last))
    for block in net.blocks:
        block.momentum = 0.1


def evaluate(a, data, net, rows):
    """Mean loss over whole pictures, in float32; their labels [n] and probabilities [n][4], in float64."""
    net = net.folded().to(a.device, memory_format=torch.channels_last)
    loss, labels, probabilities = 0.0, [], []
    with torch.no_grad():
        for i in range(0, len(rows), BATCH):
            x, y = data.batch(rows[i:i + BATCH], a.device)
            logits = net(x.contiguous(memory_format=torch.channels_last))
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            labels.append(y.cpu().numpy())
            probabilities.append(logits.double().softmax(1).cpu().numpy())
    return loss / len(rows), np.concatenate(labels), np.concatenate(probabilities)


def confusion_matrix(labels, probabilities):
    """Rows: true class."""
    confusion = np.zeros((len(network.CLASSES),) * 2, int)
    np.add.at(confusion, (labels, probabilities.argmax(1)), 1)
    return confusion


def random_state(random):
    """Everything that the next epoch's draws depend on."""
    return dict(numpy=random.get_state(), torch=torch.get_rng_state(),
                cuda=torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])


def set_random_state(random, state):
    random.set_state(state["numpy"])
    torch.set_rng_state(state["torch"].cpu())
    if len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([s.cpu() for s in state["cuda"]])


def build(a):
    """The network as it is before training."""
    net = network.ALLNet(a.filters, a.norm, a.dense) if a.network == "allnet" else rivals.NETWORKS[a.network]()
    return net.to(a.device, memory_format=torch.channels_last)


def write_result(a, data, net, settings, history, labels, probabilities):
    """The run's figures, from which the documents' tables are made; keys as lab/card reads them."""
    confusion = confusion_matrix(labels, probabilities)
    name = a.network if a.network != "allnet" else a.recipe if a.recipe in ("robust", "cells") else \
        "article-wide" if a.filters == [64, 128, 256] else "article"
    command = ["python3", "lab/train/train.py", "PREPARED", "OUT", "--recipe", a.recipe]
    usual = dict(RECIPES[a.recipe], network="allnet", ease=EASE, stain="reference")
    for option in ("network", "protocol", "epochs", "crop_epochs", "seed") + tuple(
            o for o in ("rate", "schedule", "norm", "precision", "average", "augment", "filters", "dense", "ease", "stain") if getattr(a, o) != usual[o] and (o != "ease" or a.augment == "robust")):
        value = getattr(a, option)
        command += ["--" + option.replace("_", "-")] + [str(v) for v in (value if isinstance(value, list) else [value])]
    command += (["--split", "SPLIT"] if a.split else []) + (["--masks", "MASKS"] if a.masks else []) \
        + (["--outliers", "OUTLIERS"] if a.outliers else []) + (["--foreign", "FOREIGN"] if a.foreign else []) + (["--start", "START"] if a.start else []) + (["--start-curves", "CURVES"] if a.start_curves else [])
    result = dict(protocol=a.protocol, network=name, filters=a.filters if a.network == "allnet" else [], seed=a.seed, epochs=a.epochs, crop_epochs=a.crop_epochs,
                  augment=a.augment, recipe=a.recipe, split_sha256=data.split_sha256, classes=list(network.CLASSES),
                  parameters=network.parameter_count(net.folded()), train_n=len(data.train),
                  confusion=confusion.tolist(), test_n=int(confusion.sum()), correct=int(confusion.trace()), history=history,
                  seconds=round(sum(h["seconds"] for h in history), 1), start=settings.get("start"), command=" ".join(command))
    write_json(os.path.join(a.out, "result.json"), result, labels, probabilities)


def write_json(path, result, labels, probabilities):
    """Write a run's figures with its answers: every test picture's class and probabilities, in six digits, a line each."""
    answers = ",\n  ".join("[%d, %s]" % (c, ", ".join("%.6g" % v for v in p)) for c, p in zip(labels, probabilities))
    with open(path, "w") as f:
        f.write(json.dumps(result, indent=1)[:-2] + ',\n "answers": [\n  ' + answers + "\n ]\n}\n")


def main():
    a = arguments()
    network.check_export()
    torch.manual_seed(a.seed)
    random = np.random.RandomState(a.seed)
    if a.augment == "cells":
        data = cells.Data(a, read_split, limited)
    else:
        data = Data(a)
    os.makedirs(a.out, exist_ok=True)
    net = build(a)
    average = copy.deepcopy(net) if a.average else net
    decayed = dict(weight_decay=0.01) if a.recipe in ("robust", "cells") else {}
    optimizer = (torch.optim.AdamW if decayed else torch.optim.Adam)(net.parameters(), lr=a.rate, eps=1e-7, **decayed)
    settings = {k: v for k, v in vars(a).items() if k not in ("prepared", "out", "device", "split", "masks", "outliers", "foreign", "protocol", "evaluate_every", "start", "start_curves")}
    settings["split_sha256"] = data.split_sha256
    history = []
    checkpoint = os.path.join(a.out, "checkpoint.pt")
    if a.start:
        if a.start_curves:
            with open(a.start_curves) as f:
                curve = json.load(f)
            began = dict(settings=curve["settings"], history=curve["epochs"])
        else:
            began = network.load(os.path.join(a.start, "checkpoint.pt"))
        if began["settings"]["split_sha256"] != data.split_sha256:
            sys.exit(f"{a.start} learned from another split; its test pictures may be this one's training pictures")
        # The start is part of the run: its seed, epochs and settings are told with this one's.
        settings["start"] = dict(began["settings"], finished=len(began["history"]), seconds=sum(h["seconds"] for h in began["history"]))
    if a.start_curves:
        with open(a.start, "rb") as f:
            settings["start"]["onnx_sha256"] = hashlib.sha256(f.read()).hexdigest()
        if not os.path.exists(checkpoint):
            plain = network.read(a.start)
            if (plain.filters, plain.dense) != (net.filters, net.dense):
                sys.exit(f"{a.start} holds another network than --filters {a.filters} --dense {a.dense}")
            network.unfold(net, plain, lambda normalised: settle(a, data, normalised))
            average.load_state_dict(net.state_dict())
    elif a.start:
        net.load_state_dict(began["average"])
        average.load_state_dict(began["average"])

    if os.path.exists(checkpoint):
        state = network.load(checkpoint)
        if state["settings"] != settings:
            different = sorted(k for k in settings if state["settings"].get(k) != settings[k])
            sys.exit(f"{checkpoint} was made with another {', '.join(different)}; choose another OUT or delete it")
        net.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        set_random_state(random, state["random"])
        history = state["history"]
        curves.write(a.out, settings, history)
        print(f"going on behind epoch {len(history)}", file=sys.stderr)
    if a.augment == "robust":
        data.find_nuclei()

    for epoch in range(len(history), a.epochs):
        start = time.time()
        loss, accuracy = train_epoch(a, data, net, average, optimizer, epoch, random)
        measured = dict(test_loss=None, test_accuracy=None)
        if (epoch + 1) % a.evaluate_every == 0 or epoch + 1 == a.epochs:
            settle(a, data, average)
            test_loss, labels, probabilities = evaluate(a, data, average, data.test)
            measured = dict(test_loss=test_loss, test_accuracy=float((probabilities.argmax(1) == labels).mean()))
        history.append(dict(epoch=epoch + 1, train_loss=loss, train_accuracy=accuracy, **measured,
                            seconds=round(time.time() - start, 1)))
        print(f"epoch {epoch + 1}: train loss {loss:.4f} accuracy {accuracy:.4f}, "
              + ("test loss {test_loss:.4f} accuracy {test_accuracy:.4f}, ".format(**measured) if measured["test_loss"] is not None else "")
              + f"{time.time() - start:.0f} s", flush=True)
        torch.save(dict(settings=settings, network=net.state_dict(), average=average.state_dict(), optimizer=optimizer.state_dict(),
                        random=random_state(random), history=history), checkpoint + ".part")
        os.replace(checkpoint + ".part", checkpoint)
        curves.write(a.out, settings, history)
    _, labels, probabilities = evaluate(a, data, average, data.test)
    confusion = confusion_matrix(labels, probabilities)
    network.export(average, os.path.join(a.out, "allnet.onnx"))
    write_result(a, data, average, settings, history, labels, probabilities)
    print(f"{network.parameter_count(average.folded())} parameters; test side: {confusion.trace()} of {confusion.sum()} right\n{confusion}")


if __name__ == "__main__":
    main()
