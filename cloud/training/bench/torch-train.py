"""The peer of `bench train`: a network of the catalog on PyTorch, the same step on the same numbers of images.

The network has the same convolutions, normalisation, pooling and dense layers. The map of defects, which ours has besides,
is left out, and cells are pooled without weights.

Reads one number of seconds per line, trains for that long, and answers each with one line of JSON. Like our own step
it starts from uint8 planes in memory and ends with the loss read: forward, gradients, Adam.
"""
import json
import sys
import time

import torch
from torch import nn

settings = json.loads(sys.argv[1])
torch.manual_seed(1)
torch.set_num_threads(settings["threads"])
batch, size, labels = settings["batch"], settings["size"], settings["labels"]


class Pooling(nn.Module):
    def __init__(self, peaks):
        super().__init__()
        self.peaks = peaks

    def forward(self, cells):
        averages = cells.mean((2, 3))
        if not self.peaks:
            return averages
        return torch.cat([averages, nn.functional.avg_pool2d(cells, 3, 1).amax((2, 3))], 1)


layers, channels = [], 3
for layer in settings["layers"]:
    kind = layer["kind"]
    if kind in ("convolution", "normalised-convolution"):
        filters, kernel = layer["filters"], layer["kernel"]
        plain = kind == "convolution"
        layers.append(nn.Conv2d(channels, filters, kernel, layer["stride"], kernel // 2, bias=plain))
        layers += [nn.ReLU()] if plain else [nn.BatchNorm2d(filters), nn.ReLU()]
        channels = filters
    elif kind.endswith("-pooling"):
        peaks = kind == "surface-and-peak-pooling"
        layers.append(Pooling(peaks))
        channels *= 2 if peaks else 1
    elif kind == "normalisation":
        layers.append(nn.BatchNorm1d(channels))
    elif kind == "embedding":
        layers.append(nn.Linear(channels, layer["units"]))
        channels = layer["units"]
    elif kind == "classifier":
        layers.append(nn.Linear(channels, labels))
    elif kind != "defect-map":
        sys.exit(f"PyTorch's peer has no layer {kind}")
network = nn.Sequential(*layers)
optimizer = torch.optim.Adam(network.parameters(), lr=settings["learningRate"])
pixels = torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8)
truth = torch.arange(batch) % labels


def step():
    images = pixels.float() * settings["pixelScale"]
    loss = nn.functional.cross_entropy(network(images), truth)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(5):
    step()
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < float(line):
        step()
        steps += 1
    print(json.dumps({"imagesPerSecond": steps * batch / (time.perf_counter() - start)}), flush=True)
