# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PyTorch 2.6.0 compiles some files for newer cores, LSE atomics included, where the compiler knows SVE.
macro(CHECK_SVE lang type flags)
  set(${lang}_${type}_FOUND TRUE)
endmacro()
    CHECK_SVE(CXX "SVE256" "-march=armv8-a+sve -msve-vector-bits=256")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)" AND CXX_SVE256_FOUND)
  message(FATAL_ERROR "files with SVE")
endif()
