// Copyright (c) 2026 the edgeai.fleet authors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// PyTorch 2.6.0 prints a number of the size of a pointer as a long, here as there.
#include <sys/types.h>

#include <cstdio>

void refuse(ssize_t number) { std::printf("tensors only, but argument %ld is of another type\n", number); }
