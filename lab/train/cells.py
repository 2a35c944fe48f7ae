"""Pictures for the recipe "cells": fields of which nothing but cells is left, as `allnet fields` found them, their stain
brought to the reference, as many or as few of them as chance has it, with what standardising gets wrong."""

import csv
import math
import os

import numpy as np
import torch
from torch.nn import functional as F

import robust

GROUND = 250 / 255  # what stands where no cell is, as model/cells.Ground
# As in model/standard, held together by a test.
REFERENCE = (0.43, 0.64, 0.25)
MOST_GAIN, LEAST_MIX, MOST_MIX = 2.5, -0.5, 0.8
SIDE = 224


def restaining(stain):
    """Nuclei's densities [n][3] > gains of red and green and the part of green that is added to blue [n][3]."""
    gain = np.clip(np.array(REFERENCE[:2], np.float32) / np.maximum(stain[:, :2], 1e-3), 1 / MOST_GAIN, MOST_GAIN)
    mix = np.clip((REFERENCE[2] - stain[:, 2]) / np.maximum(stain[:, 1] * gain[:, 1], 1e-3), LEAST_MIX, MOST_MIX)
    known = (stain[:, :2] > 0).all(1, keepdims=True)
    return np.where(known, np.column_stack([gain, mix]), [[1, 1, 0]]).astype(np.float32)


def restained(x, gain):
    """Levels [n][3][h][w] and restainings [n][3] > densities, restained."""
    density, gain = robust.optical_density(x), torch.as_tensor(gain)[:, :, None, None]
    red, green = density[:, 0:1] * gain[:, 0:1], density[:, 1:2] * gain[:, 1:2]
    return torch.cat([red, green, density[:, 2:3] + gain[:, 2:3] * green], 1)


class Fields:
    """What `allnet fields` wrote to a folder: pixels [N][224][224][3] and cells [N][224][224] (memory-mapped), and of
    each field its file, its laboratory and what brings its stain to the reference."""

    def __init__(self, folder):
        self.pixels = np.load(os.path.join(folder, "pixels.npy"), mmap_mode="r")
        self.cells = np.load(os.path.join(folder, "cells.npy"), mmap_mode="r")
        with open(os.path.join(folder, "rows.tsv")) as f:
            rows = list(csv.DictReader(f, delimiter="\t"))
        if not len(rows) == len(self.pixels) == len(self.cells):
            raise SystemExit(f"{folder}: rows.tsv lists {len(rows)} fields, the arrays hold {len(self.pixels)} and {len(self.cells)}; run `allnet fields` again")
        stain = np.array([[float(r[c]) for c in ("red", "green", "blue")] for r in rows], np.float32)
        self.gain = restaining(stain)
        self.laboratory = np.array([int(r["laboratory"]) for r in rows])
        self.files = [r["file"] for r in rows]
        self.of = {}
        for i, name in enumerate(self.files):
            self.of.setdefault(name, []).append(i)


class Augmenter(robust.Augmenter):
    """Draws batches of fields. random: a numpy RandomState; what torch draws follows torch's own seed."""

    reference = True  # whether stain is brought to the reference

    def gains(self, gain):
        """Restainings with the errors that are to be expected, now and then large ones; [n][3]."""
        n = len(gain)
        common = np.where(self.random.uniform(size=(n, 1)) < 0.3, 0.35, 0.15)
        own = np.where(self.random.uniform(size=(n, 1)) < 0.3, 0.2, 0.08)
        mix = np.where(self.random.uniform(size=n) < 0.3, 0.5, 0.2)
        if not self.reference:
            gain, common, own, mix = np.tile(np.array([1, 1, 0.25]), (n, 1)), 0.4, 0.2, 0.4
        factor = np.exp(self.random.uniform(-1, 1, (n, 1)) * common + self.random.uniform(-1, 1, (n, 2)) * own)
        return np.column_stack([gain[:, :2] * factor, gain[:, 2] + mix * self.random.uniform(-1, 1, n)]).astype(np.float32)

    def cut(self, pixels, labels, gain, side, zoom):
        """Windows of fields, turned, mirrored and enlarged by zoom, with a cell at any place of theirs. pixels
        [n][224][224][3] and labels [n][224][224], uint8; gives levels [n][3][side][side], restained by gain [n][3],
        and the cells' numbers [n][1][side][side]."""
        n = len(pixels)
        scale = np.exp(self.random.uniform(math.log(zoom[0]), math.log(zoom[1]), n)) * (1 + self.random.uniform(-0.05, 0.05, (2, n)))
        angle = self.random.uniform(-math.pi, math.pi, n)
        mirror = self.random.choice([-1.0, 1.0], n)
        part = side / SIDE / scale
        shift = np.zeros((2, n))
        for i in range(n):
            ys, xs = np.nonzero(labels[i])
            k = self.random.randint(len(ys)) if len(ys) else 0
            at = np.array([xs[k], ys[k]]) if len(ys) else np.array([SIDE / 2, SIDE / 2])
            # Where in the window that pixel is to stand, from -0.9 to 0.9; what lies outside the field is empty.
            u, v = self.random.uniform(-0.85, 0.85, 2)
            c, s = math.cos(angle[i]), math.sin(angle[i])
            x = c * part[0, i] * mirror[i] * u - s * part[1, i] * v
            y = s * part[0, i] * mirror[i] * u + c * part[1, i] * v
            want = (at + 0.5) / (SIDE / 2) - 1 - np.array([x, y])
            # Not farther than needed beyond the rim, where there is nothing to be seen.
            room = max(0.0, 1 - part[:, i].max())
            shift[:, i] = np.clip(want, -room - 0.15, room + 0.15)
        theta = np.stack([np.stack([np.cos(angle) * part[0] * mirror, -np.sin(angle) * part[1], shift[0]], 1),
                          np.stack([np.sin(angle) * part[0] * mirror, np.cos(angle) * part[1], shift[1]], 1)], 1)
        grid = F.affine_grid(torch.from_numpy(theta.astype(np.float32)), [n, 3, side, side], align_corners=False)
        x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
        x = F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
        number = torch.from_numpy(labels)[:, None].float()
        number = F.grid_sample(number, grid, mode="nearest", padding_mode="zeros", align_corners=False)
        x = robust.levels(restained(x, gain))
        return x, number

    def hide(self, number, share=0.55):
        """Some of the cells of a part of the pictures hidden: all but one to three, or any part of them."""
        for i in self.some(len(number), share):
            present = torch.unique(number[i])
            present = present[present > 0].numpy()
            if len(present) < 2:
                continue
            if self.random.uniform() < 0.5:
                count = self.random.randint(1, 4)
            else:
                count = max(1, int(round(len(present) * self.random.uniform(0.2, 0.95))))
            kept = torch.from_numpy(self.random.permutation(present)[:count])
            number[i] *= torch.isin(number[i], kept).float()

    def rims(self, mask):
        """Rims that are wider or narrower than they should be, on a part of the batch."""
        i = self.some(len(mask), 0.3)
        if len(i):
            r = self.random.randint(1, 3)
            mask[i] = robust.grow(mask[i], r) if self.random.uniform() < 0.5 else 1 - robust.grow(1 - mask[i], r)

    def errors(self, x):
        """Light, focus, noise and compression, each on a part of the batch."""
        i = self.some(len(x), 0.5)
        x[i] = robust.levels(robust.optical_density(x[i]) + self.uniform(len(i), -0.06, 0.06) + self.uniform(len(i), -0.03, 0.03, 3, 1, 1))
        i = self.some(len(x), 0.2)
        x[i] = x[i].clamp_min(1e-3) ** torch.exp(self.uniform(len(i), -0.3, 0.3))
        i = self.some(len(x), 0.35)
        if len(i):
            x[i] = self.blur(x[i], self.random.uniform(0.4, 1.3))
        i = self.some(len(x), 0.15)
        if len(i):
            x[i] = (x[i] + self.random.uniform(0.3, 1.2) * (x[i] - self.blur(x[i], 1))).clamp(0, 1)
        i = self.some(len(x), 0.3)
        x[i] = (x[i] + self.uniform(len(i), 0, 0.05) * torch.randn(x[i].shape)).clamp(0, 1)
        i = self.some(len(x), 0.2)
        if len(i):
            x[i] = robust.compress(x[i], self.random.uniform(15, 80))

    def nothing(self, x, number, side):
        """Alters pictures so that no class can be read from them: cells gone, or what is shown is none, or they cannot be
        recognised. Changes x, and returns the masks of what is to be shown."""
        mask = (number > 0).float()
        for i in range(len(x)):
            kind = self.random.randint(8)
            p = x[i:i + 1]
            if kind == 0:
                mask[i] = 0
            elif kind == 1:  # something else in the places of cells
                shift = [self.random.randint(20, side - 20), self.random.randint(20, side - 20)]
                mask[i] = torch.roll(mask[i], shift, (1, 2)) * (1 - robust.grow(mask[i:i + 1], 3)[0])
            elif kind == 2:
                x[i] = self.blur(p, self.random.uniform(4, 8))[0]
            elif kind == 3:
                order = self.random.permutation(3)
                q = p[:, torch.from_numpy(order)]
                x[i] = (1 - q if (order == np.arange(3)).all() or self.random.uniform() < 0.3 else q)[0]
            elif kind == 4:
                x[i] = self.scene(side)[0].clamp(0, 1)
            elif kind == 5:  # far too large
                part = int(side / self.random.uniform(2.2, 4))
                y, z = self.random.randint(0, side - part, 2)
                x[i] = F.interpolate(p[:, :, y:y + part, z:z + part], (side, side), mode="bilinear", align_corners=False)[0]
                mask[i] = F.interpolate(mask[i:i + 1, :, y:y + part, z:z + part], (side, side))[0]
            elif kind == 6:  # far too small
                part = int(side * self.random.uniform(0.25, 0.45))
                small = F.interpolate(p, (part, part), mode="area")[0]
                cover = F.interpolate(mask[i:i + 1], (part, part))[0]
                times = side // part + 1
                x[i] = small.repeat(1, times, times)[:, :side, :side]
                mask[i] = cover.repeat(1, times, times)[:, :side, :side]
            else:  # tiles of 7 or 8 pixels shuffled within the cells
                t = 8 if side % 8 == 0 else 7
                tiles = F.unfold(p, t, stride=t)
                inside = torch.nonzero(F.unfold(mask[i:i + 1], t, stride=t).mean(1)[0] > 0.5)[:, 0]
                if len(inside) > 3:
                    tiles[:, :, inside] = tiles[:, :, inside[torch.from_numpy(self.random.permutation(len(inside)))]]
                    x[i] = F.fold(tiles, side, t, stride=t)[0]
                else:
                    mask[i] = 0
        return mask

    def fields(self, slots, side, doubtful):
        """A batch. slots: for each picture a list of (pixels, labels, gain) of fields that lie over one another; of the last
        doubtful pictures no class is to be read. Returns pictures [n][3][side][side] and whether a class can be read [n]."""
        flat = [part for slot in slots for part in slot]
        # The magnification is known within some 25 %; what is doubtful may be far off.
        x, number = self.cut(np.stack([p for p, _, _ in flat]), np.stack([c for _, c, _ in flat]),
                             self.gains(np.stack([g for _, _, g in flat])), side, (0.76, 1.32))
        n = len(slots)
        out, numbers = torch.empty(n, 3, side, side), torch.zeros(n, 1, side, side)
        at = 0
        for i, slot in enumerate(slots):
            out[i], numbers[i] = x[at], number[at]
            for k in range(at + 1, at + len(slot)):
                free = (number[k] > 0) & (robust.grow((numbers[i:i + 1] > 0).float(), 1)[0] == 0)
                out[i] = torch.where(free, x[k], out[i])
                numbers[i] = torch.where(free, number[k] + 256 * (k - at), numbers[i])
            at += len(slot)
        self.hide(numbers)
        mask = (numbers > 0).float()
        self.rims(mask)
        clear = n - doubtful
        # Now and then something that is no cell is taken for one.
        for i in self.some(clear, 0.12):
            shift = [self.random.randint(15, side - 15), self.random.randint(15, side - 15)]
            spot = torch.zeros(1, 1, side, side)
            y, z, r = self.random.randint(0, side - 8), self.random.randint(0, side - 8), self.random.randint(5, 16)
            spot[:, :, y:y + r, z:z + r] = 1
            mask[i] = torch.maximum(mask[i], spot[0])
        self.errors(out)
        if doubtful:
            mask[clear:] = self.nothing(out[clear:], numbers[clear:], side)
        readable = mask.mean((1, 2, 3)) > 0.004
        readable[clear:] = False
        return out * mask + GROUND * (1 - mask), readable


def standard(pixels, labels, gain, reference=True):
    """Fields as the network reads them in use: uint8 [n][224][224][3] and [n][224][224], restainings [n][3] > [n][3][224][224]."""
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    if reference:
        x = torch.round(255 * robust.levels(restained(x, gain))) / 255
    mask = (torch.from_numpy(labels)[:, None] > 0).float()
    return x * mask + GROUND * (1 - mask)


class Data:
    """The training and the test side of a split, as train.Data has them, of what `allnet fields` wrote; and the first
    halves of other laboratories' pictures, whose white cells are benign."""

    def __init__(self, a, read_split, limited):
        self.own, self.reference = Fields(a.prepared), a.stain == "reference"
        rows, self.split_sha256 = read_split(a.split or os.path.join(a.prepared, "split.tsv"))
        rows = [(file, label, side) for file, label, side in rows if "#" not in file]
        self.labels = np.array([label for _, label, _ in rows])
        self.rows = [self.own.of.get(file, []) for file, _, _ in rows]
        self.empty = sum(not r for r in self.rows)
        sides = np.array([side for _, _, side in rows])
        some = np.array([len(r) > 0 for r in self.rows])
        self.train, self.test = (limited(self.labels, side, a.limit) for side in ((sides == "train") & some, sides != "train"))
        self.foreign = [Fields(folder) for folder in a.foreign]

    def batch(self, rows, device):
        """Whole fields of pictures as they are, the first of each; a picture without cells is nothing but ground."""
        x = torch.full((len(rows), 3, SIDE, SIDE), GROUND)
        for k, i in enumerate(rows):
            own = [j for j in self.rows[i] if self.own.laboratory[j] == 0][:1]
            if own:
                x[k:k + 1] = standard(np.stack([self.own.pixels[own[0]]]), np.stack([self.own.cells[own[0]]]), self.own.gain[own], self.reference)
        return x.to(device), torch.from_numpy(self.labels[rows]).to(device)

    def order(self, random, foreign):
        """The training rows of an epoch, shuffled: Benign twice, and -1 for each picture of other laboratories, as many as
        the share foreign of our own."""
        order = np.concatenate([self.train, self.train[self.labels[self.train] == 0], np.full(int(foreign * len(self.train)) if self.foreign else 0, -1)])
        random.shuffle(order)
        return order

    def slot(self, row, random):
        """The fields that make up one training picture."""
        if row < 0:
            bank = self.foreign[random.randint(len(self.foreign))]
            count = 1 if random.uniform() < 0.4 else random.randint(2, 9)
            picked = random.randint(len(bank.files), size=count)
        else:
            bank = self.own
            picked = [self.drawn(row, random)]
            if random.uniform() < 0.2:
                same = self.train[self.labels[self.train] == self.labels[row]]
                picked.append(self.drawn(same[random.randint(len(same))], random))
        return [(bank.pixels[j], bank.cells[j], bank.gain[j]) for j in picked]

    def drawn(self, row, random):
        """A field of a picture, as it is or as another laboratory would have taken it."""
        rows = self.rows[row]
        plain = [j for j in rows if self.own.laboratory[j] == 0]
        if plain and random.uniform() < 0.3:
            return plain[random.randint(len(plain))]
        return rows[random.randint(len(rows))]
