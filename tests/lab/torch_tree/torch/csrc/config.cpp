// Copyright (c) 2026 the edgeai.fleet authors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sstream>
#include <utility>

#include "macros.h"
#include "torch.h"

std::string torch_show_config() {
  const std::pair<std::string, std::string> settings[] = CAFFE2_BUILD_STRINGS;
  std::ostringstream text;
  text << "PyTorch built with:\n  - GCC " << __GNUC__ << "." << __GNUC_MINOR__ << "\n  - C++ Version: " << __cplusplus << "\n  - Build settings: ";
  for (const auto& setting : settings) {
    if (!setting.second.empty()) {
      text << setting.first << "=" << setting.second << ", ";
    }
  }
  text << "\n";
  return text.str();
}
