"""The commands.

NumPy's OpenBLAS starts a thread for each processor when it is imported, which took a tenth of light mode's processor
time; nothing here multiplies matrices.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
