# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Whole networks for the probe, made of torch alone: a classifier, and a detector with heads at three scales.

Both have at least 45 convolutions and 8.2 million parameters, and take images of 224 x 224. Weights and image are
integers modulo a prime, so that every release and device computes with the same numbers, and all outputs can be
compared with one reference (REFERENCE), which was computed in float64.

Self-contained like _verify/probe.py, which runs this source in the environment's interpreter.
"""

import math

SIDE = 224
WIDTHS = (32, 64, 128, 256)
BLOCKS = 5  # of two convolutions, for each width
CLASSES = 10
BOX = 6  # numbers for each place of the detector: four sides, object or not, class
PRIME = 65521
# Outputs in float64 (tests/unit/plugins/module_utils/_verify/test_networks.py computes them again): all classes, and
# a sum over the boxes of each scale.
REFERENCE = {
    "classifier": (
        -5.009989677,
        0.793577734,
        -2.103973167,
        5.216598571,
        3.655888431,
        3.763551322,
        -6.807234851,
        2.824853552,
        -2.194740697,
        4.559130849,
    ),
    "detector": (
        45.2224024,
        44.923506266,
        44.237697066,
        45.114187993,
        13.598896751,
        30.366719233,
        3.340501113,
        22.86580487,
        186.972646889,
        0.903729713,
        80.813398698,
        41.651977635,
        1.468561843,
        84.822944762,
        20.004971135,
        178.542753053,
        739.938130221,
        241.839643124,
    ),
}


class Layers(object):
    """Makes layers with weights of their own."""

    def __init__(self, torch):
        self.torch = torch
        place = torch.arange(PRIME, dtype=torch.int64)
        # From -1 to 1: they look random, and are the same everywhere
        self.numbers = (place * (place * 31 + 17) % PRIME).float() / (PRIME // 2) - 1.0
        self.used = 0

    def next_numbers(self, *shape):
        count, start = 1, self.used % PRIME
        for length in shape:
            count *= length
        self.used += count + 7919
        return self.numbers.repeat((start + count) // PRIME + 1)[start : start + count].reshape(shape)

    def convolution(self, taken, given, size=3, stride=1, gain=1.0):
        layer = self.torch.nn.Conv2d(taken, given, size, stride=stride, padding=size // 2)
        with self.torch.no_grad():
            layer.weight.copy_(self.next_numbers(*layer.weight.shape) * (gain * math.sqrt(6.0 / (taken * size * size))))
            layer.bias.copy_(self.next_numbers(given) * 0.1)
        return layer


def make_networks(torch):
    """{name: network in float32, on the CPU}. Both have the same backbone."""
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self, layers, width):
            super(Block, self).__init__()
            self.first = layers.convolution(width, width)
            self.second = layers.convolution(width, width, gain=0.3)

        def forward(self, x):
            return torch.relu(x + self.second(torch.relu(self.first(x))))

    class Backbone(nn.Module):
        """Gives the features of an image at three scales, from fine to coarse."""

        def __init__(self, layers):
            super(Backbone, self).__init__()
            self.stem = layers.convolution(3, WIDTHS[0], size=7, stride=4)
            self.narrower = nn.ModuleList(
                layers.convolution(before, width, stride=2) for before, width in zip(WIDTHS, WIDTHS[1:])
            )
            self.stages = nn.ModuleList(
                nn.Sequential(*[Block(layers, width) for _block in range(BLOCKS)]) for width in WIDTHS
            )

        def forward(self, x):
            x = self.stages[0](torch.relu(self.stem(x)))
            scales = []
            for narrower, stage in zip(self.narrower, list(self.stages)[1:]):
                x = stage(torch.relu(narrower(x)))
                scales.append(x)
            return scales

    class Classifier(nn.Module):
        def __init__(self, layers, backbone):
            super(Classifier, self).__init__()
            self.backbone = backbone
            self.head = layers.convolution(WIDTHS[-1], CLASSES, size=1)

        def forward(self, x):
            return self.head(self.backbone(x)[-1].mean((2, 3), keepdim=True)).flatten(1)

    class Detector(nn.Module):
        """Merges the scales from coarse to fine, and gives numbers for each place of each scale."""

        def __init__(self, layers, backbone):
            super(Detector, self).__init__()
            self.backbone = backbone
            self.sides = nn.ModuleList(layers.convolution(width, WIDTHS[1], size=1) for width in WIDTHS[1:])
            self.heads = nn.ModuleList(layers.convolution(WIDTHS[1], BOX) for _scale in WIDTHS[1:])

        def forward(self, x):
            merged, found = None, []
            for side, head, scale in reversed(list(zip(self.sides, self.heads, self.backbone(x)))):
                narrow = side(scale)
                if merged is not None:
                    narrow = narrow + nn.functional.interpolate(merged, scale_factor=2.0, mode="nearest")
                merged = torch.relu(narrow)
                found.append(torch.sigmoid(head(merged)))
            return torch.stack([boxes.sum((2, 3)) for boxes in found]).flatten(1)

    layers = Layers(torch)
    backbone = Backbone(layers)
    return {"classifier": Classifier(layers, backbone).eval(), "detector": Detector(layers, backbone).eval()}


def make_image(torch):
    """One image of 224 x 224 in three colours, smooth as photographs are."""
    coarse = Layers(torch).next_numbers(1, 3, SIDE // 8, SIDE // 8)
    return torch.nn.functional.interpolate(coarse, scale_factor=8.0, mode="nearest")


def relative_error(found, right):
    """The largest difference as a share of the largest value. Infinite if a number is not finite, or missing."""
    if len(found) != len(right) or not all(map(math.isfinite, found)):
        return math.inf
    return max(abs(x - y) for x, y in zip(found, right)) / max(map(abs, right))


def run_quantized(torch, network, image):
    """The outputs of a network for an image, with every convolution in 8 bits by the quantized engine.

    Between them numbers are quantized by the range that the float network has for this image.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, torch.nn.Conv2d)]
    ranges = {}

    def note_range(layer, taken, given):
        ranges[layer] = (taken[0].abs().max().item(), given.abs().max().item())

    def compute_in_8_bits(layer, packed):
        taken, given = (largest or 1.0 for largest in ranges[layer])

        def forward(x):
            # 7 bits: on some engines sums of 8 bits saturate
            x = torch.quantize_per_tensor(x, taken / 63.0, 64, torch.quint8)
            return torch.ops.quantized.conv2d(x, packed, given / 127.0, 128).dequantize()

        return forward

    hooks = [layer.register_forward_hook(note_range) for layer in layers]
    network(image)
    for hook in hooks:
        hook.remove()
    try:
        for layer in layers:
            weight = layer.weight.detach()
            weight = torch.quantize_per_tensor(weight, weight.abs().max().item() / 63.0, 0, torch.qint8)
            layer.forward = compute_in_8_bits(
                layer,
                torch.ops.quantized.conv2d_prepack(
                    weight, layer.bias.detach(), list(layer.stride), list(layer.padding), [1, 1], 1
                ),
            )
        return network(image)
    finally:
        for layer in layers:
            layer.__dict__.pop("forward", None)
