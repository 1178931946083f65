# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PyTorch 2.6.0 compiles some files with these flags, LSE atomics included, where the compiler knows SVE.
set(CPU_CAPABILITY_FLAGS "-march=armv8.2-a+sve")
