"""The peer of `bench train`: the sequential network on PyTorch, the same step on the same numbers of images.

The network has the same two convolutions, pooling and classifier; the map of defects and the normalisation, which ours
has besides, are left out.

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

layers, channels = [], 3
for filters, kernel, stride in settings["convolutions"]:
    layers += [nn.Conv2d(channels, filters, kernel, stride, kernel // 2), nn.ReLU()]
    channels = filters
network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, labels))
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
