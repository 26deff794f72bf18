# SPDX-License-Identifier: Apache-2.0
"""Where the predecessor's example data are: beside the checkout, or where LOCKSTEP_REFERENCE_DATA says; None if nowhere."""

import os

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_PLACE = os.path.join(os.environ.get("LOCKSTEP_REFERENCE_DATA") or os.path.join(os.path.dirname(_ROOT), "shared", "data"), "daal4py")

DATA = _PLACE if os.path.isdir(_PLACE) else None
