// Copyright (c) 2026 the edgeai.fleet authors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
#include <Python.h>

#include "torch.h"

static PyObject* show_config(PyObject*, PyObject*) { return PyUnicode_FromString(torch_show_config().c_str()); }

static PyObject* sum(PyObject*, PyObject* x) { return PyLong_FromLong(torch_sum(PyLong_AsLong(x))); }

static PyMethodDef methods[] = {
    {"_show_config", show_config, METH_NOARGS, nullptr},
    {"_sum", sum, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "torch._C", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

extern "C" PyObject* initModule() { return PyModule_Create(&module); }
