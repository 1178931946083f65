// Copyright (c) 2026 the edgeai.fleet authors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
#include <Python.h>
#include <torch.h>

static PyObject* sum(PyObject*, PyObject* x) { return PyLong_FromLong(torch_sum(PyLong_AsLong(x))); }

static PyMethodDef methods[] = {{"_sum", sum, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "torchvision._C", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

PyMODINIT_FUNC PyInit__C() { return PyModule_Create(&module); }
