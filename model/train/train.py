#!/usr/bin/env python3
"""Train ALL-Net on what `allnet prepare` wrote.

    python3 train.py PREPARED OUT [--recipe fast|article] [options]

OUT receives allnet.onnx, curves.json, accuracy.svg, loss.svg and checkpoint.pt; started again with the
same OUT, training goes on behind the last finished epoch. Only the training side of the split is ever
learned from, and the last epoch is what is exported: no epoch is chosen by the test side."""

import argparse
import hashlib
import math
import os
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

import augment
import curves
import network

# "article" is the recipe of the article's code. "fast" exports the same network after a
# fifth of the arithmetic: normalised blocks (folded at export), the first epochs on random
# 112-pixel crops, a warm-up and a cosine instead of a constant rate, bfloat16 products.
RECIPES = {
    "article": dict(epochs=50, crop_epochs=0, norm="none", rate=1e-3, schedule="constant", precision="float32"),
    "fast": dict(epochs=24, crop_epochs=18, norm="batch", rate=2e-3, schedule="cosine", precision="bfloat16"),
}
CROP = 112
BATCH = 32


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("prepared", help="folder that `allnet prepare` wrote")
    p.add_argument("out", help="folder for the results")
    p.add_argument("--recipe", choices=sorted(RECIPES), default="fast")
    p.add_argument("--filters", type=int, nargs=3, default=[32, 64, 128],
                   help="filters of the three blocks: 32 64 128 (the article's code) or 64 128 256 (its text)")
    p.add_argument("--epochs", type=int)
    p.add_argument("--crop-epochs", type=int, help=f"epochs on {CROP}-pixel crops before those on whole pictures")
    p.add_argument("--norm", choices=["none", "batch"])
    p.add_argument("--rate", type=float, help="learning rate of Adam (its peak, for the cosine)")
    p.add_argument("--schedule", choices=["constant", "cosine"])
    p.add_argument("--precision", choices=["float32", "bfloat16"])
    p.add_argument("--augment", choices=["none", "benign"], default="benign")
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
    return a


class Data:
    """Pictures [N][224][224][3] as levels (memory-mapped), labels and the split's two sides as index arrays."""

    def __init__(self, folder, limit=None):
        self.pixels = np.load(os.path.join(folder, "pixels.npy"), mmap_mode="r")
        self.levels = torch.from_numpy(np.load(os.path.join(folder, "levels.npy")))
        with open(os.path.join(folder, "split.tsv"), "rb") as f:
            split = f.read()
        self.split_sha256 = hashlib.sha256(split).hexdigest()
        rows = [line.split("\t") for line in split.decode().splitlines()][1:]
        if len(rows) != len(self.pixels):
            sys.exit(f"split.tsv lists {len(rows)} pictures, pixels.npy holds {len(self.pixels)}; run `allnet prepare` again")
        self.labels = np.array([network.CLASSES.index(row[1]) for row in rows])
        sides = np.array([row[3] for row in rows])
        self.train, self.test = (self._side(sides == side, limit) for side in ("train", "test"))
        if not (len(self.train) and len(self.test)):
            sys.exit(f"the split has {len(self.train)} training and {len(self.test)} test pictures; expected some on either side")

    def _side(self, mask, limit):
        return np.concatenate([np.flatnonzero(mask & (self.labels == c))[:limit] for c in range(len(network.CLASSES))])

    def batch(self, indices, device):
        """Pictures as the network reads them: [n][3][224][224] in [0,1], and their labels."""
        pixels = torch.from_numpy(self.pixels[np.sort(indices)][np.argsort(np.argsort(indices))].astype(np.int64))
        x = self.levels[pixels].permute(0, 3, 1, 2).to(device)
        return x, torch.from_numpy(self.labels[indices]).to(device)


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


def train_epoch(a, data, net, optimizer, epoch, random):
    """One pass over the training side: mean loss and accuracy of the batches as they were learned from."""
    net.train()
    order = list(zip(data.train, [False] * len(data.train)))
    if a.augment == "benign":
        order += [(i, True) for i in augment.benign_copies(data.train[data.labels[data.train] == 0], random)]
    random.shuffle(order)
    steps = math.ceil(len(order) / BATCH)
    start, loss_sum, right = time.time(), 0.0, 0
    for step in range(steps):
        chosen = order[step * BATCH:(step + 1) * BATCH]
        x, y = data.batch(np.array([i for i, _ in chosen]), a.device)
        copies = np.flatnonzero([copy for _, copy in chosen])
        if len(copies):
            x[copies] = augment.table3(x[copies], random)
        if epoch < a.crop_epochs:
            x = augment.crop(x, CROP, random)
        x = x.contiguous(memory_format=torch.channels_last)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(a, epoch * steps + step, a.epochs * steps)
        with torch.autocast(torch.device(a.device).type, dtype=torch.bfloat16, enabled=a.precision == "bfloat16"):
            logits = net(x).float()
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
        right += (logits.argmax(1) == y).sum().item()
        progress(f"epoch {epoch + 1}/{a.epochs}", step + 1, steps, start)
    return loss_sum / len(order), right / len(order)


def settle(a, data, net):
    """Replace the running statistics of the normalisation, which lag behind fast-moving weights, by their
    averages over 16 batches of whole training pictures under the present weights."""
    if net.norm == "none":
        return
    random = np.random.RandomState(0)
    net.train()
    with torch.no_grad():
        for count in range(1, 17):
            x, _ = data.batch(random.choice(data.train, min(BATCH, len(data.train)), replace=False), a.device)
            for block in net.blocks:
                block.momentum = 1 / count  # makes the running statistics plain averages
            net(x.contiguous(memory_format=torch.channels_last))
    for block in net.blocks:
        block.momentum = 0.1


def evaluate(a, data, net, indices):
    """Mean loss, accuracy and confusion matrix (rows: true class) over whole pictures, in float32."""
    net = net.folded().to(a.device, memory_format=torch.channels_last)
    loss, confusion = 0.0, np.zeros((len(network.CLASSES),) * 2, int)
    with torch.no_grad():
        for i in range(0, len(indices), BATCH):
            x, y = data.batch(indices[i:i + BATCH], a.device)
            logits = net(x.contiguous(memory_format=torch.channels_last))
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            np.add.at(confusion, (y.cpu().numpy(), logits.argmax(1).cpu().numpy()), 1)
    return loss / len(indices), confusion.trace() / len(indices), confusion


def random_state(random):
    """Everything that the next epoch's draws depend on."""
    return dict(numpy=random.get_state(), torch=torch.get_rng_state(),
                cuda=torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])


def set_random_state(random, state):
    random.set_state(state["numpy"])
    torch.set_rng_state(state["torch"].cpu())
    if len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([s.cpu() for s in state["cuda"]])


def main():
    a = arguments()
    network.check_export()
    torch.manual_seed(a.seed)
    random = np.random.RandomState(a.seed)
    data = Data(a.prepared, a.limit)
    os.makedirs(a.out, exist_ok=True)
    net = network.ALLNet(a.filters, a.norm).to(a.device, memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), lr=a.rate, eps=1e-7)
    settings = {k: v for k, v in vars(a).items() if k not in ("prepared", "out", "device")}
    settings["split_sha256"] = data.split_sha256
    history = []

    checkpoint = os.path.join(a.out, "checkpoint.pt")
    if os.path.exists(checkpoint):
        state = network.load(checkpoint)
        if state["settings"] != settings:
            different = sorted(k for k in settings if state["settings"].get(k) != settings[k])
            sys.exit(f"{checkpoint} was made with another {', '.join(different)}; choose another OUT or delete it")
        net.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        set_random_state(random, state["random"])
        history = state["history"]
        curves.write(a.out, settings, history)
        print(f"going on behind epoch {len(history)}", file=sys.stderr)

    for epoch in range(len(history), a.epochs):
        start = time.time()
        loss, accuracy = train_epoch(a, data, net, optimizer, epoch, random)
        settle(a, data, net)
        test_loss, test_accuracy, _ = evaluate(a, data, net, data.test)
        history.append(dict(epoch=epoch + 1, train_loss=loss, train_accuracy=accuracy, test_loss=test_loss,
                            test_accuracy=test_accuracy, seconds=round(time.time() - start, 1)))
        print(f"epoch {epoch + 1}: train loss {loss:.4f} accuracy {accuracy:.4f}, test loss {test_loss:.4f} "
              f"accuracy {test_accuracy:.4f}, {time.time() - start:.0f} s", flush=True)
        torch.save(dict(settings=settings, network=net.state_dict(), optimizer=optimizer.state_dict(),
                        random=random_state(random), history=history), checkpoint + ".part")
        os.replace(checkpoint + ".part", checkpoint)
        curves.write(a.out, settings, history)
    confusion = evaluate(a, data, net, data.test)[2]
    network.export(net, os.path.join(a.out, "allnet.onnx"))
    print(f"{network.parameter_count(net.folded())} parameters; test side: {confusion.trace()} of {confusion.sum()} right\n{confusion}")


if __name__ == "__main__":
    main()
